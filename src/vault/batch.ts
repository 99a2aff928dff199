/**
 * A batch: what it puts and notes becomes durable, and visible, with its commit – all of it, or nothing.
 *
 * The order is: content into packs → numbers are given, the records of versions appended → a barrier on the packs → one transaction:
 * index rows, the caller's own rows → a barrier on the store. Both barriers are waited for aside. Crash before the transaction: the
 * index knows nothing of it, and what lies in the packs is dead weight that prune takes away. Whoever gave the same numbers meanwhile
 * (another process) was first: what was appended is void, and numbers are given anew.
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
  type Turns,
} from "../base/index.ts";
import type { CommitRequest, Committed, Extra } from "./commit.ts";
import type { ContentIndex } from "./content-index.ts";
import { ContentSink } from "./content-sink.ts";
import type { VaultBatch } from "./contract.ts";
import type { FileIntake } from "./file-intake.ts";
import type { OpenPack, PackWriter, PlacedRecord } from "./pack-writer.ts";
import { NO_MOMENT, type VersionIndex } from "./version-index.ts";
import {
  type EncodedNotes,
  encodeNotesAside,
  encodeVersions,
  type Note,
  type VersionsTable,
} from "./versions-record.ts";

export interface BatchParts {
  readonly store: Store;
  readonly ports: Pick<Ports, "clock" | "random" | "disk">;
  readonly contents: ContentIndex;
  readonly versions: VersionIndex;
  readonly writer: PackWriter;
  readonly intake: FileIntake;
  /** One commit of this process at a time: two would give the same numbers. */
  readonly commits: Turns;
}

interface Prepared {
  /** The head of versions that the notes were compared with. */
  readonly head: number;
  readonly chunks: EncodedNotes[];
  readonly overtaken: TreePath[];
}

export class Batch implements VaultBatch {
  readonly #parts: BatchParts;
  readonly sink: ContentSink;
  readonly #notes = new Map<TreePath, Entry>();
  /** The head of versions at which a path's last state is known to be another than the noted one. */
  readonly #isNewsAt = new Map<TreePath, number>();
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

  note(path: TreePath, entry: Entry, isNewsAt?: number): void {
    this.#assertOpen();
    // The last word counts, and it stands where the last word was said.
    this.#notes.delete(path);
    this.#notes.set(path, entry);
    if (isNewsAt === undefined) this.#isNewsAt.delete(path);
    else this.#isNewsAt.set(path, isNewsAt);
  }

  async commit<T>(alsoCommit?: () => T, alongside?: () => Promise<void>): Promise<T> {
    return (await this.commitWith({ alsoCommit: () => alsoCommit?.() as T, alongside })).result;
  }

  /** The commit with a record of its own beside. `durable: "later"`: when the store's next barrier is over. */
  async commitWith<T>(more: CommitRequest<T>): Promise<Committed<T>> {
    this.#assertOpen();
    this.#state = "ended";
    try {
      await this.sink.finish();
      const committed = await this.#parts.commits.inTurn(() => this.#commit(more));
      if (more.durable !== "later") await this.#parts.store.barrier();
      return committed;
    } finally {
      this.#end();
    }
  }

  async #commit<T>(more: CommitRequest<T>): Promise<Committed<T>> {
    for (let attempt = 1; attempt <= COMMIT_ATTEMPTS_MAX; attempt += 1) {
      const done = await this.#attempt(more);
      if (!("again" in done)) return done;
      await done.again();
      await this.sink.finish();
    }
    throw new HoldfastError("LOCK_BUSY", "The vault changed under a commit again and again.");
  }

  async #attempt<T>(more: CommitRequest<T>): Promise<Done<T>> {
    const { writer } = this.#parts;
    const appended = this.#append(await this.#prepare(more.seenSince ?? null), more);
    let done: Done<T> | null = null;
    try {
      await Promise.all([writer.syncAside(), more.alongside?.()]);
      done = this.#transact(appended, more);
      return done;
    } finally {
      if (done === null || "again" in done) writer.voidMoments(appended.placed.map(({ table }) => table.id));
      writer.settle(recordsOf(appended));
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
  async #prepare(seenSince: number | null): Promise<Prepared> {
    const { versions } = this.#parts;
    const head = versions.head();
    const isOvertaken =
      seenSince === null || seenSince === head ? null : new Set(versions.pathsBetween(seenSince, head));
    const overtaken: TreePath[] = [];
    const fresh: Note[] = [];
    let looked = 0;
    for (const [path, entry] of this.#notes) {
      if (isOvertaken?.has(path)) overtaken.push(path);
      else if (head === 0 ? entry.kind !== "absent" : this.#isNews(path, entry, head))
        fresh.push({ path: versions.stored(path), entry });
      if (head !== 0 && ++looked % LOOKS_PER_SLICE === 0) await this.#parts.ports.clock.breathe();
    }
    return { head, chunks: await encodeNotesAside(fresh), overtaken };
  }

  #isNews(path: TreePath, entry: Entry, head: number): boolean {
    if (this.#isNewsAt.get(path) === head) return true;
    const last = this.#parts.versions.entryAt(path, head);
    return last === null ? entry.kind !== "absent" : !sameEntry(last, entry);
  }

  /** Numbers are given here, and hold only if nobody else gave them before the transaction. */
  #append(prepared: Prepared, { extra }: { extra?: Extra }): Appended {
    const { versions, writer, ports } = this.#parts;
    const head = versions.head();
    const seenAtMs = ports.clock.now();
    let upTo = head;
    let previousId = versions.momentId(head) ?? NO_MOMENT;
    const placed = prepared.chunks.map((chunk) => {
      const count = chunk.notes.length;
      const table = { id: ports.random.bytes(16), previousId, firstNumber: upTo + 1, seenAtMs, count };
      previousId = table.id;
      upTo += count;
      return { chunk, table, record: writer.append(encodeVersions(chunk, table)) };
    });
    const extraRecord = extra === undefined ? null : writer.append(extra.record(upTo, previousId));
    return { prepared, head, upTo, seenAtMs, placed, extra: extraRecord };
  }

  #transact<T>(appended: Appended, more: CommitRequest<T>): Done<T> {
    const done = this.#parts.store.transaction(
      (): Done<T> => {
        const again = this.#obstacle(appended);
        return again === null ? this.#write(appended, more) : { again };
      },
      { durable: "later" },
    );
    if (!("again" in done))
      for (const { pack } of [...recordsOf(appended), ...this.sink.records()]) pack.indexed = true;
    return done;
  }

  /** What another writer did that this commit has to take into account first. */
  #obstacle(appended: Appended): (() => Promise<void>) | null {
    const { contents, versions, writer } = this.#parts;
    const records = [...this.sink.records(), ...recordsOf(appended)];
    const taken = new Set(records.flatMap(({ pack }) => (this.#isTaken(pack) ? [pack] : [])));
    if (taken.size > 0) return async () => taken.forEach((pack) => void writer.moveAway(pack));
    const missing = this.sink.missing();
    if (missing.length > 0) return () => this.#putAgain(missing);
    const head = versions.head();
    if (head !== appended.head) return async () => {};
    if (head === appended.prepared.head) return null;
    assert(contents !== null && head > appended.prepared.head, "version numbers only grow");
    const isNoted = versions.pathsBetween(appended.prepared.head, head).some((path) => this.#notes.has(path));
    return isNoted ? async () => {} : null;
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

  #write<T>({ prepared, placed, upTo, head, seenAtMs, extra }: Appended, more: CommitRequest<T>): Committed<T> {
    const { contents, versions } = this.#parts;
    const records = [...placed.map(({ record }) => record), ...(extra === null ? [] : [extra])];
    for (const pack of new Set([...this.sink.records(), ...records].map((record) => record.pack)))
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
    return { result: more.alsoCommit(upTo), upTo, firstNumber: head + 1, overtaken: prepared.overtaken };
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

/** What lies in packs, and becomes visible with the transaction. */
interface Appended {
  readonly prepared: Prepared;
  /** Numbers were given after it. */
  readonly head: number;
  readonly upTo: number;
  readonly seenAtMs: number;
  readonly placed: readonly { chunk: EncodedNotes; table: VersionsTable; record: PlacedRecord }[];
  readonly extra: PlacedRecord | null;
}

function recordsOf({ placed, extra }: Appended): PlacedRecord[] {
  return [...placed.map(({ record }) => record), ...(extra === null ? [] : [extra])];
}

type Done<T> = Committed<T> | { again: () => Promise<void> };

/** Each further attempt needs another writer that did the same paths in between. */
const COMMIT_ATTEMPTS_MAX = 100;
const LOOKS_PER_SLICE = 200;
