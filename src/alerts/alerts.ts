/**
 * Tells people and programs what the ledger records: rules of `holdfast.yaml` → outbox → channels.
 *
 * Each notification is delivered at least once, with the same id each time, or given up after a day, on record either way. Crash: what
 * was sent and not yet noted is sent again. The ways out are tried side by side, one message at a time each: a slow one holds up none.
 */

import { HoldfastError, LIMITS, type Ports, type Store, uuidv7 } from "../base/index.ts";
import type { Actor, EventData, Ledger } from "../ledger/index.ts";
import { type Alert, digest, type Place } from "./alert.ts";
import { deliver } from "./channels/deliver.ts";
import { collect } from "./collect.ts";
import { openOutbox, type Waiting } from "./outbox.ts";
import { type AlertRule, type Channel, channelName } from "./rules.ts";

export interface AlertsWorld {
  readonly store: Store;
  readonly ledger: Ledger;
  readonly ports: Ports;
  readonly place: Place;
  rules(): readonly AlertRule[];
}

export interface Alerts {
  /** Looks at the ledger, and sends what is due. */
  tick(signal: AbortSignal): Promise<void>;
  /** What could not be delivered again and again. */
  trouble(): { code: string; message: string; hint: string }[];
}

export const SPEAKER: Actor = { kind: "service", name: "guardrail" };

export function openAlerts(world: AlertsWorld): Alerts {
  const { store, ports } = world;
  const outbox = openOutbox(store);
  store.transaction(() => outbox.hurry(ports.clock.now()), { durable: "later" });
  return {
    async tick(signal) {
      while (!collect({ ...world, outbox })) await ports.clock.breathe();
      const nowMs = ports.clock.now();
      const due = outbox.waiting().filter((one) => isDue(one, nowMs));
      if (due.length === 0) return;
      const ways = Map.groupBy(due, ({ channel }) => JSON.stringify(channel));
      await Promise.all([...ways.values()].map((ready) => new Way(world, signal).send(ready)));
      store.transaction(() => outbox.forgetSentBefore(nowMs - 2 * LIMITS.alertTopicMs), { durable: "later" });
    },
    trouble: () =>
      outbox
        .waiting()
        .filter(({ attempts }) => attempts >= TROUBLE_ATTEMPTS)
        .map(({ channel, attempts, error }) =>
          new HoldfastError("ALERT_FAILED", `${channelName(channel)}: ${error} (${attempts} times)`).toJSON(),
        ),
  };
}

const TROUBLE_ATTEMPTS = 3;

/** A clock that was set back keeps nothing waiting for longer than the longest wait. */
function isDue({ nextMs }: Waiting, nowMs: number): boolean {
  return nextMs <= nowMs || nextMs > nowMs + 2 * Math.max(LIMITS.alertRetryMsMax, LIMITS.alertTopicMs);
}

/** One way out, and what is due there. */
class Way {
  readonly #world: AlertsWorld;
  readonly #signal: AbortSignal;

  constructor(world: AlertsWorld, signal: AbortSignal) {
    this.#world = world;
    this.#signal = signal;
  }

  async send(ready: readonly Waiting[]): Promise<void> {
    const { ports, store } = this.#world;
    const { channel } = ready[0]!;
    const outbox = openOutbox(store);
    const room = LIMITS.alertsPerMinuteMax - outbox.sentSince(channel, ports.clock.now() - 60_000);
    if (room <= 0) return;
    if (ready.length > LIMITS.alertsApartMax) {
      const all = digest(
        ready.map(({ alert }) => alert),
        uuidv7(ports.clock, ports.random),
      );
      await this.#sendAs(all, ready);
      return;
    }
    for (const one of ready) if (!(await this.#sendAs(one.alert, [one]))) return;
  }

  /** False when it did not go out: the others wait for the next time. */
  async #sendAs(alert: Alert, rows: readonly Waiting[]): Promise<boolean> {
    const { ports, place } = this.#world;
    const { channel } = rows[0]!;
    try {
      if (channel !== "telemetry") await deliver(alert, channel, { ports, cwd: place.root, signal: this.#signal });
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error;
      // Asked to end: it is tried again after the next start, and was no failure.
      if (!this.#signal.aborted) this.#postpone(alert, rows, error);
      return false;
    }
    this.#note(rows, channel, () =>
      channel === "telemetry"
        ? this.#record("alert.raised", true, alert, {
            alert: alert.id,
            title: alert.title,
            severity: alert.severity,
            records: alert.records,
          })
        : this.#record("alert.sent", true, alert, { ...outcome(alert, channel, rows) }),
    );
    return true;
  }

  #note(rows: readonly Waiting[], channel: Channel, record: () => void): void {
    const { store, ports } = this.#world;
    const outbox = openOutbox(store);
    store.transaction(() => {
      this.#removeSent(rows);
      for (const { topic } of rows) outbox.sent(channel, topic, ports.clock.now());
      record();
    });
  }

  /** What joined a notification while it was on its way is told by one of its own. */
  #removeSent(rows: readonly Waiting[]): void {
    const { store, ports } = this.#world;
    const outbox = openOutbox(store);
    for (const row of rows) {
      const now = outbox.find(row.channel, row.topic);
      outbox.remove([row.id]);
      if (now === null || now.alert.records === row.alert.records) continue;
      const id = uuidv7(ports.clock, ports.random);
      const records = now.alert.records - row.alert.records;
      const alert = { ...now.alert, id, records, events: now.alert.events.slice(-records) };
      const nextMs = ports.clock.now() + LIMITS.alertSettleMs;
      outbox.put({ ...now, id, alert, attempts: 0, nextMs, error: null });
    }
  }

  #postpone(alert: Alert, rows: readonly Waiting[], error: HoldfastError): void {
    const { store, ports } = this.#world;
    const outbox = openOutbox(store);
    const nowMs = ports.clock.now();
    const asked = error.data["retryAfterMs"];
    store.transaction(() => {
      for (const { id, channel, topic } of rows) {
        const row = outbox.find(channel, topic);
        if (row === null || row.id !== id) continue;
        const attempts = row.attempts + 1;
        if (nowMs - row.firstMs > LIMITS.alertAgeMsMax) {
          outbox.remove([id]);
          const data = { ...outcome(alert, channel, [{ ...row, attempts }]), why: error.message };
          this.#record("alert.failed", false, alert, data);
          continue;
        }
        const waitMs = Math.min(LIMITS.alertRetryMsMax, LIMITS.alertRetryMsMin * 2 ** (attempts - 1));
        const nextMs =
          nowMs + Math.max(waitMs, typeof asked === "number" ? Math.min(asked, LIMITS.alertRetryMsMax) : 0);
        outbox.put({ ...row, attempts, nextMs, error: error.message });
      }
    });
  }

  #record<E extends "alert.sent" | "alert.failed" | "alert.raised">(
    event: E,
    ok: boolean,
    { title, incident }: Alert,
    data: EventData[E],
  ): void {
    const summary = `${WORDS[event]}: ${title}`;
    this.#world.ledger.append({ event, ok, actor: SPEAKER, ...(incident === null ? {} : { incident }), data, summary });
  }
}

const WORDS = { "alert.sent": "told", "alert.failed": "could not be told", "alert.raised": "raised" } as const;

function outcome({ id, records }: Alert, channel: Channel, rows: readonly Waiting[]) {
  return {
    alert: id,
    channel: channelName(channel),
    records,
    attempts: Math.max(...rows.map(({ attempts }) => attempts)) + 1,
  };
}
