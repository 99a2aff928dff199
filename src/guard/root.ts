/**
 * Whether the root is the folder that is guarded. An unmounted, moved or replaced tree looks as if everything in it had been
 * deleted: that must never be remembered, and never be repaired.
 */

import { HoldfastError, isSystemError, type Ports } from "../base/index.ts";
import { CONFIG_FILE } from "../tree/index.ts";
import type { RootTrouble } from "./contract.ts";

export interface RootIdentity {
  readonly dev: number;
  readonly ino: number;
}

export class Root {
  readonly #path: string;
  readonly #ports: Pick<Ports, "disk" | "clock">;
  #identity: RootIdentity | null;
  #trouble: RootTrouble | null = null;

  /** `known`: as it was guarded the last time. */
  constructor(path: string, ports: Pick<Ports, "disk" | "clock">, known: RootIdentity | null) {
    this.#path = path;
    this.#ports = ports;
    this.#identity = known;
  }

  get identity(): RootIdentity | null {
    return this.#identity;
  }

  /** What is wrong with it, since when; `null` when it is there as it was. */
  get trouble(): RootTrouble | null {
    return this.#trouble;
  }

  /**
   * Takes the folder that stands there now as the one to guard, unless it looks like an empty mount point: after a restart, or on
   * another disk, a tree may rightly have another inode.
   */
  adopt(): void {
    const found = this.#look();
    if ("kind" in found) this.#note(found);
    else if (this.#isEmptyMountPoint(found))
      this.#note({ kind: "emptied-mount", why: `${this.#path} is another folder than before, and no tree` });
    else {
      this.#identity = found;
      this.#trouble = null;
    }
  }

  check(): RootTrouble | null {
    if (this.#identity === null || this.#trouble?.kind === "emptied-mount") {
      this.adopt();
      return this.#trouble;
    }
    const found = this.#look();
    if ("kind" in found) this.#note(found);
    else if (found.dev !== this.#identity.dev || found.ino !== this.#identity.ino)
      this.#note({ kind: "replaced", why: `another folder stands at ${this.#path}` });
    else this.#trouble = null;
    return this.#trouble;
  }

  /** Inside a commit: throws `TREE_NOT_FOUND` when what was just gathered may have been gathered in another folder. */
  assertThere(): void {
    const trouble = this.check();
    if (trouble !== null) throw new HoldfastError("TREE_NOT_FOUND", trouble.why, { data: { kind: trouble.kind } });
  }

  #isEmptyMountPoint({ dev, ino }: RootIdentity): boolean {
    const known = this.#identity;
    const isOther = known !== null && (known.dev !== dev || known.ino !== ino);
    return isOther && this.#ports.disk.lstat(`${this.#path}/${CONFIG_FILE}`) === null;
  }

  #look(): RootIdentity | Pick<RootTrouble, "kind" | "why"> {
    try {
      const stat = this.#ports.disk.lstat(this.#path);
      if (stat === null) return { kind: "gone", why: `${this.#path} is gone` };
      if (stat.kind !== "dir") return { kind: "replaced", why: `${this.#path} is no folder any more` };
      return { dev: stat.dev, ino: stat.ino };
    } catch (error) {
      if (!isSystemError(error)) throw error;
      return { kind: "unreadable", why: `${this.#path} cannot be looked at: ${error.message}` };
    }
  }

  #note(found: Pick<RootTrouble, "kind" | "why">): void {
    const sinceMs = this.#trouble?.kind === found.kind ? this.#trouble.sinceMs : this.#ports.clock.now();
    this.#trouble = { ...found, sinceMs };
  }
}
