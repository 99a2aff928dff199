/**
 * Originals that were moved are looked at once more: whoever still had one open may have gone on writing into it.
 *
 * Those later bytes stay where they are, are put into the vault too, and are named in the ledger. After a restart nobody looks again:
 * the bytes are in the archived file all the same.
 */

import { type Digest, LIMITS, type TreePath } from "../base/index.ts";
import { absolute } from "../tree/index.ts";
import { entryAt } from "./entry-at.ts";
import { EXECUTOR, type OrderWorld } from "./world.ts";

export interface Moved {
  /** From the tree's root. */
  path: string;
  digest: Digest;
  /** The order that it was, when it was one. */
  wo: string | null;
}

export class LateWriters {
  readonly #world: OrderWorld;
  #moved: (Moved & { dueMs: number })[] = [];

  constructor(world: OrderWorld) {
    this.#world = world;
  }

  add(moved: Moved): void {
    this.#moved.push({ ...moved, dueMs: this.#world.ports.clock.monotonicMs() + LIMITS.asideSettleMs });
  }

  get waiting(): number {
    return this.#moved.length;
  }

  /** Until the next is due; `null` when none waits. */
  dueInMs(): number | null {
    const [next] = this.#moved;
    return next === undefined ? null : Math.max(0, next.dueMs - this.#world.ports.clock.monotonicMs());
  }

  async look(): Promise<void> {
    const { ports, tree, vault, book } = this.#world;
    const nowMs = ports.clock.monotonicMs();
    const due = this.#moved.filter(({ dueMs }) => dueMs <= nowMs);
    for (const { path, digest, wo } of due) {
      const entry = entryAt(ports.disk, absolute(tree, path as TreePath));
      if (entry.kind === "file" && entry.digest !== digest) await keep(path, wo);
    }
    this.#moved = this.#moved.filter(({ dueMs }) => dueMs > nowMs);

    async function keep(path: string, wo: string | null): Promise<void> {
      const batch = vault.begin();
      try {
        const { entry } = await batch.putPath(path as TreePath);
        batch.note(path as TreePath, entry);
        await batch.commit(() => {
          if (entry.kind !== "file") return;
          const row = wo === null ? null : book.row(wo);
          book.record({
            event: "wo.late-writer",
            actor: EXECUTOR,
            ...(row ? { wo: row.id } : {}),
            paths: [path],
            data: { path, digest: entry.digest },
            summary: `${path} was written to after it was taken; those bytes are ${entry.digest}`,
          });
        });
      } catch (error) {
        batch.abort();
        throw error;
      }
    }
  }
}
