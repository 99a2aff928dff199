/**
 * Acknowledgements that agents leave for orders which were routed to them: the order is over then, as they say.
 *
 * Counts only what appeared after the order was routed, in the outbox of the agent that it was routed to: anything older, ours or the
 * agent's, tells of an earlier attempt.
 */

import { HoldfastError, isSystemError, LIMITS } from "../base/index.ts";
import { orderPlaces } from "../tree/index.ts";
import { ACK_SUFFIX, type AgentWord, hasOwnStage, readAck } from "./acks.ts";
import type { Engine } from "./engine.ts";
import { bytesAt } from "./entry-at.ts";
import { InboxLook, type Lying } from "./inbox-look.ts";
import type { OrderRow } from "./order-row.ts";
import { outboxFolder } from "./outbox.ts";
import { isOlderThan } from "./set-aside.ts";
import type { OrderWorld } from "./world.ts";

export class AckInbox {
  readonly #world: OrderWorld;
  readonly #engine: Pick<Engine, "complete">;
  readonly #look: InboxLook;
  readonly #unreadable = new Map<string, string>();
  #awaited = new Set<string>();
  #nextMs: number | null = null;

  constructor(world: OrderWorld, engine: Pick<Engine, "complete">) {
    this.#world = world;
    this.#engine = engine;
    this.#look = new InboxLook({ disk: world.ports.disk, clock: world.ports.clock });
  }

  get waiting(): number {
    return this.#awaited.size;
  }

  dueInMs(): number | null {
    return this.#nextMs;
  }

  /** The ids of orders that are over now. */
  scan(): string[] {
    const { tree, config, ports } = this.#world;
    const outbox = orderPlaces(tree, config())?.outbox;
    const path = config().layout?.outbox;
    if (outbox === undefined || path === undefined || ports.disk.lstat(outbox)?.kind !== "dir") return [];
    const awaited = this.#awaited;
    this.#awaited = new Set();
    this.#nextMs = null;
    const folderOf = (lying: string) => lying.slice(0, lying.lastIndexOf("/"));
    const seen = this.#look.look(
      { place: outbox, path },
      (folder) => ![...awaited].some((waiting) => folderOf(waiting) === folder),
    );
    return seen.flatMap((lying) => this.#take(lying));
  }

  #take(lying: Lying): string[] {
    const row = this.#routedOrder(lying);
    if (row === null || isOlderThan(lying, row.updatedAt)) return [];
    if (lying.unchangedMs < LIMITS.inboxSettleMs) return this.#await(lying, LIMITS.inboxSettleMs - lying.unchangedMs);
    const word = this.#read(lying, row);
    if (word instanceof HoldfastError) return this.#notReadable(lying, word);
    this.#unreadable.delete(lying.path);
    if (word === null) return [];
    this.#engine.complete(row.id, { kind: "agent", name: row.executor }, word);
    return [row.id];
  }

  /** The order whose acknowledgement it would be, while that is awaited from this very agent. */
  #routedOrder({ agent, name, kind, place }: Lying): OrderRow | null {
    if (agent === null || kind !== "file" || !name.endsWith(ACK_SUFFIX)) return null;
    const row = this.#world.book.row(name.slice(0, -ACK_SUFFIX.length));
    if (row?.stage !== "routed") return null;
    return `${outboxFolder(this.#world, row.executor)}/${name}` === place ? row : null;
  }

  #read({ place, stat, path }: Lying, row: OrderRow): AgentWord | null | HoldfastError {
    const { places, ports } = this.#world;
    if (stat!.sizeBytes > LIMITS.ackSizeBytesMax)
      return new HoldfastError("WO_TOO_LARGE", `the acknowledgement ${path} has ${stat!.sizeBytes} bytes`);
    try {
      places.absolute(path);
      const text = bytesAt(ports.disk, place).toString();
      // One of ours, from an attempt that ended in the moment before the next was routed.
      if (hasOwnStage(text, row.id) && stat!.ctimeMs <= Date.parse(row.updatedAt)) return null;
      return readAck(text, row.id);
    } catch (error) {
      if (error instanceof HoldfastError) return error;
      if (isSystemError(error))
        return new HoldfastError("WO_UNREADABLE", `${path}: ${error.message}`, { cause: error });
      throw error;
    }
  }

  /** Perhaps its rest is still to come; after that it is said once, and looked at again when it changes. */
  #notReadable(lying: Lying, error: HoldfastError): string[] {
    if (lying.unchangedMs < LIMITS.inboxCutOffWaitMs)
      return this.#await(lying, LIMITS.inboxCutOffWaitMs - lying.unchangedMs);
    if (this.#unreadable.get(lying.path) !== lying.signature)
      this.#world.ports.log.error(`${lying.path} is not understood`, error);
    this.#unreadable.set(lying.path, lying.signature);
    return [];
  }

  #await({ path }: Lying, forMs: number): string[] {
    this.#awaited.add(path);
    this.#nextMs = Math.min(this.#nextMs ?? forMs, forMs);
    return [];
  }
}
