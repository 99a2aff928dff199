/**
 * Acknowledgements that agents leave for orders which were routed to them: the order is over then, as they say.
 *
 * Looks for one file for each routed order, in the outbox of the agent that it was routed to. Only what appeared after the order was
 * routed counts: anything older, ours or the agent's, tells of an earlier attempt.
 */

import { HoldfastError, isSystemError, LIMITS, type Stat } from "../base/index.ts";
import { ACK_SUFFIX, type AgentWord, hasOwnStage, readAck } from "./acks.ts";
import type { Trouble } from "./due-views.ts";
import type { Engine } from "./engine.ts";
import { bytesAt } from "./entry-at.ts";
import { signatureAt } from "./inbox-look.ts";
import type { OrderRow } from "./order-row.ts";
import { outboxFolder } from "./outbox.ts";
import { isOlderThan } from "./set-aside.ts";
import type { OrderWorld } from "./world.ts";

interface Routed {
  row: OrderRow;
  /** The order's record that was looked at. */
  seq: number;
  /** Where its acknowledgement is awaited. */
  place: string;
  /** What lies there, and since when it looks like that; `null`: nothing yet. */
  seen: { signature: string; sinceMs: number } | null;
}

const LOOK_EVERY_MS = 300;

export class AckInbox {
  readonly #world: OrderWorld;
  readonly #engine: Pick<Engine, "complete">;
  /** By the order's id; an order whose record moved on is looked up again. */
  #routed = new Map<string, Routed>();
  readonly #trouble = new Map<string, Trouble>();
  #lookAtMs = Number.NEGATIVE_INFINITY;
  #waits: number[] = [];

  constructor(world: OrderWorld, engine: Pick<Engine, "complete">) {
    this.#world = world;
    this.#engine = engine;
  }

  get trouble(): Trouble[] {
    return [...this.#trouble.values()];
  }

  /** How many acknowledgements only need time. */
  get waiting(): number {
    return this.#waits.length;
  }

  dueInMs(): number | null {
    return this.#waits.length === 0 ? null : Math.min(...this.#waits);
  }

  /** The ids of orders that are over now. */
  scan(): string[] {
    const nowMs = this.#world.ports.clock.monotonicMs();
    if (this.#waits.length === 0 && nowMs < this.#lookAtMs) return [];
    this.#lookAtMs = nowMs + LOOK_EVERY_MS;
    this.#waits = [];
    this.#findRouted();
    return [...this.#routed.values()].filter((routed) => this.#take(routed, nowMs)).map(({ row }) => row.id);
  }

  #findRouted(): void {
    const { store, book } = this.#world;
    const found = store.all<{ id: string; ledger_seq: number }>(
      "SELECT id, ledger_seq FROM work_order WHERE status = 'pending' AND stage = 'routed'",
    );
    const known = this.#routed;
    this.#routed = new Map();
    for (const { id, ledger_seq: seq } of found) {
      const before = known.get(id);
      this.#routed.set(id, before?.seq === seq ? before : this.#routedOf(book.mustRow(id), seq));
    }
    for (const id of this.#trouble.keys()) if (!this.#routed.has(id)) this.#trouble.delete(id);
  }

  #routedOf(row: OrderRow, seq: number): Routed {
    return { row, seq, place: `${outboxFolder(this.#world, row.executor)}/${row.id}${ACK_SUFFIX}`, seen: null };
  }

  /** True when the order is over by it. */
  #take(routed: Routed, nowMs: number): boolean {
    const { row, place } = routed;
    const { disk } = this.#world.ports;
    const stat = disk.lstat(place);
    if (stat?.kind !== "file" || isOlderThan({ stat }, row.updatedAt)) return false;
    const signature = signatureAt(disk, place)!;
    if (routed.seen?.signature !== signature) routed.seen = { signature, sinceMs: nowMs };
    const unchangedMs = nowMs - routed.seen.sinceMs;
    if (unchangedMs < LIMITS.inboxSettleMs) return this.#wait(LIMITS.inboxSettleMs - unchangedMs);
    const word = this.#read(place, stat, row);
    if (word instanceof HoldfastError) return this.#notReadable(row, word, unchangedMs);
    this.#trouble.delete(row.id);
    if (word === null) return false;
    this.#engine.complete(row.id, { kind: "agent", name: row.executor }, word);
    return true;
  }

  #read(place: string, stat: Stat, row: OrderRow): AgentWord | null | HoldfastError {
    const { places, tree, ports } = this.#world;
    try {
      // Refuses a symbolic link on the way.
      if (place.startsWith(`${tree.root}/`)) places.absolute(place.slice(tree.root.length + 1));
      if (stat.sizeBytes > LIMITS.ackSizeBytesMax) {
        throw new HoldfastError("WO_TOO_LARGE", `the acknowledgement of ${row.id} has ${stat.sizeBytes} bytes`);
      }
      const text = bytesAt(ports.disk, place).toString();
      // One of ours, from an attempt that ended in the moment before the next was routed.
      if (hasOwnStage(text, row.id) && stat.ctimeMs <= Date.parse(row.updatedAt)) return null;
      return readAck(text, row.id);
    } catch (error) {
      if (error instanceof HoldfastError) return error;
      if (isSystemError(error))
        return new HoldfastError("WO_UNREADABLE", `${place}: ${error.message}`, { cause: error });
      throw error;
    }
  }

  /** Perhaps its rest is still to come; after that it is in `trouble` until it changes, or the order is over in another way. */
  #notReadable({ id }: OrderRow, { code, message }: HoldfastError, unchangedMs: number): boolean {
    if (unchangedMs < LIMITS.inboxCutOffWaitMs) return this.#wait(LIMITS.inboxCutOffWaitMs - unchangedMs);
    this.#trouble.set(id, { code, message, hint: `write it anew, or: holdfast wo complete ${id}` });
    return false;
  }

  #wait(forMs: number): false {
    this.#waits.push(forMs);
    return false;
  }
}
