/** "As it was here": what a return to a moment of the ledger would change, asked first, then done by one click. */

import { useEffect, useState } from "preact/hooks";
import type { IncidentStory, LedgerRecord, Order, Restored } from "../answers.ts";
import { type ApiError, ask, tell } from "../api.ts";
import { Act, Failure } from "./act.tsx";
import { Copyable, printable } from "./copy.tsx";
import { Clock } from "./time.tsx";

const SHOWN = 8;

export function AsItWas({ record, subject, onClose }: { record: LedgerRecord; subject: string; onClose: () => void }) {
  const { seq, ts, wo, incident } = record;
  const [subjects, setSubjects] = useState<readonly string[]>([]);
  const input = { subjects, from: ts };
  const [would, setWould] = useState<Restored | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    let isCurrent = true;
    const ask = async () => {
      const named = subject === "" ? await pathsOf(record) : [subject];
      const answer =
        named.length === 0 ? null : await tell<Restored>("restore", { subjects: named, from: ts, dryRun: true });
      if (!isCurrent) return;
      setSubjects(named);
      setWould(answer);
      setError(null);
    };
    ask().catch((failed: ApiError) => {
      if (!isCurrent) return;
      setWould(null);
      setError(failed);
    });
    return () => {
      isCurrent = false;
    };
  }, [seq, subject, round]);
  const command = `holdfast restore ${subjects.map(quoted).join(" ")} --from ${ts}`;
  return (
    <section class="as-it-was" aria-label="As it was here">
      <div class="row">
        <b>
          As it was at <Clock at={ts} />
        </b>
        <span class="dim">record {seq}</span>
        <button type="button" class="end" onClick={onClose}>
          Close
        </button>
      </div>
      <p>{printable(record.summary)}</p>
      {subjects.length === 0 && error === null && (
        <p class="dim">
          This record names no path. Search for one above to bring it back as it was here, or return the whole tree:{" "}
          <Copyable text={`holdfast restore --all --from ${ts} --dry-run`} kind="command" />
        </p>
      )}
      {error !== null && <Failure error={error} />}
      {would !== null && would.restored.length === 0 && <p class="dim">Nothing to bring back: it is as it was here.</p>}
      {would !== null && would.restored.length > 0 && (
        <>
          <ul class="drifts">
            {would.restored.slice(0, SHOWN).map((path) => (
              <li key={path}>
                <a class="mono" href={`/path?of=${encodeURIComponent(path)}`}>
                  <bdi>{printable(path)}</bdi>
                </a>
              </li>
            ))}
            {would.restored.length > SHOWN && <li class="dim">… and {would.restored.length - SHOWN} more</li>}
          </ul>
          <div class="row">
            <Act isMain deed={{ verb: "restore", input, command }} onDone={() => setRound((before) => before + 1)}>
              Bring back {would.restored.length === 1 ? "this path" : `these ${would.restored.length} paths`}
            </Act>
            <span class="dim">what stands there now is remembered first</span>
          </div>
        </>
      )}
      {wo !== undefined && (
        <p class="dim">
          To undo the order: <Copyable text={`holdfast rollback ${wo}`} kind="command" />
        </p>
      )}
      {incident !== undefined && (
        <p class="dim">
          The whole story: <a href={`/incidents/${incident}`}>{incident}</a>
        </p>
      )}
    </section>
  );
}

/** What a record is about: its own paths, or those of its order or incident. */
async function pathsOf({ paths, pathsTotal, wo, incident }: LedgerRecord): Promise<readonly string[]> {
  if (paths !== undefined && pathsTotal === undefined) return paths;
  if (wo !== undefined) return (await ask<Order>("wo show", { id: wo })).paths;
  if (incident !== undefined) return (await ask<IncidentStory>("incidents show", { id: incident })).incident.paths;
  return paths ?? [];
}

function quoted(text: string): string {
  return /^[\w./@%+=:,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
