/** `holdfast incidents show`: one incident, its timeline, and both states of each path. */

import { type Entry, printableLine, type TreePath } from "../../base/index.ts";
import { OWN } from "../../component/index.ts";
import { driftsOf, openIncidents } from "../../guard/index.ts";
import type { DriftOnRecord, LedgerRecord } from "../../ledger/index.ts";
import { type IncidentView, incidentLine, incidentView } from "../incident-view.ts";
import { type OperationContext, operation } from "../operation.ts";
import { diffOf, stateOf } from "../state-diff.ts";

const DIFFS_MAX = 5;
const ROWS_MAX = 20;

export const incidentsShow = operation({
  name: "incidents show",
  about: "One incident: what happened when, by whom, and what each path was and became",
  effect: "read",
  input: (z) => z.strictObject({ id: z.string() }),
  command: {
    arguments: [{ name: "id", about: "the incident's id, or its beginning" }],
    examples: ["holdfast incidents show INC-20261122-224307-3fa9c2"],
  },
  async run({ house }, { id }) {
    const row = openIncidents(house).find(id);
    const drifts = driftsOf(row, house);
    return {
      incident: incidentView(row),
      timeline: timelineOf(row.id, row.seq, house),
      drifts: drifts.map((drift, index) => driftView(drift, index < DIFFS_MAX, house)),
    };
  },
  print({ incident, timeline, drifts }, style) {
    const lines = [incidentLine(incident, style), ...incident.why.map((why) => style.dim(`  ${printableLine(why)}`))];
    if (incident.others.length > 0) lines.push(`  or ${incident.others.map(printableLine).join("; or ")}`);
    for (const { from, to, why } of incident.blind)
      lines.push(style.warn(`  nobody looked from ${from} to ${to}: ${printableLine(why)}`));
    lines.push("", ...timeline.map(({ at, says }) => `  ${style.dim(at)}  ${printableLine(says)}`), "");
    for (const { path, kind, was, became, diff } of drifts.slice(0, ROWS_MAX)) {
      lines.push(`  ${style.bad(kind.padEnd(14))} ${printableLine(path)}`);
      lines.push(style.dim(`    was ${was.state}${was.version === null ? "" : `  V${was.version}`}`));
      lines.push(style.dim(`    became ${became.state}${became.version === null ? "" : `  V${became.version}`}`));
      if (diff !== null)
        lines.push(
          ...diff
            .trimEnd()
            .split("\n")
            .map((line) => `    ${printableLine(line)}`),
        );
    }
    if (drifts.length > ROWS_MAX) lines.push(`  … and ${drifts.length - ROWS_MAX} more`);
    if (incident.state === "open") lines.push("", ...waysOut(incident, drifts[0]?.note ?? null));
    return lines.join("\n");
  },
});

/** What a person can do about it. */
function waysOut({ id, paths, workspace, components }: IncidentView, note: string | null): string[] {
  if (workspace !== null)
    return [
      `  → holdfast restore --workspace ${printableLine(workspace.name)}`,
      `  → holdfast incidents dismiss ${id}`,
    ];
  // What is Holdfast's own outside the tree is put back by the verb that put it there.
  if (components.includes(OWN) && note?.startsWith("holdfast "))
    return [`  → ${printableLine(note)}`, `  → holdfast incidents dismiss ${id}`];
  return [`  → holdfast repair ${id}`, `  → holdfast accept ${printableLine(paths[0] ?? "")}`];
}

type House = OperationContext["house"];

function timelineOf(
  id: string,
  seq: number,
  { ledger }: House,
): { at: string; event: string; says: string; seq: number }[] {
  const timeline: { at: string; event: string; says: string; seq: number }[] = [];
  for (const record of ledger.read({ afterSeq: seq - 1, events: EVENTS })) {
    if (record.incident === id)
      timeline.push({ at: record.ts, event: record.event, says: record.summary, seq: record.seq });
  }
  return timeline;
}

const EVENTS: readonly LedgerRecord["event"][] = [
  "incident.opened",
  "incident.joined",
  "incident.resolved",
  "incident.escalated",
  "incident.dismissed",
  "drift.detected",
  "repair.started",
  "repair.completed",
  "repair.noted",
  "repair.failed",
  "guard.brake",
  "guard.brake-released",
  "tree.workspace-gone",
  "tree.copy-at-work",
];

/** Both states by name: what `restore --from` takes. */
function driftView(drift: DriftOnRecord, withDiff: boolean, house: House) {
  const { path, component, kind, goal, present, matches, note, row, response } = drift;
  return {
    path,
    component,
    kind,
    row,
    response,
    matches,
    note: note ?? null,
    was: { ...stateOf(goal), version: versionOf(path, goal, house) },
    became: { ...stateOf(present), version: versionOf(path, present, house) },
    diff: withDiff ? diffOf({ path, was: goal, became: present }, house) : null,
  };
}

function versionOf(path: string, entry: Entry, { vault }: House): number | null {
  const found = vault
    .versions(path as TreePath)
    .find(({ entry: seen }) => seen.kind === entry.kind && stateOf(seen).state === stateOf(entry).state);
  return found?.number ?? null;
}
