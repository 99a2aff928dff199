/**
 * Orders that are dropped as files: each is taken once, whole, and its original is moved to where it belongs.
 *
 * The way of a file: it lies still → it is read and judged → its orders are received (one commit) → what was wrong is recorded (one
 * commit) → it is moved, with its report. Only then is it forgotten.
 * Crash: anywhere before the move the file still lies there. The next scan takes it again: the same bytes under a known id, or older
 * than the record that tells of them, lead to the move and to nothing else.
 * What is not ours to move (a fifo, a link, a file that git tracks) stays, is named in the ledger once, and is listed in `trouble`.
 */

import { dirname } from "node:path";
import { type Disk, HoldfastError, isSystemError, LIMITS, type TreePath } from "../base/index.ts";
import { trackedPaths } from "../tree/index.ts";
import { AckInbox } from "./ack-inbox.ts";
import type { Trouble } from "./due-views.ts";
import type { Engine } from "./engine.ts";
import { gitIsWriting } from "./git-at-work.ts";
import { isFolderOrderAt, readFolder } from "./inbox-folder.ts";
import { judge } from "./inbox-judge.ts";
import { InboxLook, type Lying } from "./inbox-look.ts";
import { LateWriters } from "./late-writers.ts";
import { LeftLying } from "./left-lying.ts";
import { type Judged, take } from "./taking.ts";
import type { OrderWorld } from "./world.ts";

export interface Scanned {
  /** Ids of orders that were taken. */
  taken: string[];
  /** Where what was set aside is now, from the tree's root. */
  setAside: string[];
  /** How many files only need time. `settleMs` tells how much. */
  waiting: number;
}

export interface Inbox {
  /** Takes what is ready. Quick when nothing changed; never two at a time. */
  scan(): Promise<Scanned>;
  /** Until the next waiting file may be judged; `LIMITS.inboxSettleMs` when none waits. */
  settleMs(): number;
  /** What lies there and will not be taken, and what keeps the rest from being taken right now. */
  readonly trouble: readonly Trouble[];
}

export function openInbox(world: OrderWorld, engine: Pick<Engine, "submit" | "complete">): Inbox {
  return new DroppedOrders(world, engine);
}

class DroppedOrders implements Inbox {
  readonly #world: OrderWorld;
  readonly #engine: Pick<Engine, "submit" | "complete">;
  readonly #look: InboxLook;
  readonly #late: LateWriters;
  readonly #acks: AckInbox;
  readonly #lying: LeftLying;
  #waits = new Map<string, number>();
  #scanning: Promise<Scanned> | null = null;

  constructor(world: OrderWorld, engine: Pick<Engine, "submit" | "complete">) {
    this.#world = world;
    this.#engine = engine;
    this.#look = new InboxLook(world.ports);
    this.#late = new LateWriters(world);
    this.#acks = new AckInbox(world, engine);
    this.#lying = new LeftLying(world);
  }

  get trouble(): Trouble[] {
    return [...this.#lying.trouble, ...this.#acks.trouble];
  }

  scan(): Promise<Scanned> {
    this.#scanning ??= this.#scan().finally(() => {
      this.#scanning = null;
    });
    return this.#scanning;
  }

  settleMs(): number {
    const due = [...this.#waits.values(), this.#late.dueInMs(), this.#acks.dueInMs()].filter((ms) => ms !== null);
    return Math.max(1, Math.min(...due, LIMITS.inboxSettleMs));
  }

  async #scan(): Promise<Scanned> {
    const scanned: Scanned = { taken: [], setAside: [], waiting: 0 };
    const seen = this.#seen();
    for (let from = 0; from < seen.length; from += LIMITS.orderGroupMax) {
      await this.#takeSome(seen.slice(from, from + LIMITS.orderGroupMax), scanned);
    }
    await this.#late.look();
    scanned.taken.push(...this.#acks.scan());
    scanned.waiting = this.#waits.size + this.#late.waiting + this.#acks.waiting;
    return scanned;
  }

  /** What lies there and is not known to stay. Folders in which nothing changed and nothing waits are passed over. */
  #seen(): Lying[] {
    const inbox = this.#inboxFolder();
    const awaited = new Set([...this.#waits.keys()].map(dirname));
    this.#waits.clear();
    if (inbox === null) return [];
    this.#lying.refresh();
    const seen = this.#look.look(inbox, (folder) => !awaited.has(folder) && !this.#lying.isDueIn(folder));
    return seen.filter((lying) => !this.#lying.holds(lying));
  }

  /** `null` without a layout, or where no real folder inside the tree is: a link is not followed, a missing one holds nothing. */
  #inboxFolder(): { place: string; path: string } | null {
    const { config, places, ports } = this.#world;
    const path = config().layout?.inbox;
    if (path === undefined) return null;
    try {
      const place = places.absolute(path);
      const stat = ports.disk.lstat(place);
      this.#lying.release(path);
      if (stat === null || stat.kind === "dir") return stat && { place, path };
      throw new HoldfastError(
        stat.kind === "link" ? "PATH_THROUGH_LINK" : "PATH_INVALID",
        `the inbox ${path} is no folder; nothing is taken from it`,
      );
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error;
      this.#lying.hold(path, error);
      return null;
    }
  }

  async #takeSome(seen: readonly Lying[], scanned: Scanned): Promise<void> {
    const judged = await this.#judgeAll(seen);
    if (judged.length === 0) return;
    try {
      const taken = await take(judged, this.#world, { engine: this.#engine, late: this.#late });
      scanned.taken.push(...taken.ids);
      scanned.setAside.push(...taken.setAside);
      const stuck = new Map(taken.stuck.map(({ lying, error }) => [lying.path, error]));
      for (const { lying, error } of taken.left) this.#lying.leave(lying, error);
      for (const { lying } of judged) {
        const error = stuck.get(lying.path);
        if (error === undefined) this.#lying.release(lying.path);
        else this.#lying.hold(lying.path, error);
      }
    } catch (error) {
      // The store or the vault refuses: all of it still lies there, and is taken when they can be written again.
      const known = refusalOf(error, "orders cannot be taken");
      for (const { lying } of judged) this.#lying.hold(lying.path, known);
    }
  }

  async #judgeAll(seen: readonly Lying[]): Promise<Judged[]> {
    const settled = seen.filter(
      ({ unchangedMs, kind }) => unchangedMs >= LIMITS.inboxSettleMs && (kind === "file" || kind === "dir"),
    );
    const tracked = await this.#trackedAmong(settled);
    if (tracked === null) return [];
    const { disk, process, clock } = this.#world.ports;
    const judged: Judged[] = [];
    for (const lying of seen) {
      const judgement = judge(lying, {
        disk,
        isOpenForWriting: process.isOpenForWriting,
        isTracked: (path) => tracked.has(path),
      });
      if (judgement.kind === "held") this.#lying.hold(lying.path, judgement.error);
      else if (judgement.kind === "wait") this.#wait(lying.path, judgement.forMs);
      else judged.push({ lying, judgement });
      await clock.breathe();
    }
    return judged;
  }

  #wait(path: string, forMs: number): void {
    this.#lying.release(path);
    this.#waits.set(path, forMs);
  }

  /** `null` while that cannot be told: not knowing is no reason to take a file. */
  async #trackedAmong(settled: readonly Lying[]): Promise<Set<string> | null> {
    if (settled.length === 0) return new Set();
    const { tree, ports } = this.#world;
    try {
      if (gitIsWriting(tree, ports)) {
        throw new HoldfastError("WO_IO", "git is changing the tree; orders wait until it has finished", {
          hint: "wait for git, or remove its index.lock",
        });
      }
      return await trackedAmong(settled, this.#world);
    } catch (error) {
      const known = refusalOf(error, "git does not say what it tracks");
      for (const { path } of settled) this.#lying.hold(path, known);
      return null;
    }
  }
}

async function trackedAmong(settled: readonly Lying[], { tree, ports }: OrderWorld): Promise<Set<string>> {
  const owner = new Map<string, string>();
  for (const lying of settled) for (const path of filesOf(lying, ports.disk)) owner.set(path, lying.path);
  const tracked = await trackedPaths(tree, owner.keys() as Iterable<TreePath>, ports);
  return new Set([...tracked].map((path) => owner.get(path)!));
}

function filesOf({ kind, path, place }: Lying, disk: Disk): string[] {
  if (kind !== "dir") return [path];
  const files = isFolderOrderAt(disk, place) ? readFolder(disk, place, path) : new Map<string, Buffer>();
  return files instanceof HoldfastError ? [] : [...files.keys()].map((name) => `${path}/${name}`);
}

/** Git, the disk and the store may refuse; a failed assertion is a defect and goes on up. */
function refusalOf(error: unknown, what: string): HoldfastError {
  if (error instanceof HoldfastError) return error;
  if (isSystemError(error) || isFailedGit(error)) {
    return new HoldfastError("WO_IO", `${what}: ${(error as Error).message}`, {
      hint: "it is tried again by itself",
      cause: error,
    });
  }
  throw error;
}

function isFailedGit(error: unknown): boolean {
  return error instanceof Error && "cmd" in error;
}
