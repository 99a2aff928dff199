import { describe, expect, it } from "vitest";
import type { AnyLedgerRecord, EventData, EventName } from "../ledger/index.ts";
import { type Facts, measure } from "./measure.ts";

const HOUR = 3_600_000;
const MINUTE = 60_000;
const BEGIN = Date.parse("2026-11-22T00:00:00.000Z");
const iso = (minutes: number) => new Date(BEGIN + minutes * MINUTE).toISOString();

/** What happened so many minutes after the window began. */
function at<E extends EventName>(minutes: number, event: E, data: EventData[E], incident?: string): AnyLedgerRecord {
  const of = incident === undefined ? {} : { incident };
  return { event, ts: iso(minutes), ok: true, data, ...of } as unknown as AnyLedgerRecord;
}

function loss(minutes: number, component: string, sinceMinutes = minutes, incident = "I1"): AnyLedgerRecord[] {
  const drift = {
    drifts: [],
    stored: null,
    total: 1,
    components: [component],
    kinds: ["deleted"],
    response: "repair",
    severity: "normal",
    rows: [15],
    why: [],
    others: [],
    blind: null,
    since: iso(sinceMinutes),
  };
  return [at(minutes, "incident.opened", { key: null }, incident), at(minutes, "drift.detected", drift, incident)];
}

function measured(records: AnyLedgerRecord[], facts: Partial<Facts> = {}) {
  return measure({
    window: { fromMs: BEGIN, toMs: BEGIN + 2 * HOUR },
    records,
    watchedBefore: true,
    lookedUntilMs: BEGIN + 2 * HOUR,
    components: ["tools", "agents"],
    ...facts,
  });
}

describe("uptime", () => {
  it("is whole where nothing happened and somebody looked", () => {
    expect(measured([])).toMatchObject({ uptime: 1, notMeasuredMs: 0, incidents: 0, gaps: [] });
  });

  it("counts a loss from when it can have begun to its end, for its component and the pipeline", () => {
    const records = [...loss(31, "tools", 30), at(42, "incident.resolved", { by: "repair" }, "I1")];
    const { uptime, components } = measured(records);
    expect(uptime).toBeCloseTo(0.9, 10);
    expect(components).toEqual([
      { name: "tools", uptime: 0.9, downMs: 12 * MINUTE },
      { name: "agents", uptime: 1, downMs: 0 },
    ]);
  });

  it("counts two components that are down at once only once for the pipeline", () => {
    const records = [
      ...loss(0, "tools"),
      ...loss(0, "agents", 0, "I2"),
      at(12, "incident.resolved", { by: "repair" }, "I1"),
    ];
    const ended = [...records, at(24, "incident.resolved", { by: "repair" }, "I2")];
    expect(measured(ended).uptime).toBeCloseTo(0.8, 10);
  });

  it("counts what is still open, and what was open before, to the window's ends", () => {
    expect(measured(loss(60, "tools")).uptime).toBeCloseTo(0.5, 10);
    const before = measured([...loss(-10, "tools"), at(60, "incident.resolved", { by: "accept" }, "I1")]);
    expect(before.uptime).toBeCloseTo(0.5, 10);
    expect(before).toMatchObject({ incidents: 0, detectionMs: { max: null } });
  });

  it("counts what was put back to its repair, though its incident still waits for somebody", () => {
    const back = at(42, "repair.completed", { paths: 1, kept: [], ms: 1 }, "I1");
    expect(measured([...loss(30, "tools"), back]).uptime).toBeCloseTo(0.9, 10);
    const half = at(42, "repair.completed", { paths: 1, kept: ["a"], ms: 1 }, "I1");
    expect(measured([...loss(30, "tools"), half]).uptime).toBeCloseTo(0.25, 10);
  });

  it("never counts a false alarm, and says that it was one", () => {
    const records = [...loss(30, "tools"), at(60, "incident.dismissed", { falseAlarm: true, reason: "" }, "I1")];
    expect(measured(records)).toMatchObject({ uptime: 1, incidents: 1, falsePositives: 1 });
  });

  it("counts the time under the brake, and from a failed canary to the next good one", () => {
    const records = [
      at(0, "guard.brake", { kind: "gone", why: "" }),
      at(12, "guard.brake-released", { ms: 1 }),
      at(60, "canary.failed", { step: "written", message: "" }),
      at(72, "canary.ok", { ms: 1 }),
    ];
    expect(measured(records)).toMatchObject({ canary: { ok: 1, failed: 1 } });
    expect(measured(records).uptime).toBeCloseTo(0.8, 10);
  });
});

describe("what nobody looked at", () => {
  it("is neither up nor down", () => {
    const records = [
      ...loss(0, "tools"),
      at(30, "guard.stopped", { reason: "" }),
      at(90, "guard.started", { version: "1" }),
      at(90, "incident.resolved", { by: "itself" }, "I1"),
    ];
    const { uptime, notMeasuredMs, gaps } = measured(records);
    expect(notMeasuredMs).toBe(HOUR);
    expect(uptime).toBeCloseTo(0.5, 10);
    expect(gaps).toEqual([{ fromMs: BEGIN + 30 * MINUTE, toMs: BEGIN + 90 * MINUTE, why: "no daemon ran" }]);
  });

  it("is a daemon that was killed, that is not there now, and one that came late", () => {
    const blind = at(50, "guard.blind", { from: iso(20), to: iso(50), why: "no daemon ran" });
    expect(measured([blind]).notMeasuredMs).toBe(30 * MINUTE);
    expect(measured([], { lookedUntilMs: BEGIN + HOUR }).notMeasuredMs).toBe(HOUR);
    const late = measured([at(30, "guard.started", { version: "1" })], { watchedBefore: false });
    expect(late.notMeasuredMs).toBe(30 * MINUTE);
  });

  it("is a maintenance window, to its end, not to its limit", () => {
    const records = [
      at(0, "maintenance.begun", { window: "W1", until: iso(60), reason: "upgrade" }),
      at(10, "maintenance.ended", { window: "W1", how: "asked" }),
    ];
    expect(measured(records).gaps).toEqual([{ fromMs: BEGIN, toMs: BEGIN + 10 * MINUTE, why: "maintenance: upgrade" }]);
  });

  it("is told once where two reasons overlap", () => {
    const records = [
      at(10, "guard.stopped", { reason: "" }),
      at(30, "guard.started", { version: "1" }),
      at(31, "guard.blind", { from: iso(5), to: iso(31), why: "no daemon ran" }),
    ];
    const { gaps, notMeasuredMs } = measured(records);
    expect(notMeasuredMs).toBe(26 * MINUTE);
    expect(gaps.map(({ fromMs, toMs }) => toMs - fromMs).reduce((a, b) => a + b)).toBe(26 * MINUTE);
  });

  it("leaves no uptime where it is everything", () => {
    expect(measured([], { watchedBefore: false })).toMatchObject({ uptime: null, notMeasuredMs: 2 * HOUR });
  });
});

describe("times", () => {
  it("are from the first sign to the record, and from the record to the repair", () => {
    const repaired = (minutes: number) => at(minutes, "repair.completed", { paths: 1, kept: [], ms: 1 }, "I1");
    const records = [...loss(11, "tools", 10), repaired(13), ...loss(31, "tools", 30), repaired(35)];
    expect(measured(records)).toMatchObject({
      detectionMs: { p50: MINUTE, p95: MINUTE, max: MINUTE },
      recoveryMs: { p50: 2 * MINUTE, p95: 4 * MINUTE, max: 4 * MINUTE },
    });
    expect(measured([]).detectionMs).toEqual({ p50: null, p95: null, max: null });
  });

  it("count the looks", () => {
    const look = { components: 1, drifted: [], missing: [], deep: false, ms: 1 };
    expect(measured([at(5, "guard.checked", look), at(10, "guard.checked", look)]).checks).toBe(2);
  });
});
