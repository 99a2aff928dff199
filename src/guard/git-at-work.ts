/**
 * When git was at work in the tree, and that it came to rest. What changes while it works is not settled before it has ended.
 *
 * At work is: `index.lock` is there, or a git command was traced that has not ended. An open merge or rebase is not: it may
 * last for days, in which a person edits.
 */

import { isSystemError, LIMITS, type Ports, type Watch } from "../base/index.ts";
import type { Tree } from "../tree/index.ts";

/** A lock this old was left by a crash, or an editor is open on a commit message. */
const LOCK_AGE_MS_MAX = 10_000;
/** Hints come after the fact, and in no order between folders. */
const SLACK_MS = 50;
const WINDOWS_MAX = 64;
/** What moves when commits, branches or the index do. */
const SIGNS = ["index", "HEAD", "ORIG_HEAD", "FETCH_HEAD", "MERGE_HEAD", "logs/HEAD", "rebase-merge", "rebase-apply"];

interface Parts {
  readonly tree: Pick<Tree, "git">;
  readonly ports: Pick<Ports, "disk" | "clock" | "watch">;
  /** Whether a traced git command has not ended yet. */
  readonly isTraced: () => boolean;
  /** Synchronously with each event of git's folder. */
  readonly onHint: () => void;
}

export class GitAtWork {
  readonly #parts: Parts;
  readonly #windows: { fromMs: number; toMs: number | null }[] = [];
  #watch: Watch | null = null;
  #stamp = "";
  #restDueMs: number | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  start(): void {
    const { tree, ports, onHint } = this.#parts;
    if (tree.git === null) return;
    this.#stamp = this.#signs();
    try {
      this.#watch = ports.watch.watchFolder(
        tree.git.gitDir,
        (name) => {
          if (name === "index.lock") this.#noteLock();
          this.look();
          onHint();
        },
        () => this.stop(),
      );
    } catch (error) {
      // Polled then, by each tick and each look.
      if (!isSystemError(error)) throw error;
    }
  }

  stop(): void {
    this.#watch?.close();
    this.#watch = null;
  }

  /** Notes whether git is at work right now. */
  look(): boolean {
    const nowMs = this.#parts.ports.clock.monotonicMs();
    const open = this.#windows.at(-1)?.toMs === null ? this.#windows.at(-1)! : null;
    const isAtWork = this.#isLocked() || this.#parts.isTraced();
    if (isAtWork && open === null) this.#windows.push({ fromMs: nowMs, toMs: null });
    if (!isAtWork && open !== null) open.toMs = nowMs;
    if (this.#windows.length > WINDOWS_MAX) this.#windows.shift();
    if (isAtWork || this.#restDueMs === null) this.#restDueMs = nowMs + LIMITS.gitSettleMs;
    return isAtWork;
  }

  /** Most locks are gone when their event is heard of. */
  #noteLock(): void {
    const nowMs = this.#parts.ports.clock.monotonicMs();
    const last = this.#windows.at(-1);
    if (last?.toMs === null) return;
    if (last !== undefined && nowMs - last.toMs <= SLACK_MS) last.toMs = nowMs;
    else this.#windows.push({ fromMs: nowMs, toMs: nowMs });
    this.#restDueMs = nowMs + LIMITS.gitSettleMs;
  }

  /** Before when a change that was hinted at `atMs` is not settled, as far as git goes; 0 when git did not work then. */
  notBeforeMs(atMs: number): number {
    const nowMs = this.#parts.ports.clock.monotonicMs();
    for (const { fromMs, toMs } of this.#windows) {
      if (atMs >= fromMs - SLACK_MS && atMs <= (toMs ?? nowMs) + SLACK_MS) return (toMs ?? nowMs) + LIMITS.gitSettleMs;
    }
    return 0;
  }

  /** True once after git moved something and came to rest. */
  cameToRest(): boolean {
    const { git } = this.#parts.tree;
    if (git === null || this.look()) return false;
    if (this.#restDueMs === null || this.#restDueMs > this.#parts.ports.clock.monotonicMs()) return false;
    this.#restDueMs = null;
    const stamp = this.#signs();
    if (stamp === this.#stamp) return false;
    this.#stamp = stamp;
    return true;
  }

  #isLocked(): boolean {
    const { tree, ports } = this.#parts;
    const stat = tree.git === null ? null : ports.disk.lstat(`${tree.git.gitDir}/index.lock`);
    return stat !== null && ports.clock.now() - stat.ctimeMs < LOCK_AGE_MS_MAX;
  }

  #signs(): string {
    const { tree, ports } = this.#parts;
    return SIGNS.map((name) => {
      const stat = ports.disk.lstat(`${tree.git!.gitDir}/${name}`);
      return stat === null ? "" : `${stat.ino}:${stat.sizeBytes}:${stat.mtimeMs}`;
    }).join(" ");
  }
}
