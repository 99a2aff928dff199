/**
 * Remembers the settled state of the tree: gather what changed (`scan.ts`), commit it as one batch, keep the new signatures.
 *
 * One at a time in an instance; others wait their turn. Crash before the commit: nothing happened. Crash after it, before the
 * signatures are saved: the next one reads some files again, and finds that their states are no news.
 */

import { HoldfastError, isSystemError, type Progress, type TreePath, Turns } from "../base/index.ts";
import {
  askTracked,
  askTrackedAmong,
  type GitIgnoring,
  NO_GIT_IGNORING,
  outerIgnores,
  trackedKey,
  type WalkRequest,
} from "../tree/index.ts";
import { Batch, type BatchParts } from "./batch.ts";
import type { Extra } from "./commit.ts";
import type { Remembered, Skipped } from "./contract.ts";
import { type ContentTaker, digestsOnly } from "./file-intake.ts";
import { Glance } from "./glance.ts";
import { mergePart, outermost } from "./merge-part.ts";
import { PackedFolder } from "./packed-folder.ts";
import { RulesKeeper, type RulesOfNow } from "./remember-rules.ts";
import { Scan } from "./scan.ts";
import { doubt, looksSame, noSignatures, type Signatures, signaturesFromStates } from "./signatures.ts";
import { loadSignatures, saveSignatures } from "./signatures-file.ts";
import { Standing } from "./standing.ts";
import { lookAside, unmovedIn } from "./unmoved.ts";
import type { VaultParts } from "./vault.ts";

export interface RememberOptions {
  readonly paths: readonly TreePath[] | null;
  /** Take untracked files of any size. */
  readonly anySize: boolean;
  readonly deep?: boolean;
  readonly progress?: Progress | undefined;
  readonly alsoCommit?: ((remembered: Remembered) => void) | undefined;
  readonly durable?: "now" | "later";
  readonly extra?: ((soFar: Omit<Remembered, "upTo">) => Extra) | undefined;
}

export class Rememberer {
  readonly #parts: VaultParts;
  readonly #inside: BatchParts;
  readonly #rules: RulesKeeper;
  #signatures: Signatures | null = null;
  /** What others noted up to here is doubted in them already. */
  #doubted: { signatures: Signatures | null; upTo: number } = { signatures: null, upTo: 0 };
  #unsaved = false;
  readonly #turns = new Turns();

  constructor(parts: VaultParts, inside: BatchParts) {
    this.#parts = parts;
    this.#inside = inside;
    this.#rules = new RulesKeeper(parts);
  }

  remember(options: RememberOptions): Promise<Remembered> {
    return this.#turns.inTurn(() => this.#remember(options));
  }

  /** What differs from the last remembered state, by digest; nothing is remembered. */
  look(paths: readonly TreePath[] | null): Promise<Scan> {
    return this.#turns.inTurn(async () => (await this.#scan({ paths, anySize: true }, digestsOnly())).scan);
  }

  /** A look at single paths, good for a moment: until something else is remembered. */
  async glance(): Promise<Glance> {
    const { tree, ports } = this.#parts;
    const { signatures } = await this.#current();
    const { outerIgnores: outer, ignoring } = await outerIgnores(tree, ports, gitIgnoringOf(signatures));
    const walk = this.#walkRequest(this.#rules.now(outer, ignoring), signatures);
    return new Glance(walk, signatures, this.#inside.intake, ports.clock);
  }

  close(): void {
    if (this.#unsaved && this.#signatures !== null) this.#save(this.#signatures);
  }

  async #remember(options: RememberOptions): Promise<Remembered> {
    const { clock } = this.#parts.ports;
    const beganMs = clock.monotonicMs();
    const batch = new Batch(this.#inside);
    try {
      const { scan, signatures, head, install } = await this.#scan(options, batch.sink);
      for (const { path, entry } of scan.changed) batch.note(path, entry);
      const soFar = {
        files: scan.files,
        bytes: scan.bytes,
        changedPaths: scan.changed.length,
        newBytes: batch.sink.newBytes,
        skipped: sortedSkips(scan.skipped),
        linked: scan.linked,
        elapsedMs: clock.monotonicMs() - beganMs,
      };
      const extra = options.extra?.(soFar);
      const { result, upTo, firstNumber, overtaken } = await batch.commitWith({
        seenSince: head,
        alsoCommit: (reached) => {
          const remembered = { ...soFar, upTo: reached, elapsedMs: clock.monotonicMs() - beganMs };
          options.alsoCommit?.(remembered);
          return remembered;
        },
        ...(extra !== undefined && { extra }),
        durable: options.durable ?? "now",
      });
      install();
      this.#reached(signatures, { head, firstNumber, upTo, isWhole: options.paths === null });
      if (overtaken.length > 0) await this.#remember({ paths: overtaken, anySize: options.anySize });
      return { ...result, elapsedMs: clock.monotonicMs() - beganMs };
    } finally {
      batch.abort();
    }
  }

  /** The signatures vouch for everything up to the commit, but for what others noted meanwhile. */
  #reached(signatures: Signatures, now: { head: number; firstNumber: number; upTo: number; isWhole: boolean }): void {
    const { versions } = this.#inside;
    if (now.firstNumber > now.head + 1) {
      for (const path of versions.pathsBetween(now.head, now.firstNumber - 1)) doubt(signatures, path);
    }
    signatures.upTo = now.upTo;
    signatures.momentId = versions.momentId(now.upTo)?.toString("hex") ?? "";
    this.#signatures = signatures;
    this.#unsaved = true;
    if (now.isWhole) this.#save(signatures);
  }

  #save(signatures: Signatures): void {
    const { ports, tree } = this.#parts;
    this.#unsaved = false;
    try {
      const saved = saveSignatures({ path: tree.state.signatures, scratch: tree.state.scratch }, signatures, ports);
      if (this.#signatures === signatures) this.#signatures = saved;
    } catch (error) {
      if (!isSystemError(error)) throw error;
      // What was remembered is committed: that the next start will be slower does not make it fail.
      ports.log.warn("the signatures could not be saved", { why: error.message });
    }
  }

  async #scan(
    options: Pick<RememberOptions, "paths" | "anySize" | "deep" | "progress">,
    sink: ContentTaker,
  ): Promise<Scanned> {
    const { ports, tree } = this.#parts;
    if (ports.disk.lstat(tree.root)?.kind !== "dir") {
      throw new HoldfastError("TREE_NOT_FOUND", `The tree's folder ${tree.root} is gone.`, {
        data: { root: tree.root },
      });
    }
    const { signatures: before, head } = await this.#current();
    const outer = await outerIgnores(tree, ports, gitIgnoringOf(before));
    let { ignoring } = outer;
    const skipped: Skipped[] = [];
    let asked = this.#askTracked(ignoring, before.ignoreFiles, skipped);
    for (;;) {
      const rules = this.#rules.now(outer.outerIgnores, ignoring);
      const after = { ...noSignatures(), rulesKey: rules.key, file: before.file };
      const walk = this.#walkRequest(rules, before);
      const looked = options.paths === null && !options.deep ? lookAside(before, walk, ports) : null;
      const scan = new Scan({
        walk: options.deep ? walk : { ...walk, unmoved: (path) => unmovedIn(before, path, { ...walk, looked }) },
        standing: new Standing(walk, ports.clock),
        before,
        after,
        intake: this.#inside.intake,
        sink,
        maxFileBytes: options.anySize ? Number.POSITIVE_INFINITY : this.#parts.config().remember.maxFileBytes,
        isTracked: (paths) => askTrackedAmong(tree, ports, paths),
        clock: ports.clock,
        deep: options.deep ?? false,
        onProgress: (files) => options.progress?.("remember", files, null),
      });
      if (options.paths === null) await scan.folder(null).finally(() => looked?.stop());
      else for (const path of outermost(options.paths)) await scan.path(path);
      const ignoreFiles = options.paths === null ? after.ignoreFiles : before.ignoreFiles;
      // Git may have been asked before an ignore file was met that nobody knew.
      if (asked === null || trackedKey(tree, ports, ignoring.outerKey, ignoreFiles) !== asked.key)
        asked = this.#askTracked(ignoring, ignoreFiles, skipped);
      const answer = asked === null ? null : await asked.tracked;
      const same = answer === null || sameList(answer, ignoring.tracked);
      ignoring =
        asked === null
          ? ignoring
          : { ...ignoring, trackedKey: answer === null ? null : asked.key, tracked: answer ?? ignoring.tracked };
      if (!same) continue;
      scan.skipped.push(...skipped);
      return this.#scanned(scan, before, { ...after, extra: ignoring }, head, options.paths !== null);
    }
  }

  #scanned(scan: Scan, before: Signatures, after: Signatures, head: number, isPart: boolean): Scanned {
    if (!isPart) return { scan, signatures: after, head, install: () => {} };
    return { scan, signatures: before, head, install: () => mergePart(before, after, scan) };
  }

  /** Asks git, aside, which ignored paths it tracks; `null` when what it would say is known. */
  #askTracked(
    ignoring: GitIgnoring,
    ignoreFiles: ReadonlyMap<string, string>,
    skipped: Skipped[],
  ): { key: string; tracked: Promise<string[] | null> } | null {
    const { tree, ports } = this.#parts;
    const key = trackedKey(tree, ports, ignoring.outerKey, ignoreFiles);
    if (tree.git === null || key === ignoring.trackedKey) return null;
    const tracked = askTracked(tree, ports).catch((error: unknown) => {
      skipped.push({
        path: ".git",
        why: `git could not say which ignored files it tracks (${(error as Error).message})`,
      });
      return null;
    });
    return { key, tracked };
  }

  #walkRequest({ rules, key }: RulesOfNow, before: Signatures): WalkRequest {
    const { tree, ports } = this.#parts;
    const walk = {
      root: tree.root,
      disk: ports.disk,
      rules,
      useIgnoreFiles: tree.git !== null,
      knownIgnoreFiles: before.ignoreFiles,
    };
    if (before.rulesKey !== key) return walk;
    return {
      ...walk,
      known: (path, stat) => {
        const folder = before.folders.get(path);
        if (folder === undefined || !looksSame(folder.look, stat)) return null;
        const packed = folder instanceof PackedFolder ? folder.packed : null;
        return packed === null ? folder : { names: packed.listed(), skipped: packed.skipped };
      },
    };
  }

  /** The signatures in memory, else of the file, else made from the store; and the head of versions that they are up to date with. */
  async #current(): Promise<{ signatures: Signatures; head: number }> {
    const { versions } = this.#inside;
    const head = versions.head();
    let signatures = this.#signatures ?? loadSignatures(this.#parts.tree.state.signatures, this.#parts.ports.disk);
    if (
      signatures !== null &&
      (signatures.upTo > head || (versions.momentId(signatures.upTo)?.toString("hex") ?? "") !== signatures.momentId)
    ) {
      signatures = null;
    }
    if (signatures === null) return { signatures: signaturesFromStates(versions.statesAt(head, null)), head };
    if (this.#doubted.signatures !== signatures) this.#doubted = { signatures, upTo: signatures.upTo };
    for (const path of versions.pathsBetween(Math.max(signatures.upTo, this.#doubted.upTo), head))
      doubt(signatures, path);
    this.#doubted.upTo = head;
    return { signatures, head };
  }
}

interface Scanned {
  readonly scan: Scan;
  /** What to keep after the commit, once `install` has run. */
  readonly signatures: Signatures;
  readonly head: number;
  install(): void;
}

function gitIgnoringOf(signatures: Signatures): GitIgnoring {
  return (signatures.extra as GitIgnoring | null) ?? NO_GIT_IGNORING;
}

function sortedSkips(skipped: readonly Skipped[]): Skipped[] {
  return [...skipped].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one, index) => one === b[index]);
}
