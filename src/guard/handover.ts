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
  sameEntry,
  type TreePath,
} from "../base/index.ts";
import type { Vault } from "../vault/index.ts";
import type { Blind, Change, Judge, Settled } from "./contract.ts";
import type { Settling } from "./settling.ts";

export type Occasion = Pick<Settled, "by" | "blind" | "skipped" | "sinceMs">;

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
  readonly #held = new Map<TreePath, Entry>();
  #judgedUpTo: number;
  #next: Occasion | null = null;
  #turn: Promise<void> = Promise.resolve();

  constructor(parts: Parts, judgedUpTo: number) {
    this.#parts = parts;
    this.#judgedUpTo = judgedUpTo;
  }

  get judgedUpTo(): number {
    return this.#judgedUpTo;
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
      await vault.changesInSlices(Math.min(this.#judgedUpTo, upTo), upTo),
      occasion,
    );
    try {
      if (changes.length > 0 || occasion.blind !== null || occasion.skipped.length > 0 || occasion.by !== "event")
        await judge.judge({ ...occasion, changes, untilMs: ports.clock.now() });
    } catch (error) {
      // Not judged: handed over again with the next, as it then is.
      for (const { path, before } of changes) if (!this.#held.has(path)) this.#held.set(path, before);
      this.#judgedUpTo = upTo;
      throw error;
    }
    this.#judgedUpTo = upTo;
  }

  async #settledOf(noted: Change[], { by }: Occasion): Promise<Change[]> {
    const changes = new Map(noted.map((change) => [change.path, change]));
    for (const [path, before] of this.#held)
      changes.set(path, {
        path,
        before,
        after: changes.get(path)?.after ?? this.#parts.vault.latest(path)?.entry ?? ABSENT,
      });
    this.#held.clear();
    const settled: Change[] = [];
    let looked = 0;
    for (const change of changes.values()) {
      if (++looked % LOOKS_PER_SLICE === 0) await this.#parts.ports.clock.breathe();
      if (this.#isSettling(change, by)) this.#held.set(change.path, change.before);
      else if (!sameEntry(change.before, change.after)) settled.push(change);
    }
    return settled.sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** A sweep remembers what it meets, at rest or not. */
  #isSettling({ path, after }: Change, by: Occasion["by"]): boolean {
    const { settling, ports, onHeld } = this.#parts;
    if (settling.has(path)) return true;
    if (by === "event" || !this.#isYoung(path, after)) return false;
    settling.hint(path, { sinceMs: ports.clock.now(), atMs: ports.clock.monotonicMs(), isRemembered: true });
    onHeld();
    return true;
  }

  #isYoung(path: TreePath, after: Entry): boolean {
    const { root, ports } = this.#parts;
    if (after.kind !== "file" && after.kind !== "absent") return false;
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
    blind: joined(a.blind, b.blind),
  };
}

export function joined(a: Blind | null, b: Blind | null): Blind | null {
  if (a === null || b === null) return a ?? b;
  const why = a.why === b.why ? a.why : `${a.why}; ${b.why}`;
  return { fromMs: Math.min(a.fromMs, b.fromMs), toMs: Math.max(a.toMs, b.toMs), why };
}
