/**
 * A snapshot is a name for a moment: a version number, with its scope and what was skipped. It costs what changed, not what there is.
 *
 * Its record in the pack holds all of it as JSON, and the id of the moment that it names: after a crash between barrier and
 * transaction, a rebuilt index takes it only together with that moment.
 */

import { HoldfastError, type Ports, type SnapshotId, type Store, type TreePath, uuidv7 } from "../base/index.ts";
import { encodeCompressed } from "./block.ts";
import type { Extra } from "./commit.ts";
import type { Remembered, Snapshot, Vault } from "./contract.ts";
import type { Rememberer } from "./remember.ts";

export class SnapshotIndex {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Oldest first. */
  all(): Snapshot[] {
    return this.#store
      .all<{ body: string }>("SELECT body FROM vault_snapshot ORDER BY at_ms, id")
      .map(({ body }) => JSON.parse(body) as Snapshot);
  }

  /** By id or unambiguous beginning of it. */
  find(text: string): Snapshot {
    const found = /^[A-Za-z0-9-]+$/.test(text)
      ? this.#store.all<{ body: string }>(
          "SELECT body FROM vault_snapshot WHERE id >= ? AND id < ? LIMIT 2",
          text,
          `${text}~`,
        )
      : [];
    if (found.length === 1) return JSON.parse(found[0]!.body) as Snapshot;
    const why = found.length === 0 ? "There is no snapshot" : "More than one snapshot begins with";
    throw new HoldfastError("SNAPSHOT_UNKNOWN", `${why} ${text}.`, { data: { snapshot: text } });
  }

  add(snapshot: Snapshot, record: number): void {
    const { id, upTo, atMs } = snapshot;
    this.#store.run(
      "INSERT OR IGNORE INTO vault_snapshot VALUES (?, ?, ?, ?, ?)",
      id,
      record,
      upTo,
      atMs,
      JSON.stringify(snapshot),
    );
  }

  /** The record of a snapshot that is being taken, and its row. */
  extra(snapshot: (upTo: number) => Snapshot): Extra {
    return {
      record: (upTo, momentId) => {
        const body: SnapshotRecord = { v: 1, moment: momentId.toString("hex"), snapshot: snapshot(upTo) };
        return encodeCompressed("snapshot", Buffer.alloc(0), Buffer.from(JSON.stringify(body)));
      },
      index: (record, upTo) => this.add(snapshot(upTo), record),
    };
  }
}

export interface SnapshotRecord {
  v: 1;
  moment: string;
  snapshot: Snapshot;
}

/** Remembers, of any size, and names what that led to; record and row are part of the same commit. */
export async function takeSnapshot(
  request: Parameters<Vault["snapshot"]>[0],
  parts: { rememberer: Rememberer; snapshots: SnapshotIndex; ports: Pick<Ports, "clock" | "random"> },
): Promise<Snapshot> {
  let taken: ((upTo: number) => Snapshot) | null = null;
  const { upTo } = await parts.rememberer.remember({
    paths: request.paths ?? null,
    anySize: true,
    progress: request.progress,
    extra(soFar) {
      taken = newSnapshot(request, soFar, parts.ports);
      return parts.snapshots.extra(taken);
    },
    alsoCommit: (remembered) => request.record?.(taken!(remembered.upTo)),
  });
  return taken!(upTo);
}

function newSnapshot(
  request: { paths?: readonly TreePath[]; note?: string },
  soFar: Omit<Remembered, "upTo">,
  ports: Pick<Ports, "clock" | "random">,
): (upTo: number) => Snapshot {
  const id = `S${uuidv7(ports.clock, ports.random).replaceAll("-", "")}` as SnapshotId;
  const { files, bytes, newBytes, skipped, elapsedMs } = soFar;
  const paths = request.paths === undefined ? null : [...request.paths];
  const atMs = ports.clock.now();
  return (upTo) => ({ id, atMs, note: request.note ?? "", paths, upTo, files, bytes, newBytes, skipped, elapsedMs });
}
