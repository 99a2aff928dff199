/**
 * A batch: what it puts and notes becomes durable, and visible, with its commit – all of it, or nothing.
 *
 * The order is: content into packs (aside) → transaction begins → numbers are given, the records of versions appended → one barrier
 * → index rows, the caller's own rows → transaction ends. Crash before the end: the index knows nothing of it, and what lies in the
 * packs is dead weight that prune takes away. The store's write lock is held over the barrier, so that no number is given twice.
 */

import {
  assert,
  type Digest,
  type Entry,
  HoldfastError,
  type Ports,
  type Store,
  sameEntry,
  type TreePath,
} from "../base/index.ts";
import type { ContentIndex } from "./content-index.ts";
import { ContentSink } from "./content-sink.ts";
import type { VaultBatch } from "./contract.ts";
import type { FileIntake } from "./file-intake.ts";
import type { OpenPack, PackWriter, PlacedRecord } from "./pack-writer.ts";
import type { EncodedRecord } from "./record.ts";
import { NO_MOMENT, type VersionIndex } from "./version-index.ts";
import { type EncodedNotes, encodeNotesAside, encodeVersions, type Note } from "./versions-record.ts";

export interface BatchParts {
  readonly store: Store;
  readonly ports: Pick<Ports, "clock" | "random" | "disk">;
  readonly contents: ContentIndex;
  readonly versions: VersionIndex;
  readonly writer: PackWriter;
  readonly intake: FileIntake;
}

/** Records beside contents and versions, known only when the version numbers are: a snapshot. */
export interface Extra {
  record(upTo: number, momentId: Buffer): EncodedRecord;
  /** Inside the transaction, after the barrier; `recordNumber` is the record's in the index. */
  index(recordNumber: number, upTo: number): void;
}

interface Prepared {
  /** The head of versions that the notes were compared with. */
  readonly head: number;
  readonly chunks: EncodedNotes[];
}

export class Batch implements VaultBatch {
  readonly #parts: BatchParts;
  readonly sink: ContentSink;
  readonly #notes = new Map<TreePath, Entry>();
  #state: "open" | "ended" = "open";

  constructor(parts: BatchParts) {
    this.#parts = parts;
    this.sink = new ContentSink(parts.contents, parts.writer);
  }

  put(bytes: Uint8Array): Digest {
    this.#assertOpen();
    return this.sink.put(bytes);
  }

  async putPath(path: TreePath): Promise<{ entry: Entry; unstable: boolean }> {
    this.#assertOpen();
    const { entry, unstable, torn } = await this.#parts.intake.take(path, this.sink);
    return { entry, unstable: unstable || torn };
  }

  note(path: TreePath, entry: Entry): void {
    this.#assertOpen();
    // The last word counts, and it stands where the last word was said.
    this.#notes.delete(path);
    this.#notes.set(path, entry);
  }

  async commit<T>(alsoCommit?: () => T): Promise<T> {
    return (await this.commitWith({ alsoCommit: () => alsoCommit?.() as T })).result;
  }

  /** The commit with a record of its own beside. */
  async commitWith<T>(more: { alsoCommit: (upTo: number) => T; extra?: Extra }): Promise<Committed<T>> {
    this.#assertOpen();
    this.#state = "ended";
    try {
      for (let attempt = 1; attempt <= COMMIT_ATTEMPTS_MAX; attempt += 1) {
        await this.sink.finish();
        const prepared = await this.#prepare();
        if (this.sink.blocks.length > LARGE_BATCH_BLOCKS) await this.#parts.writer.writeBack();
        const done = this.#transact(prepared, more);
        if (!("again" in done)) return done;
        await done.again();
      }
      throw new HoldfastError("LOCK_BUSY", "The vault changed under a commit again and again.");
    } finally {
      this.#end();
    }
  }

  abort(): void {
    if (this.#state === "open") this.#end();
  }

  #end(): void {
    this.#state = "ended";
    this.sink.discard();
    this.#parts.writer.settle(this.sink.records());
  }

  /** Compares the notes with the last known states and encodes what is new. */
  async #prepare(): Promise<Prepared> {
    const head = this.#parts.versions.head();
    const fresh: Note[] = [];
    let looked = 0;
    for (const [path, entry] of this.#notes) {
      if (head === 0 ? entry.kind !== "absent" : this.#isNews(path, entry, head))
        fresh.push({ path: this.#parts.versions.stored(path), entry });
      if (head !== 0 && ++looked % LOOKS_PER_SLICE === 0) await this.#parts.ports.clock.breathe();
    }
    return { head, chunks: await encodeNotesAside(fresh) };
  }

  #isNews(path: TreePath, entry: Entry, head: number): boolean {
    const last = this.#parts.versions.entryAt(path, head);
    return last === null ? entry.kind !== "absent" : !sameEntry(last, entry);
  }

  #transact<T>(prepared: Prepared, more: { alsoCommit: (upTo: number) => T; extra?: Extra }): Done<T> {
    const { store, writer } = this.#parts;
    const records: PlacedRecord[] = [];
    const moments: Buffer[] = [];
    try {
      const done = store.transaction((): Done<T> => {
        const again = this.#obstacle(prepared);
        if (again !== null) return { again };
        return this.#write(prepared, more, { records, moments });
      });
      if (!("again" in done)) for (const { pack } of [...records, ...this.sink.records()]) pack.indexed = true;
      return done;
    } catch (error) {
      writer.voidMoments(moments);
      throw error;
    } finally {
      writer.settle(records);
    }
  }

  /** What another writer did that this commit has to take into account first. */
  #obstacle(prepared: Prepared): (() => Promise<void>) | null {
    const { contents, versions, writer } = this.#parts;
    const taken = new Set(this.sink.records().flatMap(({ pack }) => (this.#isTaken(pack) ? [pack] : [])));
    if (taken.size > 0) return async () => taken.forEach((pack) => void writer.moveAway(pack));
    const missing = this.sink.missing();
    if (missing.length > 0) return () => this.#putAgain(missing);
    const head = versions.head();
    if (head === prepared.head) return null;
    assert(contents !== null && head > prepared.head, "version numbers only grow");
    return versions.pathsBetween(prepared.head, head).some((path) => this.#notes.has(path)) ? async () => {} : null;
  }

  #isTaken(pack: OpenPack): boolean {
    return pack.indexed
      ? !this.#parts.contents.hasPack(pack.number)
      : this.#parts.ports.disk.lstat(pack.path)?.ino !== pack.ino;
  }

  async #putAgain(missing: ReturnType<ContentSink["missing"]>): Promise<void> {
    this.sink.stopRelyingOn(missing.map(({ digest }) => digest));
    for (const { digest, source } of missing) {
      if ("bytes" in source) this.sink.put(source.bytes);
      else await this.#parts.intake.take(source.path, this.sink);
      if (this.sink.holds(digest)) continue;
      throw new HoldfastError(
        "VAULT_PRUNED",
        `The bytes of ${digest} were pruned while a change that needs them was made.`,
        {
          data: { digest },
        },
      );
    }
  }

  #write<T>(
    prepared: Prepared,
    more: { alsoCommit: (upTo: number) => T; extra?: Extra },
    made: { records: PlacedRecord[]; moments: Buffer[] },
  ): Committed<T> {
    const { contents, versions, writer, ports } = this.#parts;
    const seenAtMs = ports.clock.now();
    let upTo = versions.head();
    const firstNumber = upTo + 1;
    let previousId = versions.momentId(upTo) ?? NO_MOMENT;
    const append = (record: EncodedRecord): PlacedRecord => {
      const placed = writer.append(record);
      made.records.push(placed);
      return placed;
    };
    const placed = prepared.chunks.map((chunk) => {
      const table = {
        id: ports.random.bytes(16),
        previousId,
        firstNumber: upTo + 1,
        seenAtMs,
        count: chunk.notes.length,
      };
      made.moments.push(table.id);
      previousId = table.id;
      upTo += chunk.notes.length;
      return { chunk, table, record: append(encodeVersions(chunk, table)) };
    });
    const extra = more.extra === undefined ? null : append(more.extra.record(upTo, previousId));
    writer.sync();

    for (const pack of new Set([...this.sink.records(), ...made.records].map((record) => record.pack)))
      contents.addPack(pack);
    contents.addBlocks(this.sink.blocks, upTo);
    for (const run of this.sink.runs) contents.addRun(run, upTo);
    for (const digest of this.#countedOnUnnoted()) contents.touch(digest, upTo);
    for (const { chunk, table, record } of placed) {
      contents.addRecord(record);
      versions.add(chunk.notes, table.firstNumber, seenAtMs);
      versions.addMoment(table.firstNumber + table.count - 1, table.id, seenAtMs);
    }
    if (extra !== null) more.extra!.index(contents.addRecord(extra), upTo);
    return { result: more.alsoCommit(upTo), upTo, firstNumber };
  }

  /** What the caller keeps by other means than a version (an order's document): prune must not take it for old. */
  #countedOnUnnoted(): Digest[] {
    const noted = new Set([...this.#notes.values()].map((entry) => (entry.kind === "file" ? entry.digest : null)));
    return this.sink.reliedOn().filter((digest) => !noted.has(digest));
  }

  #assertOpen(): void {
    assert(this.#state === "open", "a batch is used until its commit or abort");
  }
}

export interface Committed<T> {
  readonly result: T;
  /** The newest version number then, and the first one that this batch gave, if it gave any. */
  readonly upTo: number;
  readonly firstNumber: number;
}

type Done<T> = Committed<T> | { again: () => Promise<void> };

/** Each further attempt needs another writer that did the same paths in between. */
const COMMIT_ATTEMPTS_MAX = 100;
const LARGE_BATCH_BLOCKS = 4;
const LOOKS_PER_SLICE = 200;
