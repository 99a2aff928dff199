/** What prune may never take: baselines and their history in the ledger, what open orders and open incidents count on. */

import type { Digest } from "../base/index.ts";
import { openIncidents } from "../guard/index.ts";
import type { LedgerRecord } from "../ledger/index.ts";
import { decodeChangeSet } from "../workorder/index.ts";
import type { House } from "./house.ts";

export function pinnedDigests(house: House): Set<Digest> {
  const { baselines, book, journal, ledger, vault } = house;
  const pinned = baselines.digests();
  for (const row of book.rows()) {
    pinned.add(row.raw).add(row.order);
    if (row.changeSet !== null) pinned.add(row.changeSet);
  }
  // Baselines are rebuilt from these.
  for (const record of ledger.read({ events: ["wo.accepted", "component.accepted"] })) {
    pinned.add((record as LedgerRecord<"wo.accepted">).data.changeSet);
  }
  // What was taken by force can be brought back, however long ago it was.
  for (const record of ledger.read({ events: ["exec.completed", "rollback.completed"] })) {
    const { changeSet } = (record as LedgerRecord<"exec.completed">).data;
    if (changeSet === null) continue;
    pinned.add(changeSet);
    for (const { before } of decodeChangeSet(vault.read(changeSet)).changes)
      if (before.kind === "file") pinned.add(before.digest);
  }
  for (const record of ledger.read({ events: ["tree.config-accepted"] }))
    pinned.add((record as LedgerRecord<"tree.config-accepted">).data.digest);
  for (const digest of openIncidents(house).pins()) pinned.add(digest);
  for (const { changeSet } of journal.entries()) {
    pinned.add(changeSet);
    for (const { before, after } of decodeChangeSet(vault.read(changeSet)).changes) {
      if (before.kind === "file") pinned.add(before.digest);
      if (after.kind === "file") pinned.add(after.digest);
    }
  }
  return pinned;
}
