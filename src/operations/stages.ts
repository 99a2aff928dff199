/**
 * The spec's five stages, as what each does once: where the daemon holds the tree in the daemon, else under the lock.
 *
 * One pipeline stands behind all of them, so each of the first three takes in and carries out all that waits: a service that is down
 * holds up nothing that another can do.
 */

import { isoTime, printableLine } from "../base/index.ts";
import { openJudge } from "../guard/index.ts";
import { makeFolders, projectionPlaces } from "../tree/index.ts";
import type { Inbox } from "../workorder/index.ts";
import { drain } from "./drain.ts";
import type { StageName } from "./stage-names.ts";
import { troubleOf } from "./trouble.ts";
import type { Writer } from "./writer.ts";

/** One pass of a stage. `drifted`, `missing`: only the guardrail looks. */
export interface StagePass {
  readonly taken: string[];
  readonly setAside: string[];
  readonly drifted: string[];
  readonly missing: string[];
  readonly orders: { pending: number; running: number; done: number; failed: number };
  /** What kept it from doing all of its work. */
  readonly trouble: { code: string; message: string; hint: string }[];
}

export interface StageHands {
  readonly writer: Writer;
  readonly inbox: Inbox;
  /** Everything compared and judged, and what was lost put back. */
  sweep(): Promise<void>;
}

export async function passStage(name: StageName, hands: StageHands, signal: AbortSignal): Promise<StagePass> {
  const { writer, inbox } = hands;
  const { house, projector } = writer;
  switch (name) {
    case "apply_patch_processor":
    case "json_wo_processor":
    case "wo_executor":
      return passOf(writer, inbox, await drain(writer, inbox, signal), NOTHING_FOUND);
    case "followup_tracker":
      projector.recorded();
      await projector.rebuild();
      return passOf(writer, inbox, NOTHING_TAKEN, NOTHING_FOUND);
    case "wo_pipeline_guardrail": {
      const beganMs = house.ports.clock.monotonicMs();
      const afterSeq = house.ledger.head().seq;
      await hands.sweep();
      const found = foundSince(afterSeq, writer);
      logLine(found, house.ports.clock.monotonicMs() - beganMs, writer);
      return passOf(writer, inbox, NOTHING_TAKEN, found);
    }
  }
}

/** Without a daemon: the tree is remembered, everything that must hold is judged, and repairs are waited for. */
export async function sweepAlone(writer: Writer): Promise<void> {
  const { house, guard, engine, projector } = writer;
  const judge = openJudge(guard);
  const nowMs = house.ports.clock.now();
  await writer.rememberNow();
  await judge.judge({
    changes: [],
    sinceMs: nowMs,
    untilMs: nowMs,
    by: "sweep",
    skipped: [],
    blind: null,
    stillSettling: new Set(),
  });
  await judge.idle();
  await engine.drained();
  await projector.flush();
}

const NOTHING_TAKEN = { taken: [], setAside: [] };
const NOTHING_FOUND = { drifted: [], missing: [] };

function passOf(
  writer: Writer,
  inbox: Inbox,
  drained: Pick<StagePass, "taken" | "setAside">,
  found: Pick<StagePass, "drifted" | "missing">,
): StagePass {
  const { pending, running, done, failed } = writer.house.book.counts();
  return {
    ...drained,
    ...found,
    orders: { pending, running, done, failed },
    trouble: [...troubleOf(writer), ...inbox.trouble].map(({ code, message, hint }) => ({ code, message, hint })),
  };
}

/** What this look put on record: what stood already is on record since it was found, and named as drifted. */
function foundSince(afterSeq: number, { house }: Writer): Pick<StagePass, "drifted" | "missing"> {
  const drifted = new Set<string>();
  const missing = new Set<string>();
  for (const record of house.ledger.read({ afterSeq, events: ["guard.checked", "drift.detected"] })) {
    const data = record.data as { drifted?: string[]; missing?: string[]; components?: string[] | number };
    for (const name of data.drifted ?? []) drifted.add(name);
    for (const path of data.missing ?? []) missing.add(path);
    if (record.event !== "drift.detected") continue;
    for (const name of Array.isArray(data.components) ? data.components : []) drifted.add(name);
    if ((record.data as { kinds: string[] }).kinds.includes("deleted"))
      for (const path of record.paths ?? []) missing.add(path);
  }
  return { drifted: [...drifted].sort(), missing: [...missing].sort() };
}

/** `logs/guardrail.log`: one line a look, as people and old scripts read it. */
function logLine({ drifted, missing }: Pick<StagePass, "drifted" | "missing">, ms: number, { house }: Writer): void {
  const { ports, tree } = house;
  const { logs } = projectionPlaces(tree, house.config());
  const what = drifted.length === 0 ? "healthy" : `drift in ${drifted.join(", ")}`;
  const gone = missing.length === 0 ? "" : ` missing ${missing.join(", ")}`;
  makeFolders(ports.disk, logs, 0o755);
  appendRotated(
    `${logs}/guardrail.log`,
    `${isoTime(ports.clock.now())} ${printableLine(`${what}${gone}`)} (${Math.round(ms)} ms)\n`,
    ports,
  );
}

const LOG_BYTES_MAX = 1 * 2 ** 20;

/** Beyond its size the file becomes `<name>.1`, and an older one of that name goes. */
export function appendRotated(path: string, text: string, { disk }: Pick<Writer["house"]["ports"], "disk">): void {
  const stat = disk.lstat(path);
  if (stat !== null && stat.kind === "file" && stat.sizeBytes >= LOG_BYTES_MAX) disk.rename(path, `${path}.1`);
  const fd = disk.openAppend(path, 0o644);
  try {
    disk.write(fd, Buffer.from(text), null);
  } finally {
    disk.close(fd);
  }
}
