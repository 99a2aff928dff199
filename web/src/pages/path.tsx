/** One path over time: every remembered state, how it differs from the one before, and the way back to it. */

import { useLocation } from "preact-iso";
import type { Versions } from "../answers.ts";
import { useVerb } from "../api.ts";
import { Act } from "../parts/act.tsx";
import { Copyable, printable } from "../parts/copy.tsx";
import { Diff } from "../parts/diff.tsx";
import { Ago, Clock } from "../parts/time.tsx";
import { Answer, Nothing } from "../parts/waiting.tsx";

export function PathPage() {
  const { query } = useLocation();
  const path = query["of"] ?? "";
  const asked = useVerb<Versions>("versions", { path, diff: true });
  const of = encodeURIComponent(path);
  return (
    <article>
      <h1>
        <Copyable text={path} kind="path" />
      </h1>
      <p class="row">
        <a href={`/diagnose?subject=${of}`}>Diagnose</a>
        <a href={`/history?subject=${of}`}>On record</a>
      </p>
      <Answer asked={asked}>
        {({ versions, more }) =>
          versions.length === 0 ? (
            <Nothing>Nothing of it is remembered.</Nothing>
          ) : (
            <>
              <ol class="axis versions">
                {versions.map((version, index) => (
                  <OneVersion
                    key={version.version}
                    path={path}
                    version={version}
                    isNow={index === 0}
                    onDone={() => asked.again()}
                  />
                ))}
              </ol>
              {more && (
                <p class="dim">
                  Older ones: <Copyable text={`holdfast versions ${path} --limit 1000`} kind="command" />
                </p>
              )}
            </>
          )
        }
      </Answer>
    </article>
  );
}

function OneVersion({
  path,
  version: { version, at, state, kind, bytesKept, diff },
  isNow,
  onDone,
}: {
  path: string;
  version: Versions["versions"][number];
  isNow: boolean;
  onDone: () => void;
}) {
  const input = { subjects: [path], from: version };
  return (
    <li class={kind === "absent" ? "bad" : isNow ? "now" : "done"}>
      <span class="when">
        <Clock at={at} />
      </span>
      <span class="node" aria-hidden="true" />
      <span class="title mono">{version}</span>
      <span class="body">
        <span class="row">
          <span>
            {printable(state.replace(/sha256:(\w{12})\w+/, "sha256:$1…"))}{" "}
            <span class="dim">{isNow && "last seen "}</span>
            {isNow && (
              <span class="dim">
                <Ago at={at} />
              </span>
            )}
          </span>
          {!isNow && kind !== "absent" && bytesKept && (
            <Act
              deed={{ verb: "restore", input, command: `holdfast restore ${path} --from ${version}` }}
              onDone={onDone}
            >
              Bring this back
            </Act>
          )}
          {!bytesKept && <span class="dim">its bytes are not kept any more</span>}
        </span>
        {diff !== null && (
          <details open={isNow}>
            <summary>what changed</summary>
            <Diff text={diff} />
          </details>
        )}
      </span>
    </li>
  );
}
