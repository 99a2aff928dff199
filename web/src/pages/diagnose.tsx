/** A path in; out come a verdict, the evidence on a time axis, and the commands that would mend it. */

import { useLocation } from "preact-iso";
import type { Diagnosis } from "../answers.ts";
import { useVerb } from "../api.ts";
import { sureness } from "../parts/cause.tsx";
import { Copyable, printable } from "../parts/copy.tsx";
import { Mark, type Meaning } from "../parts/mark.tsx";
import { Clock, duration } from "../parts/time.tsx";
import { Answer, Nothing } from "../parts/waiting.tsx";

export function Diagnose() {
  const { query, route } = useLocation();
  const subject = query["subject"] ?? "";
  const go = (event: SubmitEvent) => {
    event.preventDefault();
    const text = String(new FormData(event.currentTarget as HTMLFormElement).get("subject") ?? "").trim();
    route(`/diagnose${text === "" ? "" : `?subject=${encodeURIComponent(text)}`}`);
  };
  return (
    <>
      <h1>Diagnose</h1>
      <form class="filters" onSubmit={go}>
        <label>
          What became of{" "}
          <input name="subject" key={subject} defaultValue={subject} placeholder="a path or component" size={40} />
        </label>
        <button type="submit">Ask</button>
      </form>
      {subject === "" ? (
        <Nothing>Before anybody says “it never worked”: a path, gone or there, and what is known of it.</Nothing>
      ) : (
        <One subject={subject} />
      )}
    </>
  );
}

function One({ subject }: { subject: string }) {
  const asked = useVerb<Diagnosis>(
    "diagnose",
    { subject },
    ({ paths = [], event }) => event.startsWith("incident.") && paths.includes(subject),
  );
  return <Answer asked={asked}>{(diagnosis) => <Verdict diagnosis={diagnosis} />}</Answer>;
}

const SAYS: Record<string, { says: string; of: Meaning }> = {
  healthy: { says: "It is there, and as it should be.", of: "held" },
  "never-existed": { says: "It never existed.", of: "open" },
  "never-worked": { says: "It is there, and never worked.", of: "lost" },
  "never-merged": { says: "It exists on a branch that was never merged.", of: "raised" },
  "worked-then-broke": { says: "It worked, then broke.", of: "lost" },
  moved: { says: "It was moved.", of: "raised" },
  "stale-copy": { says: "This copy is behind the canonical tree.", of: "raised" },
  unknown: { says: "Nothing certain is known.", of: "open" },
};

/** What tells of the change itself is drawn as what did it; the rest by how much it proves. */
function nodeOf(at: string | null, weight: number, change: Diagnosis["change"]): string {
  if (change !== null && !change.intentional && at !== null && at === change.at) return "cause";
  return weight >= 0.8 ? "done" : weight > 0 ? "noticed" : "unknown";
}

function Verdict({ diagnosis }: { diagnosis: Diagnosis }) {
  const { verdict, confidence, change, lastGood, movedTo, evidence, searched, proposals, elapsedMs } = diagnosis;
  const { says, of } = SAYS[verdict] ?? { says: verdict, of: "open" as const };
  const dated = evidence.filter(({ at }) => at !== null).sort((a, b) => a.at!.localeCompare(b.at!));
  return (
    <>
      <h2 class="verdict">
        <Mark of={of} word={verdict} /> {says} <span class="dim">{sureness(confidence)}</span>
      </h2>
      <dl class="facts">
        {change !== null && (
          <>
            <dt>{change.kind}</dt>
            <dd>
              {change.at !== null && <Clock at={change.at} />} {change.intentional === true ? "on purpose " : ""}
              {change.by?.what != null && (
                <>
                  by <Copyable text={change.by.what} kind="command" />{" "}
                  <span class="dim">
                    {[
                      change.by.actor,
                      change.by.pid === null ? null : `pid ${change.by.pid}`,
                      sureness(change.by.confidence),
                    ]
                      .filter((part) => part != null)
                      .join(" · ")}
                  </span>
                </>
              )}
              {change.by === null && !change.intentional && <span class="cause unknown">nobody was seen doing it</span>}{" "}
              {change.commit !== null && <Copyable text={change.commit} />}
            </dd>
          </>
        )}
        {lastGood !== null && (
          <>
            <dt>last good</dt>
            <dd>
              {lastGood.at !== null && <Clock at={lastGood.at} />} <span class="dim">{lastGood.source}</span>{" "}
              {lastGood.commit !== null && <Copyable text={lastGood.commit} />}
            </dd>
          </>
        )}
        {movedTo !== null && (
          <>
            <dt>now at</dt>
            <dd>
              <Copyable text={movedTo} kind="path" />
            </dd>
          </>
        )}
      </dl>
      {proposals.length > 0 && (
        <>
          <h2>What to do</h2>
          <ul class="proposals">
            {proposals.map(({ title, command, risk }) => (
              <li key={command}>
                {printable(title)} <Copyable text={command} kind="command" />
                {risk !== "none" && <span class={risk === "high" ? "bad" : "dim"}> {risk} risk</span>}
              </li>
            ))}
          </ul>
        </>
      )}
      {diagnosis.subject.path !== null && (
        <p>
          <a href={`/path?of=${encodeURIComponent(diagnosis.subject.path)}`}>All remembered versions</a>
        </p>
      )}
      <h2>Evidence</h2>
      <ol class="axis">
        {dated.map(({ at, source, says: said, weight }, index) => (
          <li key={index} class={nodeOf(at, weight, change)}>
            <span class="when">
              <Clock at={at!} />
            </span>
            <span class="node" aria-hidden="true" />
            <span class="title">{source}</span>
            <span class="body">{printable(said)}</span>
          </li>
        ))}
        {searched
          .filter(({ complete }) => !complete)
          .map(({ source, note }) => (
            <li key={source} class="blind">
              <span class="when" />
              <span class="node" aria-hidden="true" />
              <span class="title">{source}</span>
              <span class="body">could not be looked at in full{note === null ? "" : `: ${printable(note)}`}</span>
            </li>
          ))}
      </ol>
      <p class="dim">
        Looked at {searched.map(({ source }) => source).join(", ")} in {duration(elapsedMs)}.
      </p>
    </>
  );
}
