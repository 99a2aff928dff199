/**
 * The eyes of the guard: from start to stop, every settled state of every remembered path is in the vault, and the judge hears of each.
 *
 * Events are hints for `Looker`; the sweep trusts none of them. One loop does both, one after the other; a tick beside it
 * notices what raises no event: a gap in time, a mount, another root, git's rest. Too many hints are not kept: they become a sweep.
 *
 * Crash: what had not settled is found by the sweep at the next start, and the stretch in between is told as blind.
 */

import { HoldfastError, isSystemError, LIMITS, type Ports, type TreePath } from "../base/index.ts";
import type { FolderPath, Tree } from "../tree/index.ts";
import type { Vault } from "../vault/index.ts";
import type { Blind, Eyes, EyesState, Judge } from "./contract.ts";
import { GitAtWork } from "./git-at-work.ts";
import { Handover } from "./handover.ts";
import { Hints } from "./hints.ts";
import type { LookedStore } from "./looked.ts";
import { Looker } from "./looker.ts";
import { Root } from "./root.ts";
import { Settling } from "./settling.ts";
import { type SweepRequest, SweepRequests } from "./sweep-requests.ts";
import { Sweeper } from "./sweeper.ts";
import { Ticker } from "./ticker.ts";
import { Waiters } from "./waiters.ts";
import { foldersOf, Watcher } from "./watcher.ts";

export interface EyesParts {
  readonly tree: Tree;
  readonly looked: LookedStore;
  readonly vault: Vault;
  readonly ports: Ports;
  /** Paths of components: watched first when there are not enough watches. */
  readonly protectedPaths: () => readonly TreePath[];
  /** Milliseconds between sweeps. */
  readonly sweepMs: () => number;
  readonly judge: Judge;
  /** Whether a traced git command has not ended yet. */
  readonly gitIsTraced?: () => boolean;
}

/** Without a reason, each abort would make an error with a stack. */
const WOKEN = "woken";

export function openEyes(parts: EyesParts): Eyes {
  return new OpenEyes(parts);
}

class OpenEyes implements Eyes {
  readonly #parts: EyesParts;
  readonly #settling = new Settling();
  readonly #root: Root;
  readonly #watcher: Watcher;
  readonly #git: GitAtWork;
  readonly #handover: Handover;
  readonly #looker: Looker;
  readonly #hints: Hints;
  readonly #sweeper: Sweeper;
  readonly #ticker: Ticker;
  readonly #sweeps = new SweepRequests();
  readonly #stopping = new AbortController();
  readonly #waiters = new Waiters();
  #protectedFolders = new Set<string>();
  #wake = new AbortController();
  #loops: Promise<void>[] = [];
  #isBraked = false;
  #lookedAtMs: number;
  #savedMs = Number.NEGATIVE_INFINITY;
  #swept: EyesState["swept"] = null;
  #blind: Blind | null = null;
  #sweptMs = 0;
  #slicedMs: number;
  #deepAfter: string | null;

  constructor(parts: EyesParts) {
    this.#parts = parts;
    const { tree, vault, ports, judge } = parts;
    const looked = parts.looked.load();
    const rootPath = tree.root;
    this.#root = new Root(rootPath, ports, looked?.root ?? null);
    this.#lookedAtMs = looked?.atMs ?? ports.clock.now();
    this.#deepAfter = looked?.deepAfter ?? null;
    this.#slicedMs = ports.clock.monotonicMs();
    const isProtected = (folder: FolderPath) => this.#protectedFolders.has(folder);
    this.#watcher = new Watcher({
      root: rootPath,
      watch: ports.watch,
      isProtected,
      onHint: (folder, name) => this.#hints.take(folder, name),
      onLoss: (why) => this.#hints.flood(why),
    });
    const onHint = () => this.#hints.sight();
    this.#git = new GitAtWork({ tree, ports, isTraced: parts.gitIsTraced ?? (() => false), onHint });
    const settling = this.#settling;
    const onWork = () => this.#wakeUp();
    this.#handover = new Handover(
      { root: rootPath, vault, judge, settling, ports, onHeld: onWork },
      looked?.judgedUpTo ?? vault.versionHead(),
    );
    const shared = { rootPath, vault, ports, watcher: this.#watcher, root: this.#root, handover: this.#handover };
    this.#looker = new Looker({ ...shared, settling, git: this.#git });
    this.#hints = new Hints({ settling, looker: this.#looker, judge, ports, onWork });
    const onNewFolder = (folder: FolderPath) => this.#looker.hintFolder(folder, this.#hints.now());
    this.#sweeper = new Sweeper({ ...shared, isProtected, onNewFolder });
    this.#ticker = new Ticker(rootPath, ports);
  }

  async start(): Promise<void> {
    const { ports } = this.#parts;
    this.#root.adopt();
    this.#git.start();
    const fromMs = this.#lookedAtMs;
    const wasAway = this.#parts.looked.load() !== null;
    const blind = wasAway ? { fromMs, toMs: ports.clock.now(), why: "no daemon ran" } : null;
    const swept = this.#askSweep({ by: "start", why: "the start", blind });
    this.#loops = [this.#pump(), this.#tickAgainAndAgain()];
    await swept;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wakeUp();
    await Promise.all(this.#loops);
    this.#watcher.close();
    this.#git.stop();
    await this.#handover.inTurn(async () => this.#save());
  }

  async sweepNow(deep: boolean): Promise<void> {
    await this.#askSweep({ by: deep ? "deep-sweep" : "sweep", why: "asked for", blind: null });
    await this.#handover.inTurn(async () => {});
  }

  async remembered(): Promise<void> {
    const { clock } = this.#parts.ports;
    // What is being handed over may have to settle first; so may events that the system holds already.
    await this.#handover.inTurn(async () => {});
    await clock.breathe();
    await clock.breathe();
    const settled = this.#waiters.wait(clock.monotonicMs());
    this.#wakeUp();
    await settled;
    await this.#handover.inTurn(async () => {});
  }

  rememberNow(): Promise<void> {
    const knowsAll = this.#swept !== null && this.#watcher.isComplete && this.#sweeps.areDone && !this.#hints.isFlooded;
    return this.#looker.rememberNow(knowsAll);
  }

  state(): EyesState {
    return {
      ...this.#watcher.state(),
      settling: this.#settling.size,
      swept: this.#swept,
      blind: this.#blind,
      root: this.#root.trouble,
    };
  }

  /** Sweeps and rounds, one after the other, as long as there is something to do. */
  async #pump(): Promise<void> {
    const { clock, log } = this.#parts.ports;
    while (!this.#stopping.signal.aborted) {
      try {
        if (await this.#isRootThere()) await this.#work();
      } catch (error) {
        if (!(error instanceof HoldfastError) && !isSystemError(error)) throw error;
        log.error("the tree could not be looked at; it is tried again", error);
        await clock.sleep(LIMITS.guardTickMs, this.#stopping.signal);
      }
      await this.#untilThereIsWork(clock.monotonicMs());
    }
    this.#release();
  }

  /** What is hinted waits a moment for the rest of its burst; what has rested waits for nothing. */
  async #untilThereIsWork(lookedMs: number): Promise<void> {
    const { clock } = this.#parts.ports;
    await clock.breathe();
    for (;;) {
      this.#wake = new AbortController();
      this.#release();
      const waitMs = this.#nextMs(lookedMs) - clock.monotonicMs();
      if (waitMs <= 0 || this.#stopping.signal.aborted) return;
      await clock.sleep(waitMs, this.#wake.signal);
    }
  }

  async #work(): Promise<void> {
    const flood = this.#hints.takeFlood();
    if (flood !== null) void this.#askSweep({ by: "sweep", why: flood.why, blind: flood });
    await this.#sweeps.carryOut((request) => this.#sweepOnce(request));
    if (this.#settling.size > 0 || this.#looker.hasWork) await this.#looker.round();
    this.#lookedAtMs = this.#parts.ports.clock.now();
  }

  async #sweepOnce(request: SweepRequest): Promise<void> {
    const { protectedPaths, ports } = this.#parts;
    this.#protectedFolders = foldersOf(protectedPaths());
    await this.#sweeper.sweep(request, this.#lookedAtMs);
    this.#swept = { atMs: ports.clock.now(), why: request.why };
    this.#blind = request.blind ?? this.#blind;
    this.#sweptMs = ports.clock.monotonicMs();
  }

  #askSweep(request: SweepRequest): Promise<void> {
    const done = this.#sweeps.ask(request);
    this.#wakeUp();
    return done;
  }

  /** The brake: while the root is not the folder that was guarded, nothing is looked at. */
  async #isRootThere(): Promise<boolean> {
    const { judge, ports } = this.#parts;
    const trouble = this.#root.check();
    if (trouble !== null) {
      if (!this.#isBraked) await this.#handover.inTurn(() => judge.rootTrouble(trouble));
      this.#isBraked = true;
      this.#settling.clear();
      this.#looker.forget();
      this.#watcher.close();
      this.#sweeps.refuse(new HoldfastError("TREE_NOT_FOUND", trouble.why, { data: { root: trouble.kind } }));
      return false;
    }
    if (!this.#isBraked) return true;
    this.#isBraked = false;
    await this.#handover.inTurn(() => judge.rootTrouble(null));
    const blind = { fromMs: this.#lookedAtMs, toMs: ports.clock.now(), why: "the tree was not there" };
    void this.#askSweep({ by: "sweep", why: blind.why, blind });
    return true;
  }

  /** Called with each event: an abort that is none any more would still make its error. */
  #wakeUp(): void {
    if (!this.#wake.signal.aborted) this.#wake.abort(WOKEN);
  }

  /** When to look next; `lookedMs`: when the last look ended. */
  #nextMs(lookedMs: number): number {
    if (this.#isBraked) return lookedMs + LIMITS.guardTickMs;
    if (!this.#sweeps.isEmpty) return lookedMs;
    const hasHints = this.#settling.isHinted || this.#looker.hasWork;
    const hintsMs = hasHints ? lookedMs + LIMITS.lookSpacingMs : Number.POSITIVE_INFINITY;
    return Math.min(hintsMs, this.#settling.dueMs(), this.#hints.floodEndsMs(), lookedMs + LIMITS.guardTickMs);
  }

  #release(): void {
    const isStopping = this.#stopping.signal.aborted;
    const isBusy =
      !this.#sweeps.isEmpty || this.#looker.hasWork || this.#hints.floodEndsMs() < Number.POSITIVE_INFINITY;
    if (isStopping) this.#waiters.release(Number.POSITIVE_INFINITY);
    else if (!isBusy) this.#waiters.release(this.#settling.oldestMs());
  }

  async #tickAgainAndAgain(): Promise<void> {
    const { clock, log } = this.#parts.ports;
    for (;;) {
      await clock.sleep(LIMITS.guardTickMs, this.#stopping.signal);
      if (this.#stopping.signal.aborted) return;
      try {
        await this.#tick();
      } catch (error) {
        if (!(error instanceof HoldfastError) && !isSystemError(error)) throw error;
        log.error("a tick of the guard failed", error);
      }
    }
  }

  async #tick(): Promise<void> {
    const { judge, sweepMs, ports } = this.#parts;
    const { gap, clockJumpMs, mountsChanged } = this.#ticker.tick();
    const ask = (why: string, blind: Blind | null) => void this.#askSweep({ by: "sweep", why, blind });
    if (gap !== null) ask(gap.why, gap);
    else if (clockJumpMs !== 0) ask("the clock jumped", null);
    if (mountsChanged) ask("the mount table changed", null);
    const nowMs = ports.clock.monotonicMs();
    const everyMs = this.#watcher.isComplete ? sweepMs() : Math.min(sweepMs(), LIMITS.sweepUnwatchedMs);
    if (this.#swept !== null && nowMs - this.#sweptMs >= everyMs) ask("time for it", null);
    if (this.#git.cameToRest()) void this.#handover.inTurn(() => judge.gitMoved());
    if (this.#isBraked) {
      this.#wakeUp();
      return;
    }
    if (nowMs - this.#slicedMs >= LIMITS.deepSliceMs && this.#swept !== null) {
      this.#slicedMs = nowMs;
      this.#deepAfter = await this.#sweeper.deepSlice(this.#deepAfter);
    }
    if (nowMs - this.#savedMs >= LIMITS.lookedSaveMs) this.#save();
  }

  #save(): void {
    this.#savedMs = this.#parts.ports.clock.monotonicMs();
    const atMs = this.#lookedAtMs;
    const { judgedUpTo } = this.#handover;
    this.#parts.looked.save({ atMs, judgedUpTo, root: this.#root.identity, deepAfter: this.#deepAfter });
  }
}
