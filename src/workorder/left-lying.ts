/** What lies in an inbox and is not taken: for good, until it changes; or for now, until it is tried again. */

import { dirname } from "node:path";
import { type Disk, type HoldfastError, LIMITS } from "../base/index.ts";
import type { Trouble } from "./due-views.ts";
import { gitStamp } from "./git-at-work.ts";
import { type Lying, signatureAt } from "./inbox-look.ts";
import type { OrderWorld } from "./world.ts";

export class LeftLying {
  readonly #world: OrderWorld;
  /** By path from the tree's root. */
  readonly #left = new Map<string, { lying: Lying; stamp: string; trouble: Trouble }>();
  readonly #held = new Map<string, { untilMs: number; trouble: Trouble }>();
  /** Folders in which something that was left is no longer what it was. */
  #changed = new Set<string>();
  #refreshedMs = Number.NEGATIVE_INFINITY;

  constructor(world: OrderWorld) {
    this.#world = world;
  }

  get trouble(): Trouble[] {
    return [...this.#left.values(), ...this.#held.values()].map(({ trouble }) => trouble);
  }

  /** It was named; it is judged again when it, or what git tracks, changes. */
  leave(lying: Lying, error: HoldfastError): void {
    this.#held.delete(lying.path);
    this.#left.set(lying.path, { lying, stamp: this.#stampOf(error), trouble: troubleOf(error) });
  }

  /** It is tried again after `LIMITS.inboxRetryMs`. */
  hold(path: string, error: HoldfastError): void {
    const { log, clock } = this.#world.ports;
    if (this.#held.get(path)?.trouble.message !== error.message)
      log.warn(`${path} is not taken now`, { why: error.message });
    this.#held.set(path, { untilMs: clock.monotonicMs() + LIMITS.inboxRetryMs, trouble: troubleOf(error) });
  }

  release(path: string): void {
    this.#held.delete(path);
  }

  /** True for what there is nothing new to say or to try about. */
  holds({ path, signature }: Lying): boolean {
    const held = this.#held.get(path);
    if (held !== undefined) return held.untilMs > this.#world.ports.clock.monotonicMs();
    return this.#left.get(path)?.lying.signature === signature;
  }

  /** True when something in the folder is to be tried again. */
  isDueIn(folder: string): boolean {
    const nowMs = this.#world.ports.clock.monotonicMs();
    return (
      [...this.#held].some(([path, { untilMs }]) => untilMs <= nowMs && dirname(path) === folder) ||
      this.#changed.has(folder)
    );
  }

  /** Looks now and then whether what was left is still what it was: a file may change and its folder's times stay. */
  refresh(): void {
    const { clock, disk } = this.#world.ports;
    this.#changed = new Set();
    if (clock.monotonicMs() - this.#refreshedMs < LIMITS.inboxRetryMs) return;
    this.#refreshedMs = clock.monotonicMs();
    for (const [path, { lying, stamp, trouble }] of this.#left) {
      if (isAsItWas(lying, disk) && stamp === this.#stampOf(trouble)) continue;
      this.#left.delete(path);
      this.#changed.add(dirname(path));
    }
    for (const path of this.#held.keys())
      if (disk.lstat(`${this.#world.tree.root}/${path}`) === null) this.#held.delete(path);
  }

  #stampOf({ code }: { code: string }): string {
    return code === "WO_FROM_GIT" ? gitStamp(this.#world.tree, this.#world.ports) : "";
  }
}

/** What cannot be addressed is looked up among its folder's names. */
function isAsItWas({ kind, place, name, signature }: Lying, disk: Disk): boolean {
  if (kind !== "undecodable") return signatureAt(disk, place) === signature;
  const folder = dirname(place);
  return disk.lstat(folder)?.kind === "dir" && disk.list(folder).undecodable.includes(name);
}

function troubleOf({ code, message, hint }: HoldfastError): Trouble {
  return { code, message, hint };
}
