/** What the records of a window tell, gathered by one pass: losses, stretches without a guard, times, counts. Pure. */

import type { AnyLedgerRecord, EventData } from "../ledger/index.ts";
import type { Span } from "./spans.ts";

export interface Story {
  readonly window: Span;
  /** Oldest first, up to the window's end. They begin early enough to tell what stood open as the window began. */
  readonly records: Iterable<AnyLedgerRecord>;
  /** Whether a guard was at work as the records begin. */
  readonly watchedBefore: boolean;
}

export interface Gap extends Span {
  readonly why: string;
}

interface Loss {
  readonly fromMs: number;
  readonly components: readonly string[];
  /** Over when the repair is; otherwise when the incident is, which may wait for a person. */
  readonly isRepaired: boolean;
}

export class Seen {
  readonly downBy = new Map<string, Span[]>();
  readonly braked: Span[] = [];
  readonly canaryFailing: Span[] = [];
  readonly unwatched: Gap[] = [];
  readonly detectionMs: number[] = [];
  readonly recoveryMs: number[] = [];
  readonly opened = new Set<string>();
  readonly falseAlarms = new Set<string>();
  readonly canary = { ok: 0, failed: 0 };
  checks = 0;
  readonly #countsFromMs: number;

  constructor(countsFromMs: number) {
    this.#countsFromMs = countsFromMs;
  }

  counts(atMs: number): boolean {
    return atMs >= this.#countsFromMs;
  }

  addDown(losses: readonly Loss[], toMs: number): void {
    for (const { fromMs, components } of losses) {
      for (const name of components) this.downBy.set(name, [...(this.downBy.get(name) ?? []), { fromMs, toMs }]);
    }
  }
}

/** What has begun and is not over. */
interface Open {
  readonly losses: Map<string, Loss[]>;
  /** When each incident's loss went on record, until a repair of it does. */
  readonly unrepaired: Map<string, number>;
  readonly windows: Map<string, Gap>;
  brakedSinceMs: number | null;
  canaryFailedMs: number | null;
  stoppedSince: { readonly ms: number; readonly why: string } | null;
}

export function fold({ window, records, watchedBefore }: Story): Seen {
  const seen = new Seen(window.fromMs);
  const open: Open = {
    losses: new Map(),
    unrepaired: new Map(),
    windows: new Map(),
    brakedSinceMs: null,
    canaryFailedMs: null,
    stoppedSince: watchedBefore ? null : { ms: 0, why: "no daemon ran" },
  };
  for (const record of records) {
    takeWatching(record, seen, open);
    takeLoss(record, seen, open);
    takeCanary(record, seen, open);
  }
  for (const losses of open.losses.values()) seen.addDown(losses, window.toMs);
  if (open.brakedSinceMs !== null) seen.braked.push({ fromMs: open.brakedSinceMs, toMs: window.toMs });
  if (open.canaryFailedMs !== null) seen.canaryFailing.push({ fromMs: open.canaryFailedMs, toMs: window.toMs });
  if (open.stoppedSince !== null) {
    const { ms, why } = open.stoppedSince;
    seen.unwatched.push({ fromMs: ms, toMs: window.toMs, why });
  }
  seen.unwatched.push(...open.windows.values());
  return seen;
}

function takeWatching(record: AnyLedgerRecord, seen: Seen, open: Open): void {
  const atMs = Date.parse(record.ts);
  switch (record.event) {
    case "guard.started":
      if (open.stoppedSince !== null) {
        const { ms, why } = open.stoppedSince;
        seen.unwatched.push({ fromMs: ms, toMs: atMs, why });
      }
      open.stoppedSince = null;
      break;
    case "guard.stopped":
      open.stoppedSince = { ms: atMs, why: "no daemon ran" };
      break;
    case "guard.blind": {
      const { from, to, why } = record.data;
      seen.unwatched.push({ fromMs: Date.parse(from), toMs: Date.parse(to), why });
      break;
    }
    case "guard.checked":
      if (seen.counts(atMs)) seen.checks += 1;
      break;
    case "guard.paused":
    case "maintenance.begun": {
      const { window, until, reason } = record.data;
      const why = record.event === "guard.paused" ? "paused" : "maintenance";
      open.windows.set(window, { fromMs: atMs, toMs: Date.parse(until), why: reason ? `${why}: ${reason}` : why });
      break;
    }
    case "maintenance.ended": {
      const begun = open.windows.get(record.data.window);
      if (begun !== undefined) seen.unwatched.push({ ...begun, toMs: atMs });
      open.windows.delete(record.data.window);
      break;
    }
    case "guard.brake":
      open.brakedSinceMs ??= atMs;
      break;
    case "guard.brake-released":
      if (open.brakedSinceMs !== null) seen.braked.push({ fromMs: open.brakedSinceMs, toMs: atMs });
      open.brakedSinceMs = null;
      break;
    default:
  }
}

function takeLoss(record: AnyLedgerRecord, seen: Seen, open: Open): void {
  const { incident } = record;
  if (incident === undefined) return;
  const atMs = Date.parse(record.ts);
  switch (record.event) {
    case "incident.opened":
      if (seen.counts(atMs)) seen.opened.add(incident);
      break;
    case "drift.detected": {
      if (record.data.response === "note") break;
      const sinceMs = record.data.since === undefined ? atMs : Date.parse(record.data.since);
      if (seen.counts(atMs)) seen.detectionMs.push(Math.max(0, atMs - sinceMs));
      open.losses.set(incident, [...(open.losses.get(incident) ?? []), ...lossesOf(record.data, sinceMs)]);
      open.unrepaired.set(incident, atMs);
      break;
    }
    case "repair.completed": {
      const lostMs = open.unrepaired.get(incident);
      if (lostMs !== undefined && seen.counts(atMs)) seen.recoveryMs.push(atMs - lostMs);
      open.unrepaired.delete(incident);
      if (record.data.kept.length > 0) break;
      const losses = open.losses.get(incident) ?? [];
      seen.addDown(
        losses.filter(({ isRepaired }) => isRepaired),
        atMs,
      );
      open.losses.set(
        incident,
        losses.filter(({ isRepaired }) => !isRepaired),
      );
      break;
    }
    case "incident.resolved":
    case "incident.dismissed": {
      const isFalse = record.event === "incident.dismissed" && record.data.falseAlarm;
      if (isFalse && seen.counts(atMs)) seen.falseAlarms.add(incident);
      if (!isFalse) seen.addDown(open.losses.get(incident) ?? [], atMs);
      open.losses.delete(incident);
      open.unrepaired.delete(incident);
      break;
    }
    default:
  }
}

function lossesOf({ components, response, drifts }: EventData["drift.detected"], fromMs: number): Loss[] {
  const raised = new Set(
    drifts === null
      ? response === "repair"
        ? []
        : components
      : drifts.filter((drift) => drift.response !== "repair").map(({ component }) => component),
  );
  return components.map((name) => ({ fromMs, components: [name], isRepaired: !raised.has(name) }));
}

function takeCanary(record: AnyLedgerRecord, seen: Seen, open: Open): void {
  const atMs = Date.parse(record.ts);
  if (record.event === "canary.failed") {
    if (seen.counts(atMs)) seen.canary.failed += 1;
    open.canaryFailedMs ??= atMs;
  } else if (record.event === "canary.ok") {
    if (seen.counts(atMs)) seen.canary.ok += 1;
    if (open.canaryFailedMs !== null) seen.canaryFailing.push({ fromMs: open.canaryFailedMs, toMs: atMs });
    open.canaryFailedMs = null;
  }
}
