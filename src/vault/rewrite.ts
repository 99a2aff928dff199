/**
 * Rewrites packs without what the index no longer knows, into new ones, and removes the old.
 *
 * Copy → barrier → one transaction that moves the rows → the old files go. A record keeps its number; what changed under the copy (a
 * record committed into the pack, content removed) makes the transaction give up that round and begin again. Crash before the
 * transaction: the new pack is an orphan, removed by the next prune. After it: the old one is.
 *
 * Files are unlinked inside a transaction of their own: a commit that still writes into such a pack either came before, then the
 * pack has a row and stays, or comes after, sees the name gone and writes its records again elsewhere.
 */

import { join } from "node:path";
import { type Digest, digestFromBytes, type Ports, type Store } from "../base/index.ts";
import { compress, decodePieceTable, encodePaying, encodePieceTable, type PiecePlace } from "./block.ts";
import { ContentIndex } from "./content-index.ts";
import { checkedRecord, PackReader, packName, packNumbers } from "./pack-files.ts";
import { PackWriter, type PlacedRecord } from "./pack-writer.ts";
import { type EncodedRecord, RECORD_KINDS } from "./record.ts";

export interface RewriteParts {
  readonly store: Store;
  readonly ports: Pick<Ports, "disk" | "random" | "clock">;
  readonly packsDir: string;
}

interface RecordRow {
  readonly number: number;
  readonly pack: number;
  readonly offset: number;
  readonly length: number;
  readonly kind: number;
}

/** Where a record goes: a new place (with new places of its pieces, for a block that lost some), or nowhere. */
interface Move {
  readonly row: RecordRow;
  readonly to: PlacedRecord | null;
  readonly pieces: readonly PiecePlace[];
}

/** Returns the bytes that became free. */
export async function rewritePacks(parts: RewriteParts, packs: readonly number[]): Promise<number> {
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    const freed = await tryRewrite(parts, packs);
    if (freed !== null) return freed;
  }
  return 0;
}

/** Each failed one needs a commit into the very packs, or another prune, in between. */
const ATTEMPTS_MAX = 5;

async function tryRewrite(parts: RewriteParts, packs: readonly number[]): Promise<number | null> {
  const { store, ports, packsDir } = parts;
  const contents = new ContentIndex(store);
  const epoch = contents.epoch();
  const reader = new PackReader(packsDir, ports.disk);
  const writer = new PackWriter(packsDir, ports, () => contents.lastRemovedPack());
  try {
    const before = packs.reduce(
      (sum, pack) => sum + (ports.disk.lstat(join(packsDir, packName(pack)))?.sizeBytes ?? 0),
      0,
    );
    const moves: Move[] = [];
    for (const row of recordsOf(store, packs)) {
      const bytes = reader.bytes(row);
      if (bytes === null) return null;
      moves.push(await moved(row, bytes, { store, writer }));
      await ports.clock.breathe();
    }
    writer.sync();
    const done = store.transaction(() => {
      const isStale = contents.epoch() !== epoch || recordsOf(store, packs).length !== moves.length;
      const isTaken = moves.some(({ to }) => to !== null && ports.disk.lstat(to.pack.path)?.ino !== to.pack.ino);
      if (isStale || isTaken) return false;
      swapRows(store, contents, moves, packs);
      return true;
    });
    const placed = moves.flatMap(({ to }) => (to === null ? [] : [to]));
    const written = placed.reduce((sum, { length }) => sum + length, 0);
    writer.settle(placed);
    reader.close();
    removeOrphans(parts);
    return done ? Math.max(0, before - written) : null;
  } finally {
    reader.close();
    writer.close();
  }
}

/** Removes pack files that the index does not know. Of a running batch's uncommitted records it takes only the name away. */
export function removeOrphans({ store, ports, packsDir }: RewriteParts): void {
  const contents = new ContentIndex(store);
  const orphans = packNumbers(ports.disk, packsDir).filter((pack) => !contents.hasPack(pack));
  if (orphans.length === 0) return;
  // Their numbers are taken out of use first, for everybody: a new file of an old name would look as if it were still there.
  store.transaction(() => orphans.forEach((pack) => void contents.retireNumber(pack)));
  store.transaction(() => {
    for (const pack of orphans) if (!contents.hasPack(pack)) ports.disk.unlink(join(packsDir, packName(pack)));
  });
}

function recordsOf(store: Store, packs: readonly number[]): RecordRow[] {
  return packs.flatMap((pack) =>
    store.all<RecordRow>(
      "SELECT number, pack, offset, length, kind FROM vault_record WHERE pack = ? ORDER BY offset",
      pack,
    ),
  );
}

async function moved(
  row: RecordRow,
  bytes: Buffer,
  { store, writer }: { store: Store; writer: PackWriter },
): Promise<Move> {
  if (
    row.kind === RECORD_KINDS.run &&
    store.get("SELECT 1 FROM vault_run WHERE record = ?", row.number) === undefined
  ) {
    return { row, to: null, pieces: [] };
  }
  if (row.kind !== RECORD_KINDS.block) return { row, to: writer.append(asItIs(row, bytes)), pieces: [] };
  const live = new Set(
    store
      .all<{ digest: Uint8Array }>("SELECT digest FROM vault_piece WHERE record = ?", row.number)
      .map(({ digest }): Digest => digestFromBytes(digest)),
  );
  if (live.size === 0) return { row, to: null, pieces: [] };
  const block = checkedRecord(bytes, row);
  const pieces = decodePieceTable(block.table);
  if (pieces.every(({ digest }) => live.has(digest))) return { row, to: writer.append(asItIs(row, bytes)), pieces: [] };
  const kept = pieces.filter(({ digest }) => live.has(digest));
  const raw = Buffer.concat(kept.map(({ offset, length }) => block.raw.subarray(offset, offset + length)));
  const table = encodePieceTable(kept);
  const to = writer.append(encodePaying({ kind: "block", table, raw, packed: await compress(raw) }));
  return { row, to, pieces: decodePieceTable(table) };
}

/** Verbatim, but proven: damage must not travel on unseen. */
function asItIs(row: RecordRow, bytes: Buffer): EncodedRecord {
  const { kind, raw } = checkedRecord(bytes, row);
  return { kind, head: bytes, stored: Buffer.alloc(0), rawLength: raw.length };
}

function swapRows(store: Store, contents: ContentIndex, moves: readonly Move[], packs: readonly number[]): void {
  for (const { row, to, pieces } of moves) {
    if (to === null) {
      store.run("DELETE FROM vault_record WHERE number = ?", row.number);
      continue;
    }
    store.run(
      "UPDATE vault_record SET pack = ?, offset = ?, length = ?, raw_length = ? WHERE number = ?",
      to.pack.number,
      to.offset,
      to.length,
      to.rawLength,
      row.number,
    );
    for (const { digest, offset } of pieces) {
      store.run(
        "UPDATE vault_piece SET offset = ? WHERE digest = ? AND record = ?",
        offset,
        Buffer.from(digest.slice(7), "hex"),
        row.number,
      );
    }
  }
  for (const pack of packs) contents.removePack(pack);
  for (const pack of new Set(moves.flatMap(({ to }) => to?.pack ?? []))) contents.addPack(pack);
}
