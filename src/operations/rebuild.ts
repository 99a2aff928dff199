/**
 * A lost database, built again from packs and segments alone.
 *
 * It is built beside its place and renamed when it is whole, so that a crash here only means to begin again. What a crash can have cost is the last second of ledger segments; that is said in the ledger. Everything else – contents, versions,
 * snapshots, orders, baselines, the accepted configuration – is a view of packs and segments.
 */

import type { Digest, Ports, TreePath } from "../base/index.ts";
import { ACCEPTED, membershipOf, moveConfiguration } from "../component/index.ts";
import { openIncidents, openWindows } from "../guard/index.ts";
import { type LedgerRecord, recoverFromSegments } from "../ledger/index.ts";
import { openRuns } from "../rollback/index.ts";
import type { Tree } from "../tree/index.ts";
import { rebuildIndex } from "../vault/index.ts";
import { decodeChangeSet } from "../workorder/index.ts";
import { type House, openHouse } from "./house.ts";

/** Does nothing where the database is there, or where there is nothing to build it from. The caller holds the lock. */
export async function rebuildLost(tree: Tree, ports: Ports): Promise<void> {
  const { disk } = ports;
  if (disk.lstat(tree.state.db) !== null) return;
  const hasPacks = disk.lstat(tree.state.packs) !== null && disk.list(tree.state.packs).names.length > 0;
  const hasSegments = disk.lstat(tree.state.segments) !== null && disk.list(tree.state.segments).names.length > 0;
  if (!hasPacks && !hasSegments) return;
  const unfinished = `${tree.state.db}.rebuilding`;
  for (const file of [unfinished, `${unfinished}-wal`, `${unfinished}-shm`])
    if (disk.lstat(file) !== null) disk.unlink(file);
  const house = await openHouse({ ...tree, state: { ...tree.state, db: unfinished } }, ports, { readOnly: false });
  try {
    await rebuildInto(house);
  } finally {
    house.close();
  }
  disk.rename(unfinished, tree.state.db);
  disk.syncDir(tree.state.dir);
}

async function rebuildInto(house: House): Promise<void> {
  const { store, ports, tree, ledger } = house;
  await rebuildIndex({ store, ports, packsDir: tree.state.packs });
  const recovered = recoverFromSegments({ store, disk: ports.disk, segmentsDir: tree.state.segments });
  house.book.rebuild();
  await rebuildBaselines(house);
  openIncidents(house).rebuild();
  openWindows(house).rebuild();
  openRuns(house.store).rebuild(ledger);
  reopenJournal(house);
  const end = recovered.brokenAt;
  const note = end === null ? "the segments were complete" : `the segments end before record ${end.seq}: ${end.why}`;
  store.transaction(() => {
    ledger.append({
      event: "tree.recovered",
      actor: { kind: "service", name: "holdfast" },
      data: { from: "packs-and-segments", records: recovered.imported, note },
      summary: `the database was lost and built again from packs and ${recovered.imported} ledger records; what happened in the last second before may be missing`,
    });
  });
}

/** Replays what vouches for baselines, under the configuration that was accepted last. */
async function rebuildBaselines(house: House): Promise<void> {
  const { store, ledger, baselines, vault, configuration } = house;
  store.transaction(() => {
    baselines.clear();
    for (const record of ledger.read({ events: ["tree.config-accepted"] })) {
      const { digest } = (record as LedgerRecord<"tree.config-accepted">).data;
      moveConfiguration(baselines, { digest, seq: record.seq, sizeBytes: vault.read(digest).length });
    }
  });
  await configuration.load();
  store.transaction(() => {
    for (const record of ledger.read({ events: ["wo.accepted", "component.accepted", "component.removed"] })) {
      if (record.event === "component.removed") baselines.remove(record.component ?? "");
      // A repair vouched for nothing: see `recordAcceptance`.
      else if (house.book.row(record.wo ?? "")?.via !== "repair")
        replayAcceptance(record as LedgerRecord<"wo.accepted" | "component.accepted">, house);
    }
  });
}

function replayAcceptance(
  record: LedgerRecord<"wo.accepted" | "component.accepted">,
  { baselines, vault, config, book }: House,
): void {
  // A repair gives back what was there; it never moved a baseline.
  if (record.wo !== undefined && book.row(record.wo)?.via === "repair") return;
  const set = decodeChangeSet(vault.read(record.data.changeSet));
  const members = membershipOf(config());
  const inside = set.changes.filter(({ path }) => !path.startsWith("/"));
  baselines.move(
    inside.map(({ path, after }) => ({ path, entry: after })),
    {
      branch: record.data.branch,
      seq: record.seq,
      componentOf: (path) => record.component ?? members.componentOf(path as TreePath) ?? ACCEPTED,
    },
  );
}

/** Orders that were under way when the database was lost: recovery must find their change sets. */
function reopenJournal({ store, book, journal }: House): void {
  store.transaction(() => {
    for (const row of book.rows({ statuses: ["running"] })) {
      if (row.changeSet === null) continue;
      const order = book.order(row);
      journal.open({
        changeSet: row.changeSet as Digest,
        wo: row.id,
        commands: order.steps.length > 0 && !order.idempotent,
      });
      if (row.stage !== "planned") journal.advance(row.changeSet, "applied");
    }
  });
}
