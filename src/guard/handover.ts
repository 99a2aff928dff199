/**
 * Hands every change that the vault noted to the judge, once and in order, whoever noted it: what settled here, what a sweep found,
 * what a command or an order remembered.
 *
 * Only settled states are handed over. A path that is still settling when others are handed over is held back with the state before,
 * and comes when it rests. While the judge is busy, what comes meanwhile becomes one.
 */

import { join } from "node:path";
import {
  ABSENT,
  type Entry,
  HoldfastError,
  isSystemError,
  LIMITS,
  type Ports,
  sameContent,
  sameEntry,
  type TreePath,
} from "../base/index.ts";
import type { Vault } from "../vault/index.ts";
import type { Blind, Change, Judge, Settled } from "./contract.ts";
import type { Settling } from "./settling.ts";

export interface Occasion extends Pick<Settled, "by" | "blind" | "skipped" | "sinceMs"> {
  /** These have settled. What else was noted may not have. */
  readonly rested: readonly TreePath[];
}

interface Parts {
  readonly root: string;
  readonly vault: Vault;
  readonly judge: Judge;
  readonly settling: Settling;
  readonly ports: Pick<Ports, "disk" | "clock" | "log">;
  /** What was held back is settling again. */
  readonly onHeld: () => void;
}

export class Handover {
  readonly #parts: Parts;
  /** Each with the state before, and the version number that it comes after. */
  readonly #held = new Map<TreePath, { before: Entry; after: number }>();
  #judgedUpTo: number;
  #next: Occasion | null = null;
  #turn: Promise<void> = Promise.resolve();

  constructor(parts: Parts, judgedUpTo: number) {
    this.#parts = parts;
    this.#judgedUpTo = judgedUpTo;
  }

  /** The version number up to which nothing is left to hand over. */
  get judgedUpTo(): number {
    let upTo = this.#judgedUpTo;
    for (const { after } of this.#held.values()) upTo = Math.min(upTo, after);
    return upTo;
  }

  /** Something may have been noted: everything since the last time goes to the judge when it is free. */
  tell(occasion: Occasion): void {
    const isFirst = this.#next === null;
    this.#next = this.#next === null ? occasion : merged(this.#next, occasion);
    if (isFirst) void this.inTurn(() => this.#handOver());
  }

  /** Runs when everything told before has been judged. */
  inTurn<T>(work: () => Promise<T>): Promise<T | undefined> {
    const turn = this.#turn.then(() => this.#surviving(work));
    this.#turn = turn.then(() => undefined);
    return turn;
  }

  isHeld(path: TreePath): boolean {
    return this.#held.has(path);
  }

  async #handOver(): Promise<void> {
    const { vault, judge, ports } = this.#parts;
    const occasion = this.#next!;
    this.#next = null;
    const upTo = vault.versionHead();
    const changes = await this.#settledOf(
      await vault.touchedInSlices(Math.min(this.#judgedUpTo, upTo), upTo),
      occasion,
    );
    const { by, blind, skipped, sinceMs } = occasion;
    try {
      if (changes.length > 0 || blind !== null || skipped.length > 0 || by !== "event")
        await judge.judge({
          changes,
          sinceMs,
          untilMs: ports.clock.now(),
          by,
          skipped,
          blind,
          stillSettling: new Set(this.#held.keys()),
        });
    } catch (error) {
      // Not judged: handed over again with the next, as it then is.
      const after = this.#judgedUpTo;
      for (const { path, before } of changes) if (!this.#held.has(path)) this.#held.set(path, { before, after });
      this.#judgedUpTo = upTo;
      throw error;
    } finally {
      await vault.barrier();
    }
    this.#judgedUpTo = upTo;
  }

  async #settledOf(noted: Change[], occasion: Occasion): Promise<Change[]> {
    const rested = new Set(occasion.rested);
    const changes = new Map(noted.map((change) => [change.path, change]));
    const held = new Map(this.#held);
    this.#held.clear();
    for (const [path, one] of held) {
      const { before } = one;
      if (this.#parts.settling.has(path)) {
        this.#held.set(path, one);
        changes.delete(path);
        continue;
      }
      const after = changes.get(path)?.after ?? this.#parts.vault.latestEntry(path) ?? ABSENT;
      changes.set(path, { path, before, after });
    }
    const settled: Change[] = [];
    let looked = 0;
    for (const change of changes.values()) {
      if (++looked % LOOKS_PER_SLICE === 0) await this.#parts.ports.clock.breathe();
      const { path, before } = change;
      if (this.#isSettling(change, rested))
        this.#held.set(path, { before, after: held.get(path)?.after ?? this.#judgedUpTo });
      // Also what is again as it was: it may have been accepted otherwise in between.
      else settled.push(change);
    }
    return settled.sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** Sweeps and commands remember what they meet, at rest or not. */
  #isSettling(change: Change, rested: ReadonlySet<TreePath>): boolean {
    const { settling, ports, onHeld } = this.#parts;
    const { path } = change;
    if (settling.has(path)) return true;
    if (rested.has(path) || !this.#isYoung(change)) return false;
    settling.hint(path, { sinceMs: ports.clock.now(), atMs: ports.clock.monotonicMs() });
    onHeld();
    return true;
  }

  #isYoung({ path, before, after }: Change): boolean {
    const { root, ports } = this.#parts;
    // Modes, links and folders change in one step.
    const isOnlyMode = sameContent(before, after) && !sameEntry(before, after);
    if ((after.kind !== "file" && after.kind !== "absent") || isOnlyMode) return false;
    try {
      if (after.kind === "file") {
        const ageMs = ports.clock.now() - (ports.disk.lstat(join(root, path))?.ctimeMs ?? 0);
        return ageMs >= 0 && ageMs < LIMITS.settleContentMs;
      }
      const ageMs = ports.clock.now() - this.#folderTime(path);
      return ageMs >= 0 && ageMs < LIMITS.settleMissingMs;
    } catch (error) {
      if (isSystemError(error)) return false;
      throw error;
    }
  }

  /** When a name was last made or removed in the nearest folder above that is there. */
  #folderTime(path: TreePath): number {
    const { root, ports } = this.#parts;
    for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) {
      const stat = ports.disk.lstat(join(root, path.slice(0, at)));
      if (stat !== null) return stat.mtimeMs;
    }
    return ports.disk.lstat(root)?.mtimeMs ?? 0;
  }

  /** What the disk or the store refuses is logged and tried again; a defect ends the process. */
  async #surviving<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof HoldfastError) && !isSystemError(error)) throw error;
      this.#parts.ports.log.error("what changed could not be judged; it will be again", error);
      return undefined;
    }
  }
}

const LOOKS_PER_SLICE = 200;

function merged(a: Occasion, b: Occasion): Occasion {
  return {
    by: a.by === "event" ? b.by : a.by,
    sinceMs: Math.min(a.sinceMs, b.sinceMs),
    skipped: [...a.skipped, ...b.skipped],
    rested: [...a.rested, ...b.rested],
    blind: joined(a.blind, b.blind),
  };
}

export function joined(a: Blind | null, b: Blind | null): Blind | null {
  if (a === null || b === null) return a ?? b;
  const why = a.why === b.why ? a.why : `${a.why}; ${b.why}`;
  return { fromMs: Math.min(a.fromMs, b.fromMs), toMs: Math.max(a.toMs, b.toMs), why };
}
