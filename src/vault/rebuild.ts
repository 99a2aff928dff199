/**
 * Makes the whole index again from the packs alone: contents, versions, moments, snapshots.
 *
 * Reads every byte: a record that a crash tore behind a whole head must not be taken for the copy of a content that is whole
 * elsewhere. Content that prune had dropped from the index but not yet from its pack comes back; what was forgotten is in no
 * pack any more. Crash: it is one transaction; begun again, it begins anew.
 */

import type { Ports, Store } from "../base/index.ts";
import { decodePieceTable, decodeRun, type Run } from "./block.ts";
import { ContentIndex, type RecordRow, splitDigests } from "./content-index.ts";
import { packName, packNumbers } from "./pack-files.ts";
import { type ScannedRecord, scanPack } from "./pack-scan.ts";
import { DamagedRecord, type DecodedRecord, decodeRecord } from "./record.ts";
import { SnapshotIndex, type SnapshotRecord } from "./snapshots.ts";
import { NO_MOMENT, VersionIndex } from "./version-index.ts";
import { decodeNotes, decodeVersionsTable, type Note, type VersionsTable } from "./versions-record.ts";

export interface RebuildRequest {
  readonly store: Store;
  readonly ports: Pick<Ports, "disk">;
  readonly packsDir: string;
}

export interface Rebuilt {
  packs: number;
  records: number;
  versions: number;
  snapshots: number;
  /** What is no whole record: torn by a crash, or damaged. */
  damaged: { pack: string; offset: number; bytes: number }[];
}

export function rebuildIndex(request: RebuildRequest): Rebuilt {
  const { store } = request;
  return store.transaction(() => {
    for (const table of TABLES) store.run(`DELETE FROM ${table}`);
    const contents = new ContentIndex(store);
    const found = readPacks(request, contents);
    const versions = committedVersions(found.versions, found.voided);
    const index = new VersionIndex(store);
    for (const { table, notes, row } of versions) {
      contents.addRecord(row);
      index.add(notes, table.firstNumber, table.seenAtMs);
      index.addMoment(lastNumber(table), table.id, table.seenAtMs);
    }
    const head = index.head();
    for (const table of ["vault_piece", "vault_run"]) store.run(`UPDATE ${table} SET added_at = ?`, head);
    const snapshots = addSnapshots(found.snapshots, contents, index, store);
    contents.nextEpoch();
    const records = store.get<{ count: number }>("SELECT count(*) AS count FROM vault_record")!.count;
    return { packs: found.packs, records, versions: head, snapshots, damaged: found.damaged };
  });
}

const TABLES = [
  "vault_pack",
  "vault_record",
  "vault_piece",
  "vault_run",
  "vault_version",
  "vault_moment",
  "vault_snapshot",
  "vault_forgotten",
] as const;

interface FoundVersions {
  readonly table: VersionsTable;
  readonly notes: Note[];
  readonly row: RecordRow;
}

interface Found {
  packs: number;
  readonly versions: FoundVersions[];
  readonly runs: { run: Run; row: RecordRow }[];
  readonly snapshots: { record: SnapshotRecord; row: RecordRow }[];
  readonly voided: Set<string>;
  readonly damaged: Rebuilt["damaged"];
}

function readPacks({ ports, packsDir, store }: RebuildRequest, contents: ContentIndex): Found {
  const found: Found = { packs: 0, versions: [], runs: [], snapshots: [], voided: new Set(), damaged: [] };
  for (const pack of packNumbers(ports.disk, packsDir)) {
    let endBytes = 0;
    for (const scanned of scanPack(ports.disk, packsDir, pack)) {
      const record = "gapBytes" in scanned ? null : decoded(scanned);
      if (record === null || "gapBytes" in scanned) {
        const bytes = "gapBytes" in scanned ? scanned.gapBytes : scanned.length;
        found.damaged.push({ pack: packName(pack), offset: scanned.offset, bytes });
        continue;
      }
      takeRecord(record, scanned, { found, contents, store });
      endBytes = scanned.offset + scanned.length;
    }
    if (endBytes === 0) continue;
    contents.addPack({ number: pack, endBytes });
    found.packs += 1;
  }
  for (const { run, row } of found.runs) {
    // A run that an aborted batch left may lack pieces.
    if (splitDigests(run.pieces).every((piece) => contents.has(piece))) contents.addRun({ record: row, run }, 0);
  }
  return found;
}

function takeRecord(
  record: DecodedRecord,
  scanned: ScannedRecord,
  into: { found: Found; contents: ContentIndex; store: Store },
): void {
  const { found, contents, store } = into;
  const { offset, length, head } = scanned;
  const row: RecordRow = {
    pack: { number: scanned.pack },
    offset,
    length,
    rawLength: head.rawLength,
    kind: record.kind,
  };
  switch (record.kind) {
    case "block":
      contents.addBlocks([{ record: row, pieces: decodePieceTable(record.table) }], 0);
      break;
    case "run":
      found.runs.push({ run: decodeRun(record.table, record.raw), row });
      break;
    case "versions": {
      const table = decodeVersionsTable(record.table);
      found.versions.push({ table, notes: decodeNotes(record.raw, table.count), row });
      break;
    }
    case "snapshot":
      found.snapshots.push({ record: JSON.parse(record.raw.toString("utf8")) as SnapshotRecord, row });
      break;
    case "void":
      for (let at = 0; at < record.table.length; at += 16) found.voided.add(record.table.toString("hex", at, at + 16));
      break;
    case "forgotten":
      contents.addRecord(row);
      for (let at = 0; at < record.table.length; at += 32) {
        store.run("INSERT OR IGNORE INTO vault_forgotten VALUES (?)", record.table.subarray(at, at + 32));
      }
      break;
  }
}

function decoded(scanned: ScannedRecord): DecodedRecord | null {
  try {
    return decodeRecord(scanned.bytes());
  } catch (error) {
    if (error instanceof DamagedRecord) return null;
    throw error;
  }
}

/**
 * Of several records that claim the same numbers, the one that was committed: others name it as the one before them. Where nobody
 * does – both are the end – the later one: a commit that came through follows the one that a crash cut off.
 */
function committedVersions(found: readonly FoundVersions[], voided: ReadonlySet<string>): FoundVersions[] {
  const hex = (id: Buffer): string => id.toString("hex");
  const candidates = found.filter(({ table }) => !voided.has(hex(table.id)));
  const namedByOthers = new Set(candidates.map(({ table }) => hex(table.previousId)));
  const isNamed = ({ table }: FoundVersions): number => (namedByOthers.has(hex(table.id)) ? 0 : 1);
  const ordered = candidates.toSorted(
    (a, b) =>
      a.table.firstNumber - b.table.firstNumber || isNamed(a) - isNamed(b) || b.table.seenAtMs - a.table.seenAtMs,
  );
  const all = new Set(candidates.map(({ table }) => hex(table.id)));
  const committed: FoundVersions[] = [];
  let head = 0;
  let headId = hex(NO_MOMENT);
  for (const one of ordered) {
    // Prune may have copied a record and crashed before it removed the old pack: the same id twice.
    if (one.table.firstNumber <= head) continue;
    // It follows one that was not taken. Where the one before it is lost, it is taken all the same.
    if (hex(one.table.previousId) !== headId && all.has(hex(one.table.previousId))) continue;
    committed.push(one);
    head = lastNumber(one.table);
    headId = hex(one.table.id);
  }
  return committed;
}

function lastNumber(table: VersionsTable): number {
  return table.firstNumber + table.count - 1;
}

function addSnapshots(found: Found["snapshots"], contents: ContentIndex, versions: VersionIndex, store: Store): number {
  const index = new SnapshotIndex(store);
  const seen = new Set<string>();
  for (const { record, row } of found) {
    const { snapshot, moment } = record;
    const known = (versions.momentId(snapshot.upTo) ?? NO_MOMENT).toString("hex") === moment;
    if (!known || seen.has(snapshot.id)) continue;
    seen.add(snapshot.id);
    index.add(snapshot, contents.addRecord(row));
  }
  return seen.size;
}
