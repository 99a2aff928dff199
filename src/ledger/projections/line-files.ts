/**
 * Projections into files of lines that others write too.
 *
 * Invariants: files are only appended to; nobody's line is changed or taken away; a line of ours is never written twice.
 * How: at each fold the part of the file that is not yet accounted for (from `scan_from` on) is searched for own lines. `scan_from` moves
 * only when the ledger was folded to its end, so a crash anywhere costs a scan, not a doubled line. The anchor, our last line, tells that
 * the file is still the one that we wrote: where it does not stand at its offset any more, everything is folded again.
 */

import type { Disk, Store } from "../../base/index.ts";
import { isAtOrBelow } from "../../tree/index.ts";
import { completeLines } from "../complete-lines.ts";
import type { LedgerRecord } from "../events.ts";
import { appendLines, readRange } from "./append-lines.ts";
import type { Projection } from "./projection.ts";

export interface LineFormat {
  readonly name: string;
  /** The file, or the folder of the files. Absolute. */
  readonly place: string;
  /** The line that tells of a record, without a newline, its key and its file; `null` when there is nothing to tell. */
  lineOf(record: LedgerRecord): OwnLine | null;
  /** What tells an own line from every other, own or foreign; `null` for foreign ones. Every own line names its `seq`. */
  keyOf(line: { readonly [key: string]: unknown }): string | null;
}

export interface OwnLine {
  readonly file: string;
  readonly line: string;
  readonly key: string;
}

export interface LineFilePorts {
  readonly store: Store;
  readonly disk: Disk;
  /** An absolute folder that must exist; no symbolic link below it is followed. */
  readonly root: string;
}

export function lineFiles(format: LineFormat, ports: LineFilePorts): Projection {
  return new LineFiles(format, ports);
}

interface FileRow {
  readonly file: string;
  readonly scan_from: number;
  readonly anchor_at: number;
  readonly anchor_key: string;
}

/** Own lines found between `from` and `upTo`, by key, with their offset. */
interface Scanned {
  readonly from: number;
  upTo: number;
  readonly own: Map<string, number>;
}

class LineFiles implements Projection {
  readonly name: string;
  readonly #format: LineFormat;
  readonly #ports: LineFilePorts;
  readonly #scanned = new Map<string, Scanned>();
  /** Since it settled last: the anchor of each file that was written. */
  readonly #written = new Map<string, { at: number; key: string }>();
  /** Files whose anchor was looked at, with the signature they had then. */
  readonly #looked = new Map<string, string>();

  constructor(format: LineFormat, ports: LineFilePorts) {
    this.name = format.name;
    this.#format = format;
    this.#ports = ports;
  }

  fold(records: readonly LedgerRecord[]): void {
    for (const [file, lines] of this.#linesByFile(records)) this.#write(file, lines);
  }

  unsynced(): string[] {
    return [...this.#written.keys()];
  }

  settle(last: boolean): void {
    const { store } = this.#ports;
    for (const [file, anchor] of this.#written) {
      store.run(
        `INSERT INTO projection_files (projection, file, scan_from, anchor_at, anchor_key) VALUES (?, ?, 0, ?, ?)
         ON CONFLICT DO UPDATE SET anchor_at = excluded.anchor_at, anchor_key = excluded.anchor_key`,
        this.name,
        file,
        anchor.at,
        anchor.key,
      );
    }
    this.#written.clear();
    if (last) this.#accountForScanned();
  }

  intact(): boolean {
    const rows = this.#ports.store.all<FileRow>("SELECT * FROM projection_files WHERE projection = ?", this.name);
    return rows.every((row) => isAtOrBelow(row.file, this.#format.place) && this.#anchorHolds(row));
  }

  restart(): void {
    this.#scanned.clear();
    this.#written.clear();
    this.#looked.clear();
    this.#ports.store.run("DELETE FROM projection_files WHERE projection = ?", this.name);
  }

  #linesByFile(records: readonly LedgerRecord[]): Map<string, OwnLine[]> {
    const files = new Map<string, OwnLine[]>();
    for (const record of records) {
      const made = this.#format.lineOf(record);
      if (made === null) continue;
      const lines = files.get(made.file);
      if (lines === undefined) files.set(made.file, [made]);
      else lines.push(made);
    }
    return files;
  }

  /** Appends those `lines` that the file does not have, in one write. */
  #write(file: string, lines: readonly OwnLine[]): void {
    const scanned = this.#scan(file);
    const missing = lines.filter(({ key }) => !scanned.own.has(key));
    const { key } = (missing.length > 0 ? missing : lines).at(-1)!;
    const at = missing.length > 0 ? this.#append(file, missing, scanned) : scanned.own.get(key)!;
    this.#written.set(file, { at, key });
  }

  /** Returns where the last of them begins. Where nobody else wrote meanwhile, what was added need not be scanned to be known. */
  #append(file: string, lines: readonly OwnLine[], scanned: Scanned): number {
    const { startsAt, lastAt, endsAt } = appendLines(
      this.#ports,
      file,
      lines.map(({ line }) => line),
    );
    if (startsAt !== scanned.upTo) return lastAt;
    let at = startsAt;
    for (const { key, line } of lines) {
      scanned.own.set(key, at);
      at += Buffer.byteLength(line) + 1;
    }
    scanned.upTo = endsAt;
    return lastAt;
  }

  /** Own lines in the part that is not accounted for; reads on from where the last scan ended. */
  #scan(file: string): Scanned {
    const { store, disk } = this.#ports;
    const from =
      store.get<FileRow>("SELECT * FROM projection_files WHERE projection = ? AND file = ?", this.name, file)
        ?.scan_from ?? 0;
    const known = this.#scanned.get(file);
    const stat = disk.lstat(file);
    const usable = known !== undefined && known.from === from && (stat?.sizeBytes ?? 0) >= known.upTo;
    const scanned = usable ? known : { from, upTo: from, own: new Map<string, number>() };
    this.#scanned.set(file, scanned);
    if (stat?.kind !== "file") return scanned;
    const lines = completeLines(disk, file, scanned.upTo);
    let next = lines.next();
    for (; !next.done; next = lines.next()) {
      const key = this.#keyOf(next.value.text);
      if (key !== null) scanned.own.set(key, next.value.at);
    }
    scanned.upTo = next.value;
    // Somebody may have cut off no more than our newline. It is put back when the next line is appended.
    const key = this.#keyOf(readEnd(disk, file, scanned.upTo));
    if (key !== null) scanned.own.set(key, scanned.upTo);
    return scanned;
  }

  /** The ledger was folded to its end: what was scanned is accounted for. */
  #accountForScanned(): void {
    for (const [file, { upTo }] of this.#scanned) {
      this.#ports.store.run(
        "UPDATE projection_files SET scan_from = ? WHERE projection = ? AND file = ?",
        upTo,
        this.name,
        file,
      );
    }
    this.#scanned.clear();
  }

  #anchorHolds({ file, anchor_at, anchor_key }: FileRow): boolean {
    const { disk } = this.#ports;
    const stat = disk.lstat(file);
    if (stat?.kind !== "file") return false;
    const signature = `${anchor_at} ${stat.dev} ${stat.ino} ${stat.sizeBytes} ${stat.mtimeMs} ${stat.ctimeMs}`;
    if (this.#looked.get(file) === signature) return true;
    const lines = completeLines(disk, file, anchor_at);
    const first = lines.next();
    // Ends the reading, which closes the file.
    lines.return(0);
    if (first.done || this.#keyOf(first.value.text) !== anchor_key) return false;
    this.#looked.set(file, signature);
    return true;
  }

  #keyOf(text: string | null): string | null {
    // Cheap, and most lines are not ours.
    if (text === null || !text.includes('"seq":')) return null;
    try {
      const line: unknown = JSON.parse(text);
      return line !== null && typeof line === "object" && !Array.isArray(line)
        ? this.#format.keyOf(line as { [key: string]: unknown })
        : null;
    } catch {
      return null;
    }
  }
}

/** What follows the last newline, if it may be a line of ours. */
function readEnd(disk: Disk, file: string, from: number): string | null {
  const upTo = disk.lstat(file)?.sizeBytes ?? 0;
  return upTo > from && upTo - from <= OWN_LINE_BYTES_MAX ? readRange(disk, file, from, upTo).toString() : null;
}

const OWN_LINE_BYTES_MAX = 64 * 1024;
