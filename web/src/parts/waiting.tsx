/** Before the first answer, where there is nothing, and where it went wrong. */

import type { ComponentChildren } from "preact";
import type { Asked } from "../api.ts";
import { Failure } from "./act.tsx";

/** Shows the last answer, with what went wrong since beside it; before the first one, lines where its own will be. */
export function Answer<T>({ asked, children }: { asked: Asked<T>; children: (value: T) => ComponentChildren }) {
  const isSaidAbove = asked.error !== null && SAID_ABOVE.includes(asked.error.code);
  return (
    <>
      {asked.error !== null && !isSaidAbove && (
        <p>
          <Failure error={asked.error} />
        </p>
      )}
      {asked.value === null ? asked.error === null && <Outline /> : children(asked.value)}
    </>
  );
}

/** The frame says once what is wrong with the connection. */
const SAID_ABOVE = ["GONE", "PAGE_TOKEN", "PAGE_STRANGER"];

function Outline() {
  return (
    <div class="outline" role="status" aria-busy="true" aria-label="loading">
      <i />
      <i />
      <i />
    </div>
  );
}

export function Nothing({ children }: { children: ComponentChildren }) {
  return <p class="nothing">{children}</p>;
}
