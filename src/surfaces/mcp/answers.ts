/** What the verbs answer, said in a claim, three dated lines and one command. Pure. */

import type { Answers, Diagnosis, Evidence, IncidentView, LedgerRecord, OrderView } from "../../operations/index.ts";
import type { Brief } from "./brief.ts";

const SHOWN = 3;

export function diagnoseBrief({ verdict, confidence, says, evidence, proposals }: Diagnosis): Brief {
  const dated = evidence.filter(({ weight }) => weight > 0).slice(-SHOWN);
  return {
    claim: `${verdict} (${Math.round(confidence * 100)} % sure). ${says}`,
    evidence: dated.map(evidenceLine),
    command: proposals[0]?.command ?? null,
  };
}

export function statusBrief({ components, incidents, config, daemon, orders, canary }: Answers["status"]): Brief {
  const all = components.healthy + components.drifted;
  const kept = all === 0 ? "nothing is protected yet" : `${components.healthy} of ${all} components as accepted`;
  const isWell = components.drifted === 0 && incidents.open === 0 && !config.differs && daemon.trouble.length === 0;
  const watch = daemon.running ? "guarded" : "nobody keeps watch";
  const raised = incidents.latest[0];
  return {
    claim: `${isWell ? "Held" : "Not all is well"}: ${kept}, ${count(incidents.open, "open incident")}, ${watch}.`,
    evidence: [
      ...daemon.trouble.map(({ message }) => `trouble: ${message}`),
      ...(config.differs ? ["holdfast.yaml was changed and is not accepted"] : []),
      ...incidents.latest.map(incidentLine),
      ...(orders.failed + orders.held > 0 ? [`orders: ${orders.failed} failed, ${orders.held} held`] : []),
      ...(canary === null ? [] : [`${minute(canary.at)} canary ${canary.ok ? "came through" : "failed"}`]),
    ],
    command: raised !== undefined ? `holdfast incidents show ${raised.id}` : daemon.running ? null : "holdfast up",
  };
}

type Changes = { of: string; incident: Answers["incidents show"] } | { of: string | null; history: Answers["history"] };

export function changesBrief(changes: Changes): Brief {
  if ("incident" in changes) {
    const { incident, timeline } = changes.incident;
    return {
      claim: `${incident.id} ${incident.state}: ${incidentText(incident)}`,
      evidence: timeline.slice(-SHOWN).map(({ at, says }) => `${minute(at)} ${says}`),
      command: incident.state === "open" ? `holdfast repair ${incident.id}` : null,
    };
  }
  const { of, history } = changes;
  const lines = history.evidence?.map(evidenceLine) ?? history.records.map(recordLine);
  const subject = of === null ? "" : ` of ${of}`;
  const command = of === null ? "holdfast history" : `holdfast history ${quoted(of)}`;
  if (lines.length === 0) return { claim: `Nothing is on record${subject}.`, evidence: [], command };
  const isOne = lines.length === 1;
  return {
    claim: `${count(lines.length, "change")} on record${subject}${isOne ? ":" : "; the newest:"}`,
    evidence: lines.slice(-SHOWN),
    command,
  };
}

export function restoreBrief({ restored, kept, unavailable, snapshotBefore, dryRun }: Answers["restore"]): Brief {
  const did = dryRun ? "Would restore" : "Restored";
  const parts = [
    restored.length === 0 ? "Nothing to restore: it is as it was" : `${did} ${count(restored.length, "path")}`,
    ...(kept.length > 0 ? [`${count(kept.length, "path")} kept, somebody wrote there meanwhile`] : []),
    ...(unavailable.length > 0 ? [`${count(unavailable.length, "path")} not to be had`] : []),
  ];
  return {
    claim: `${parts.join("; ")}.`,
    evidence: [
      ...unavailable.map(({ path, why }) => `${path}: ${why}`),
      ...kept.map((path) => `kept ${path}`),
      ...restored,
    ],
    command:
      snapshotBefore === null || restored.length === 0
        ? null
        : `holdfast restore ${quoted(restored.length === 1 ? restored[0]! : ".")} --from ${snapshotBefore}`,
  };
}

export function submitBrief(submitted: Answers["submit"]): Brief {
  const orders = "orders" in submitted ? submitted.orders : [submitted];
  const refused = "orders" in submitted ? (submitted.refused ?? []) : [];
  const [only] = orders;
  if (only !== undefined && orders.length === 1 && refused.length === 0) return orderBrief(only);
  return {
    claim: `${count(orders.length, "order")} taken, ${refused.length} not.`,
    evidence: [
      ...refused.map(({ code, message }) => `${code}: ${message}`),
      ...orders.map(({ id, stage }) => `${id} ${stage}`),
    ],
    command: "holdfast wo list",
  };
}

function orderBrief({ id, stage, title, error, tests, paths, heldBecause, snapshot }: OrderView): Brief {
  const failed = tests.filter(({ ok }) => !ok);
  return {
    claim: `${id} ${stage}${error === null ? "" : `: ${error.code}, ${error.message}`}. ${title}`,
    evidence: [
      ...(heldBecause === null ? [] : [`held: ${heldBecause}`]),
      ...failed.map(({ name, output }) => `failed: ${name}: ${output.trimEnd().split("\n").at(-1) ?? ""}`),
      ...(paths.length > 0 ? [`${count(paths.length, "path")}: ${paths.join(" ")}`] : []),
      ...(snapshot === null ? [] : [`before it: ${snapshot}`]),
    ],
    command: `holdfast wo show ${id}`,
  };
}

function evidenceLine({ at, source, says }: Evidence): string {
  return `${at === null ? "now" : minute(at)} ${source}: ${says}`;
}

function recordLine({ ts, summary, actor }: LedgerRecord): string {
  return `${minute(ts)} ${summary} (${actor.name})`;
}

function incidentLine(incident: IncidentView): string {
  return `${minute(incident.openedAt)} ${incidentText(incident)}`;
}

function incidentText({ kinds, paths, pathsTotal, cause }: IncidentView): string {
  const more = pathsTotal > 1 ? ` and ${pathsTotal - 1} more` : "";
  const by = cause === null ? "cause unknown" : `by ${cause.what}${cause.actor === null ? "" : ` (${cause.actor})`}`;
  return `${kinds.join(", ")} ${paths[0] ?? ""}${more} ${by}`;
}

/** `2026-11-22 10:28Z`. */
function minute(at: string): string {
  return `${at.slice(0, 16).replace("T", " ")}Z`;
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}

/** As a shell takes it. */
function quoted(text: string): string {
  return /^[\w./@%+=:,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
