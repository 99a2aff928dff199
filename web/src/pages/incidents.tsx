/** What went wrong, one row a cause. */

import { useLocation } from "preact-iso";
import type { Incident } from "../answers.ts";
import { useVerb } from "../api.ts";
import { IncidentRow } from "../parts/incident-row.tsx";
import { Answer, Nothing } from "../parts/waiting.tsx";

const LISTED = 200;

export function Incidents() {
  const { query } = useLocation();
  const isOpenOnly = query["show"] === "open";
  const incidents = useVerb<{ incidents: Incident[] }>(
    "incidents",
    { limit: LISTED, ...(isOpenOnly ? { open: true } : {}) },
    ({ incident }) => incident !== undefined,
  );
  return (
    <>
      <h1>Incidents</h1>
      <p class="filters">
        <a href="/incidents" aria-current={isOpenOnly ? undefined : "true"}>
          All
        </a>
        <a href="/incidents?show=open" aria-current={isOpenOnly ? "true" : undefined}>
          Waiting for somebody
        </a>
      </p>
      <Answer asked={incidents}>
        {({ incidents: all }) =>
          all.length === 0 ? (
            <Nothing>Nothing was taken away{isOpenOnly ? " that waits for anybody" : " yet"}.</Nothing>
          ) : (
            all.map((incident) => (
              <IncidentRow key={incident.id} incident={incident} onDone={() => incidents.again()} />
            ))
          )
        }
      </Answer>
    </>
  );
}
