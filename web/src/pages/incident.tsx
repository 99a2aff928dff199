/** An incident as a story on one time axis: before → what did it → noticed → what was done → now; then all that it took. */

import type { ComponentChildren } from "preact";
import { useLocation, useRoute } from "preact-iso";
import type { Incident, IncidentStory } from "../answers.ts";
import { useVerb } from "../api.ts";
import { Act } from "../parts/act.tsx";
import { CauseText } from "../parts/cause.tsx";
import { Copyable, printable } from "../parts/copy.tsx";
import { Diff } from "../parts/diff.tsx";
import { IncidentActs, meaningOf, stateText } from "../parts/incident-row.tsx";
import { Mark } from "../parts/mark.tsx";
import { Clock } from "../parts/time.tsx";
import { Answer } from "../parts/waiting.tsx";

export function IncidentPage() {
  const { params } = useRoute();
  const id = params["id"] ?? "";
  const story = useVerb<IncidentStory>("incidents show", { id }, ({ incident }) => incident === id);
  return <Answer asked={story}>{(value) => <Story story={value} onDone={() => story.again()} />}</Answer>;
}

function Story({ story, onDone }: { story: IncidentStory; onDone: () => void }) {
  const { incident, drifts } = story;
  const { route } = useLocation();
  return (
    <article>
      <p class="dim">
        <a href="/incidents">Incidents</a> / <Copyable text={incident.id} />
      </p>
      <h1>
        <Mark of={meaningOf(incident)} /> <span class="plainer">{sentenceOf(incident)}</span>
      </h1>
      <div class="row">
        {incident.state === "open" && (
          <>
            <IncidentActs incident={incident} onDone={onDone} />
            <Act
              deed={{
                verb: "incidents dismiss",
                input: { id: incident.id },
                command: `holdfast incidents dismiss ${incident.id}`,
              }}
              onDone={onDone}
            >
              Dismiss
            </Act>
            <Act
              deed={{
                verb: "incidents dismiss",
                input: { id: incident.id, falseAlarm: true },
                command: `holdfast incidents dismiss ${incident.id} --false-alarm`,
              }}
              onDone={onDone}
            >
              A false alarm
            </Act>
          </>
        )}
        <button type="button" onClick={() => route(`/diagnose?subject=${encodeURIComponent(incident.paths[0] ?? "")}`)}>
          Diagnose
        </button>
      </div>
      <Axis story={story} />
      <h2>What it took</h2>
      <Taken drifts={drifts} />
    </article>
  );
}

function sentenceOf({ paths, pathsTotal, kinds, components, cause, state }: Incident): ComponentChildren {
  const what = (
    <>
      <bdi class="mono">{printable(paths[0] ?? "")}</bdi>
      {pathsTotal > 1 ? ` and ${pathsTotal - 1} more` : ""}
      {components.length > 0 ? ` of ${components.map(printable).join(", ")}` : ""}: {kinds.join(", ")}
    </>
  );
  return (
    <>
      {what}
      {cause === null ? ", by nobody who was seen" : ""}; {state === "open" ? "it waits for you" : "it is over"}.
    </>
  );
}

interface Node {
  at: string | null;
  title: string;
  kind: "before" | "cause" | "unknown" | "blind" | "noticed" | "done" | "bad" | "now";
  body: ComponentChildren;
}

const TITLES: Record<string, { title: string; kind: Node["kind"] }> = {
  "incident.opened": { title: "noticed", kind: "noticed" },
  "incident.joined": { title: "went on", kind: "noticed" },
  "drift.detected": { title: "judged", kind: "noticed" },
  "repair.started": { title: "repair begun", kind: "done" },
  "repair.completed": { title: "put back", kind: "done" },
  "repair.failed": { title: "not put back", kind: "bad" },
  "incident.resolved": { title: "over", kind: "done" },
  "incident.escalated": { title: "a person must look", kind: "bad" },
  "incident.dismissed": { title: "dismissed", kind: "done" },
  "guard.brake": { title: "brake", kind: "bad" },
  "guard.brake-released": { title: "brake released", kind: "done" },
};

function Axis({ story: { incident, timeline, drifts } }: { story: IncidentStory }) {
  const nodes: Node[] = [
    {
      at: null,
      title: "before",
      kind: "before",
      body:
        drifts[0] === undefined
          ? "as accepted"
          : `${printable(drifts[0].path)} was ${drifts[0].was.state.replace(/, sha256:\w+/, "")}`,
    },
    ...incident.blind.map(
      ({ from, to, why }): Node => ({
        at: from,
        title: "nobody looked",
        kind: "blind",
        body: (
          <>
            until <Clock at={to} />: {printable(why)}
          </>
        ),
      }),
    ),
    {
      at: null,
      title: "what did it",
      kind: incident.cause === null ? "unknown" : "cause",
      body: <CauseText cause={incident.cause} others={incident.others} />,
    },
    ...timeline.map(({ at, event, says }): Node => {
      const { title, kind } = TITLES[event] ?? { title: event, kind: "noticed" };
      return { at, title, kind, body: printable(says) };
    }),
    { at: null, title: "now", kind: "now", body: <b>{stateText(incident)}</b> },
  ];
  return (
    <ol class="axis">
      {nodes.map(({ at, title, kind, body }, index) => (
        <li key={index} class={kind}>
          <span class="when">{at === null ? "" : <Clock at={at} />}</span>
          <span class="node" aria-hidden="true" />
          <span class="title">{title}</span>
          <span class="body">{body}</span>
        </li>
      ))}
    </ol>
  );
}

function Taken({ drifts }: { drifts: IncidentStory["drifts"] }) {
  return (
    <div class="taken">
      {drifts.map(({ path, kind, was, became, diff, note }) => (
        <details key={`${path} ${kind}`} open={drifts.length === 1}>
          <summary>
            <b>{kind}</b> <bdi class="mono">{printable(path)}</bdi>
            {note !== null && <span class="dim"> {printable(note)}</span>}
          </summary>
          <dl class="states">
            <dt>was</dt>
            <dd>
              <State of={was} path={path} />
            </dd>
            <dt>became</dt>
            <dd>
              <State of={became} path={path} />
            </dd>
          </dl>
          {diff !== null && <Diff text={diff} />}
          <a href={`/path?of=${encodeURIComponent(path)}`}>All versions</a>
        </details>
      ))}
    </div>
  );
}

function State({ of: { state, version }, path }: { of: IncidentStory["drifts"][number]["was"]; path: string }) {
  return (
    <>
      {printable(state.replace(/sha256:(\w{12})\w+/, "sha256:$1…"))}{" "}
      {version !== null && <Copyable text={`holdfast restore ${path} --from V${version}`} kind="command" />}
    </>
  );
}
