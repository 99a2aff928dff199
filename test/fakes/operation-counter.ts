/** Numbers what changes the outside world, so that a test can crash, fail or interfere at any exact point of a run. */

import type { constants } from "node:os";
import type { Disk } from "../../src/base/index.ts";
import { systemError } from "../../src/platform/index.ts";

export type SystemErrorCode = keyof typeof constants.errno;

/** Thrown in place of the operation at which the power went, and by every call after it. Nothing may catch it to go on. */
export class SimulatedCrash extends Error {
  override readonly name = "SimulatedCrash";
}

export interface Operation {
  readonly name: keyof Disk | "commit" | "barrier";
  /** What it is about; for calls on a descriptor, the path that was opened. */
  readonly path: string;
  /** From 1; `null` for calls that change nothing. */
  readonly number: number | null;
}

export class OperationCounter {
  /** Called before each counted operation. What it does itself is not counted: it plays a second writer. */
  between: ((operation: Operation) => void) | null = null;
  /** Asked before every call, reading ones too: a code makes the call fail with it. */
  fault: ((operation: Operation) => SystemErrorCode | null) | null = null;
  #count = 0;
  #crashAt = Number.POSITIVE_INFINITY;
  #crashed = false;
  #outside = false;

  get count(): number {
    return this.#count;
  }

  get crashed(): boolean {
    return this.#crashed;
  }

  /** The power goes in place of operation `number`. */
  crashAt(number: number): void {
    this.#crashAt = number;
  }

  failAt(number: number, code: SystemErrorCode): void {
    this.fault = (operation) => (operation.number === number ? code : null);
  }

  /** Runs `work` as somebody else: neither counted, nor crashed, nor made to fail. */
  outside<T>(work: () => T): T {
    const before = this.#outside;
    this.#outside = true;
    try {
      return work();
    } finally {
      this.#outside = before;
    }
  }

  /** The same for work that waits; nothing else may run on this counter meanwhile. */
  async outsideAsync<T>(work: () => Promise<T>): Promise<T> {
    this.#outside = true;
    try {
      return await work();
    } finally {
      this.#outside = false;
    }
  }

  /** To be called before each operation that changes something. */
  change(name: Operation["name"], path: string): void {
    if (this.#outside) return;
    this.#stopWhenCrashed();
    this.#count += 1;
    if (this.#count >= this.#crashAt) this.#crashed = true;
    this.#stopWhenCrashed();
    const operation = { name, path, number: this.#count };
    this.outside(() => this.between?.(operation));
    this.#fail(operation);
  }

  /** To be called before each call that changes nothing. */
  read(name: Operation["name"], path: string): void {
    if (this.#outside) return;
    this.#stopWhenCrashed();
    this.#fail({ name, path, number: null });
  }

  #fail(operation: Operation): void {
    const code = this.fault?.(operation) ?? null;
    if (code !== null) throw systemError(code, operation.name, operation.path);
  }

  #stopWhenCrashed(): void {
    if (this.#crashed) throw new SimulatedCrash(`the power went at operation ${this.#crashAt}`);
  }
}
