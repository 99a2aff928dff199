/**
 * Incidents and the drift that stands, in the store: a ledger record and what it leads to are one commit, always.
 *
 * Invariant: every drift that stands belongs to an incident that is open or dismissed; an open incident without one is resolved by
 * whoever takes its last drift away.
 */

import { assert, type Digest, HoldfastError, isoTime, LIMITS, type Ports, type Store } from "../base/index.ts";
import type { DriftOnRecord, EventName, Ledger, LedgerRecord, NewRecord } from "../ledger/index.ts";
import type { Vault } from "../vault/index.ts";
import { fold, type IncidentRow } from "./incident-row.ts";
import { joinable, type Newcomer } from "./joining.ts";
import { openStandingDrifts, type StandingDrifts } from "./standing-drift.ts";

export interface Incidents extends StandingDrifts {
  /** Appends and folds, inside the caller's transaction. */
  record<E extends EventName>(record: NewRecord<E>): LedgerRecord<E>;
  row(id: string): IncidentRow | null;
  /** By id or unambiguous beginning of it. `INCIDENT_UNKNOWN`. */
  find(text: string): IncidentRow;
  /** Newest first. */
  rows(filter?: { state?: IncidentRow["state"]; limit?: number }): IncidentRow[];
  openCount(): number;
  /** The one that this drift is a part of. */
  joinable(drift: Newcomer): IncidentRow | null;

  /** A time and some letters: `INC-20261122-104301-3fa9c2`. */
  newId(): string;
  /** Every content that an open incident counts on. */
  pins(): Set<Digest>;
  /** Makes the rows again from the ledger: after a lost database. */
  rebuild(): void;
}

type World = { store: Store; ledger: Ledger; vault: Vault; ports: Pick<Ports, "clock" | "random"> };

export function openIncidents({ store, ledger, vault, ports }: World): Incidents {
  const parse = (found: { row: string } | undefined) => (found ? (JSON.parse(found.row) as IncidentRow) : null);
  const row = (id: string) => parse(store.get<{ row: string }>("SELECT row FROM guard_incident WHERE id = ?", id));

  function take(record: LedgerRecord): void {
    if (record.incident === undefined) return;
    const next = fold(row(record.incident), record);
    if (next === null) return;
    store.run(
      "INSERT OR REPLACE INTO guard_incident (id, state, key, last_drift_ms, seq, row) VALUES (?, ?, ?, ?, ?, ?)",
      next.id,
      next.state,
      next.key,
      Date.parse(next.lastDriftAt),
      next.seq,
      JSON.stringify(next),
    );
  }

  return {
    record(newRecord) {
      assert(store.inTransaction, "a record and what it leads to are one commit");
      const record = ledger.append(newRecord);
      take(record as LedgerRecord);
      return record;
    },
    row,
    find(text) {
      const found = store.all<{ row: string }>(
        "SELECT row FROM guard_incident WHERE id = ?1 OR substr(id, 1, length(?1)) = ?1 LIMIT 2",
        text,
      );
      const [only] = found;
      if (only !== undefined && found.length === 1) return parse(only)!;
      throw new HoldfastError("INCIDENT_UNKNOWN", `There is no incident ${text}`, { data: { id: text } });
    },
    rows({ state, limit = LIMITS.incidentsListed } = {}) {
      const [where, values] = state === undefined ? ["", []] : ["WHERE state = ?", [state]];
      return store
        .all<{ row: string }>(`SELECT row FROM guard_incident ${where} ORDER BY seq DESC LIMIT ?`, ...values, limit)
        .map((found) => parse(found)!);
    },
    openCount: () => store.get<{ n: number }>("SELECT count(*) AS n FROM guard_incident WHERE state = 'open'")!.n,
    joinable: (drift) => joinable(drift, store),
    ...openStandingDrifts(store),
    newId() {
      const stamp = isoTime(ports.clock.now())
        .replace(/[-:]|\.\d+Z$/g, "")
        .replace("T", "-");
      return `INC-${stamp}-${ports.random.bytes(3).toString("hex")}`;
    },
    pins: () => pins(store, vault),
    rebuild() {
      store.transaction(() => {
        store.exec("DELETE FROM guard_incident; DELETE FROM guard_drift;");
        for (const record of ledger.read({ events: INCIDENT_EVENTS })) take(record);
      });
    },
  };
}

const INCIDENT_EVENTS: readonly EventName[] = [
  "incident.opened",
  "incident.joined",
  "incident.resolved",
  "incident.escalated",
  "incident.dismissed",
  "drift.detected",
  "repair.started",
  "guard.brake",
  "tree.workspace-gone",
  "tree.copy-at-work",
];

function pins(store: Store, vault: Vault): Set<Digest> {
  const pinned = new Set<Digest>();
  const add = ({ goal, present }: DriftOnRecord) => {
    for (const entry of [goal, present]) if (entry.kind === "file") pinned.add(entry.digest);
  };
  for (const { row } of store.all<{ row: string }>("SELECT row FROM guard_incident WHERE state = 'open'")) {
    const { digests, stored } = JSON.parse(row) as IncidentRow;
    for (const digest of digests) pinned.add(digest);
    for (const digest of stored) {
      pinned.add(digest);
      for (const drift of JSON.parse(vault.read(digest).toString()) as DriftOnRecord[]) add(drift);
    }
  }
  for (const { drift } of openStandingDrifts(store).standing()) add(drift);
  return pinned;
}

/** What an incident took, whole: also what was too much for the ledger. */
export function driftsOf(row: IncidentRow, { ledger, vault }: { ledger: Ledger; vault: Vault }): DriftOnRecord[] {
  const drifts: DriftOnRecord[] = [];
  for (const record of ledger.read({ events: ["drift.detected"], afterSeq: row.seq - 1 })) {
    if (record.incident !== row.id) continue;
    const { data } = record as LedgerRecord<"drift.detected">;
    if (data.drifts !== null) drifts.push(...data.drifts);
    else if (data.stored !== null) drifts.push(...(JSON.parse(vault.read(data.stored).toString()) as DriftOnRecord[]));
  }
  return drifts;
}
