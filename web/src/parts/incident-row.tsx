/** One incident in a list: what, what did it, what can be done. */

import type { Incident } from "../answers.ts";
import { Act } from "./act.tsx";
import { CauseText } from "./cause.tsx";
import { Copyable } from "./copy.tsx";
import { Mark, type Meaning } from "./mark.tsx";
import { Ago } from "./time.tsx";

export function meaningOf({ state, severity, escalated, response }: Incident): Meaning {
  if (state !== "open") return "held";
  return severity === "high" || escalated !== null || response === "brake" ? "lost" : "raised";
}

export function stateText({ state, resolvedBy, response, escalated, falseAlarm }: Incident): string {
  if (state === "open")
    return escalated !== null ? "a person must look" : response === "note" ? "noted" : "waits for you";
  if (state === "dismissed") return falseAlarm ? "a false alarm" : "dismissed";
  return { repair: "put back", accept: "accepted", itself: "as it should be again" }[resolvedBy ?? ""] ?? "resolved";
}

export function IncidentRow({ incident, onDone }: { incident: Incident; onDone?: () => void }) {
  const { id, paths, pathsTotal, kinds, cause, others, openedAt, state } = incident;
  return (
    <article class="incident">
      <div class="what">
        <Mark of={meaningOf(incident)} word={stateText(incident)} />
        <Copyable text={paths[0] ?? id} kind="path" />
        {pathsTotal > 1 && <span class="number"> and {pathsTotal - 1} more</span>} <b>{kinds.join(", ")}</b>
        <span class="dim end">
          {stateText(incident)} · <Ago at={openedAt} />
        </span>
      </div>
      <div class="by">
        <CauseText cause={cause} others={others} />
      </div>
      <div class="row">
        {state === "open" && <IncidentActs incident={incident} {...(onDone ? { onDone } : {})} />}
        <a href={`/incidents/${encodeURIComponent(id)}`}>What happened</a>
      </div>
    </article>
  );
}

export function IncidentActs({
  incident: { id, paths, pathsTotal, components },
  onDone,
}: {
  incident: Incident;
  onDone?: () => void;
}) {
  const subjects = pathsTotal > paths.length ? components : paths;
  const done = onDone === undefined ? {} : { onDone };
  return (
    <>
      <Act isMain deed={{ verb: "repair", input: { subject: id }, command: `holdfast repair ${id}` }} {...done}>
        Restore
      </Act>
      <Act
        deed={{
          verb: "accept",
          input: { subjects, reason: `accepted from ${id}` },
          command: `holdfast accept ${subjects.join(" ")}`,
        }}
        {...done}
      >
        Accept
      </Act>
    </>
  );
}
