/** What waits to be told, in the store. Callers hold the transaction where several moves are one. */

import type { Store } from "../base/index.ts";
import type { Alert } from "./alert.ts";
import type { Channel } from "./rules.ts";

export interface Waiting {
  readonly id: string;
  readonly channel: Channel;
  readonly topic: string;
  readonly alert: Alert;
  readonly firstMs: number;
  readonly nextMs: number;
  readonly attempts: number;
  readonly error: string | null;
}

export interface Outbox {
  waiting(): Waiting[];
  /** The one of this channel and topic that waits. */
  find(channel: Channel, topic: string): Waiting | null;
  put(waiting: Waiting): void;
  remove(ids: readonly string[]): void;
  /** All that waits is tried at once: a start may mean that the network is back. */
  hurry(nowMs: number): void;
  sent(channel: Channel, topic: string, atMs: number): void;
  /** When this topic was told last; how many messages went out there since `sinceMs`. */
  lastSentMs(channel: Channel, topic: string): number | null;
  sentSince(channel: Channel, sinceMs: number): number;
  forgetSentBefore(ms: number): void;
  /** Up to which record the ledger was looked at; `null` where no rule looked yet. */
  position(): number | null;
  moveTo(seq: number | null): void;
}

interface Row {
  id: string;
  channel: string;
  topic: string;
  alert: string;
  first_ms: number;
  next_ms: number;
  attempts: number;
  error: string | null;
}

export function openOutbox(store: Store): Outbox {
  const key = (channel: Channel) => JSON.stringify(channel);
  return {
    waiting: () => store.all<Row>("SELECT * FROM alert_outbox ORDER BY id").map(waitingOf),
    find(channel, topic) {
      const row = store.get<Row>("SELECT * FROM alert_outbox WHERE channel = ? AND topic = ?", key(channel), topic);
      return row === undefined ? null : waitingOf(row);
    },
    put({ id, channel, topic, alert, firstMs, nextMs, attempts, error }) {
      store.run(
        "INSERT OR REPLACE INTO alert_outbox (id, channel, topic, alert, first_ms, next_ms, attempts, error) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        id,
        key(channel),
        topic,
        JSON.stringify(alert),
        firstMs,
        nextMs,
        attempts,
        error,
      );
    },
    remove(ids) {
      for (const id of ids) store.run("DELETE FROM alert_outbox WHERE id = ?", id);
    },
    hurry: (nowMs) => void store.run("UPDATE alert_outbox SET next_ms = min(next_ms, ?)", nowMs),
    sent: (channel, topic, atMs) =>
      void store.run("INSERT INTO alert_sent (channel, topic, at_ms) VALUES (?, ?, ?)", key(channel), topic, atMs),
    lastSentMs: (channel, topic) =>
      store.get<{ at: number | null }>(
        "SELECT max(at_ms) AS at FROM alert_sent WHERE channel = ? AND topic = ?",
        key(channel),
        topic,
      )?.at ?? null,
    sentSince: (channel, sinceMs) =>
      store.get<{ count: number }>(
        "SELECT count(DISTINCT at_ms) AS count FROM alert_sent WHERE channel = ? AND at_ms > ?",
        key(channel),
        sinceMs,
      )?.count ?? 0,
    forgetSentBefore: (ms) => void store.run("DELETE FROM alert_sent WHERE at_ms < ?", ms),
    position: () =>
      store.get<{ value: number }>("SELECT value FROM alert_memory WHERE name = 'position'")?.value ?? null,
    moveTo(seq) {
      if (seq === null) store.run("DELETE FROM alert_memory WHERE name = 'position'");
      else store.run("INSERT OR REPLACE INTO alert_memory (name, value) VALUES ('position', ?)", seq);
    },
  };
}

function waitingOf(row: Row): Waiting {
  const { id, topic, attempts, error, first_ms: firstMs, next_ms: nextMs } = row;
  return {
    id,
    channel: JSON.parse(row.channel),
    topic,
    alert: JSON.parse(row.alert),
    firstMs,
    nextMs,
    attempts,
    error,
  };
}
