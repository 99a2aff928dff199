/**
 * Looks at asides once the time is up in which a late writer may still hold them open, and removes them.
 *
 * It takes its work from the journal: every change set there that is `settling`, whoever made it. What cannot be settled now (a full
 * store, a disk that refuses) stays in the journal, is said in `trouble`, and is tried again.
 */

import { type Digest, type HoldfastError, LIMITS, slices } from "../base/index.ts";
import type { JournalEntry } from "./journal.ts";
import { readSet } from "./recover.ts";
import { settle } from "./settle.ts";
import { asTrouble, retryDelayMs } from "./trouble.ts";
import { EXECUTOR, type OrderWorld } from "./world.ts";

export class Settler {
  /** Why asides are left where they are right now. */
  trouble: HoldfastError | null = null;
  readonly #world: OrderWorld;
  readonly #onDefect: (error: unknown) => void;
  /** When each was first seen settling, on the clock that does not jump. */
  readonly #sinceMs = new Map<Digest, number>();
  #round: Promise<void> | null = null;
  #again = false;
  #failures = 0;
  readonly #stop = new AbortController();

  constructor(world: OrderWorld, onDefect: (error: unknown) => void) {
    this.#world = world;
    this.#onDefect = onDefect;
  }

  /** Something in the journal is settling, or may be. */
  look(): void {
    this.#again = true;
    this.#round ??= this.#settleAll()
      .catch(this.#onDefect)
      .finally(() => {
        this.#round = null;
        if (this.#again) this.look();
      });
  }

  /** Resolves when every aside is settled, or cannot be now. */
  async settled(): Promise<void> {
    while (this.#round !== null) await this.#round;
  }

  end(): void {
    this.#stop.abort();
  }

  async #settleAll(): Promise<void> {
    for (let entries = this.#entries(); entries.length > 0; entries = this.#entries()) {
      await this.#untilFirstIsDue(entries);
      const due = entries.filter(({ changeSet }) => this.#waitMs(changeSet) <= 0);
      if (due.length === 0) continue;
      this.trouble = await this.#settleDue(due);
      this.#failures = this.trouble === null ? 0 : this.#failures + 1;
      if (this.trouble !== null) return this.#tryLater();
    }
  }

  #entries(): JournalEntry[] {
    this.#again = false;
    const entries = this.#world.journal.entries().filter(({ phase }) => phase === "settling");
    const known = new Set(entries.map(({ changeSet }) => changeSet));
    for (const changeSet of this.#sinceMs.keys()) if (!known.has(changeSet)) this.#sinceMs.delete(changeSet);
    return entries;
  }

  #waitMs(changeSet: Digest): number {
    const nowMs = this.#world.ports.clock.monotonicMs();
    const sinceMs = this.#sinceMs.get(changeSet) ?? nowMs;
    this.#sinceMs.set(changeSet, sinceMs);
    return sinceMs + LIMITS.asideSettleMs - nowMs;
  }

  async #untilFirstIsDue(entries: readonly JournalEntry[]): Promise<void> {
    const waitMs = Math.min(...entries.map(({ changeSet }) => this.#waitMs(changeSet)));
    await this.#world.ports.clock.sleep(Math.max(0, waitMs));
  }

  /** Returns what stood in the way of some. The names of asides are durably gone before the journal forgets them. */
  async #settleDue(due: readonly JournalEntry[]): Promise<HoldfastError | null> {
    const { ports, store, journal } = this.#world;
    let trouble: HoldfastError | null = null;
    const settled: Digest[] = [];
    const folders = new Set<string>();
    const sliced = slices(ports.clock);
    try {
      for (const entry of due) {
        try {
          const { isSettled, changedFolders } = await this.#settleOne(entry);
          for (const folder of changedFolders) folders.add(folder);
          if (isSettled) settled.push(entry.changeSet);
          else this.#sinceMs.delete(entry.changeSet);
        } catch (error) {
          trouble = asTrouble(error);
        }
        await sliced();
      }
      const dirs = [...folders].filter((folder) => ports.disk.lstat(folder)?.kind === "dir");
      if (dirs.length > 0) await ports.disk.syncAll({ files: [], dirs });
      store.transaction(() => settled.forEach((changeSet) => void journal.close(changeSet)));
    } catch (error) {
      trouble = asTrouble(error);
    }
    if (trouble !== null) ports.log.error("asides stay where they are for now", trouble);
    return trouble;
  }

  #settleOne({ changeSet, wo }: JournalEntry): ReturnType<typeof settle> {
    const { ports, places, vault, book } = this.#world;
    const apply = { disk: ports.disk, places, vault, contentOf: vault.readPieces.bind(vault) };
    const row = wo === null ? null : book.row(wo);
    return settle(readSet(changeSet, this.#world), apply, ({ path, digest }) => {
      book.record({
        event: "wo.late-writer",
        actor: EXECUTOR,
        ...(row ? { wo: row.id } : {}),
        paths: [path],
        data: { path, digest },
        summary: `${path} was written to while it was replaced; those bytes are ${digest}`,
      });
    });
  }

  #tryLater(): void {
    const { clock } = this.#world.ports;
    void clock.sleep(retryDelayMs(this.#failures), this.#stop.signal).then(() => {
      if (!this.#stop.signal.aborted) this.look();
    });
  }
}
