/** What is protected, how, and whether it is as accepted. */

import type { Component, LedgerRecord, Slo } from "../answers.ts";
import { useVerb } from "../api.ts";
import { Act } from "../parts/act.tsx";
import { Copyable, printable } from "../parts/copy.tsx";
import { Mark } from "../parts/mark.tsx";
import { Ago, duration } from "../parts/time.tsx";
import { Answer, Nothing } from "../parts/waiting.tsx";

const DRIFTS_SHOWN = 10;
const RECORDS_SHOWN = 8;

export function Components() {
  const components = useVerb<{ components: Component[] }>("components");
  const slo = useVerb<Slo>("slo", {}, ({ event }) => /^(incident|repair|guard)\./.test(event));
  return (
    <>
      <h1>Components</h1>
      <Answer asked={components}>
        {({ components: all }) =>
          all.length === 0 ? (
            <Nothing>
              Nothing is protected yet. Name what matters: <Copyable text="holdfast protect <path>" kind="command" />
            </Nothing>
          ) : (
            all.map((component) => (
              <OneComponent
                key={component.name}
                component={component}
                uptime={slo.value?.components.find(({ name }) => name === component.name) ?? null}
                onDone={() => components.again()}
              />
            ))
          )
        }
      </Answer>
    </>
  );
}

function OneComponent({
  component,
  uptime,
  onDone,
}: {
  component: Component;
  uptime: Slo["components"][number] | null;
  onDone: () => void;
}) {
  const { name, paths, response, strict, scope, files, drift, unaccepted } = component;
  return (
    <section class="component" aria-label={name}>
      <div class="what">
        <Mark of={drift.length === 0 ? "held" : "raised"} word={drift.length === 0 ? "as accepted" : "differs"} />{" "}
        <b>{printable(name)}</b>{" "}
        {paths.map((path) => (
          <Copyable key={path} text={path} kind="path" />
        ))}
        {name === "accepted" && paths.length === 0 && <span class="dim">what orders wrote outside any component</span>}
        <span class="dim end">
          {files} {files === 1 ? "path" : "paths"} · {response}
          {strict ? " · strict" : ""}
          {scope === "always" ? " · whatever is checked out" : ""}
          {uptime?.uptime != null && uptime.downMs > 0 ? ` · down ${duration(uptime.downMs)} in 24 h` : ""}
        </span>
      </div>
      {drift.length > 0 && (
        <ul class="drifts">
          {drift.slice(0, DRIFTS_SHOWN).map(({ path, kind }) => (
            <li key={`${path}${kind}`}>
              <b>{kind}</b>{" "}
              <a class="mono" href={`/path?of=${encodeURIComponent(path)}`}>
                <bdi>{printable(path)}</bdi>
              </a>
            </li>
          ))}
          {drift.length > DRIFTS_SHOWN && <li class="dim">… and {drift.length - DRIFTS_SHOWN} more</li>}
        </ul>
      )}
      {unaccepted.length > 0 && (
        <details>
          <summary>{unaccepted.length} changed, and not accepted</summary>
          <ul class="drifts mono">
            {unaccepted.map((path) => (
              <li key={path}>
                <a href={`/path?of=${encodeURIComponent(path)}`}>
                  <bdi>{printable(path)}</bdi>
                </a>
              </li>
            ))}
          </ul>
        </details>
      )}
      <div class="row">
        {drift.length > 0 && (
          <Act
            isMain
            deed={{ verb: "repair", input: { subject: name }, command: `holdfast repair ${name}` }}
            onDone={onDone}
          >
            Restore
          </Act>
        )}
        {(drift.length > 0 || unaccepted.length > 0) && (
          <Act
            deed={{ verb: "accept", input: { subjects: [name] }, command: `holdfast accept ${name}` }}
            onDone={onDone}
          >
            Accept
          </Act>
        )}
        <details class="story">
          <summary>Over time</summary>
          <ComponentStory name={name} />
        </details>
        <a href={`/diagnose?subject=${encodeURIComponent(name)}`}>Diagnose</a>
      </div>
    </section>
  );
}

function ComponentStory({ name }: { name: string }) {
  const history = useVerb<{ records: LedgerRecord[] }>("history", { subject: name, limit: RECORDS_SHOWN });
  return (
    <Answer asked={history}>
      {({ records }) => (
        <ol class="records">
          {[...records].reverse().map(({ seq, ts, summary }) => (
            <li key={seq}>
              <Ago at={ts} /> {printable(summary)}
            </li>
          ))}
          <li>
            <a href={`/history?subject=${encodeURIComponent(name)}`}>All of it, and back to any moment</a>
          </li>
        </ol>
      )}
    </Answer>
  );
}
