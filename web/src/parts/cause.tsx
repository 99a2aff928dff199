/** What did it, and how sure that is. Unknown is drawn, not hidden. */

import type { Cause } from "../answers.ts";
import { Copyable } from "./copy.tsx";

export function CauseText({ cause, others = [] }: { cause: Cause | null; others?: readonly string[] }) {
  if (cause === null)
    return (
      <span class="cause unknown">
        <span class="mono">?</span> nobody was seen doing it{others.length > 0 && <Others others={others} />}
      </span>
    );
  const who = [cause.actor, cause.pid == null ? null : `pid ${cause.pid}`, sureness(cause.confidence)];
  return (
    <span class="cause">
      <Copyable text={cause.what} kind="command" />{" "}
      <span class="dim">{who.filter((part) => part != null).join(" · ")}</span>
      {others.length > 0 && <Others others={others} />}
    </span>
  );
}

function Others({ others }: { others: readonly string[] }) {
  return (
    <details class="others">
      <summary>or {others.length === 1 ? "another" : `${others.length} others`} that could have</summary>
      <ul>
        {others.map((other) => (
          <li key={other}>
            <Copyable text={other} kind="command" />
          </li>
        ))}
      </ul>
    </details>
  );
}

export function sureness(confidence: number): string {
  return confidence >= 0.995 ? "certain" : `${Math.round(confidence * 100)} % sure`;
}
