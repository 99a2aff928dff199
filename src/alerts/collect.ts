/**
 * Ledger records become notifications: what is new is matched with the rules and joins what waits of its incident or order, in one commit
 * with the position. Nothing is sent here.
 */

import { LIMITS, type Ports, type Store, uuidv7 } from "../base/index.ts";
import type { Ledger, LedgerRecord } from "../ledger/index.ts";
import { alertOf, isWorseThan, joined, type Place } from "./alert.ts";
import type { Outbox } from "./outbox.ts";
import { type AlertRule, type Channel, eventsOf } from "./rules.ts";

export interface CollectWorld {
  readonly store: Store;
  readonly ledger: Pick<Ledger, "head" | "read">;
  readonly ports: Pick<Ports, "clock" | "random">;
  readonly outbox: Outbox;
  readonly place: Place;
  rules(): readonly AlertRule[];
}

/** False when there is more to look at. */
export function collect(world: CollectWorld): boolean {
  const { store, ledger, outbox } = world;
  const rules = world.rules().map((rule) => ({ ...rule, events: new Set<string>(eventsOf(rule)) }));
  const position = outbox.position();
  if (rules.length === 0) {
    // Rules that come back later are not about what happened in between.
    if (position !== null) store.transaction(() => outbox.moveTo(null), { durable: "later" });
    return true;
  }
  const head = ledger.head().seq;
  if (position === head) return true;
  if (position === null || position > head) {
    store.transaction(() => outbox.moveTo(head), { durable: "later" });
    return true;
  }
  const events = [...new Set(rules.flatMap((rule) => [...rule.events]))] as LedgerRecord["event"][];
  const records = [
    ...ledger.read({ afterSeq: position, beforeSeq: head + 1, events, limit: LIMITS.alertRecordsPerTurn }),
  ];
  const isAll = records.length < LIMITS.alertRecordsPerTurn;
  store.transaction(
    () => {
      for (const record of records)
        for (const { to, events: wanted } of rules) if (wanted.has(record.event)) tell(record, to, world);
      outbox.moveTo(isAll ? head : records.at(-1)!.seq);
    },
    { durable: "later" },
  );
  return isAll;
}

function tell(record: LedgerRecord, channel: Channel, { outbox, ports, place }: CollectWorld): void {
  const nowMs = ports.clock.now();
  const alert = alertOf(record, uuidv7(ports.clock, ports.random), place);
  const topic = record.incident ?? record.wo ?? record.component ?? record.event;
  const same = outbox.find(channel, topic);
  if (same !== null) {
    const nextMs = isWorseThan(alert.severity, same.alert.severity) ? Math.min(same.nextMs, nowMs) : same.nextMs;
    outbox.put({ ...same, alert: joined(same.alert, alert), nextMs });
    return;
  }
  const lastMs = outbox.lastSentMs(channel, topic);
  const quietMs = lastMs === null || alert.severity === "critical" ? 0 : lastMs + LIMITS.alertTopicMs;
  const nextMs = Math.min(Math.max(nowMs + LIMITS.alertSettleMs, quietMs), nowMs + LIMITS.alertTopicMs);
  outbox.put({ id: alert.id, channel, topic, alert, firstMs: nowMs, nextMs, attempts: 0, error: null });
}
