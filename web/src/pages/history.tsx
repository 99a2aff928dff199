/**
 * The ledger as a timeline: newest first, older ones as one scrolls, live at the top.
 *
 * Only the rows in sight are in the document: a hundred thousand records scroll as ten do.
 */

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import type { LedgerRecord } from "../answers.ts";
import { type ApiError, ask, useRecords } from "../api.ts";
import { Failure } from "../parts/act.tsx";
import { printable } from "../parts/copy.tsx";
import { Clock } from "../parts/time.tsx";
import { Nothing } from "../parts/waiting.tsx";

const ROW_PX = 26;
const SLACK_ROWS = 20;
const PAGE = 500;
/** A word that is rare does not draw in the whole ledger by itself. */
const LOOKED_THROUGH = 20_000;

export function History() {
  const { query, route } = useLocation();
  const subject = query["subject"] ?? "";
  const words = query["q"] ?? "";
  const { records, isWhole, error, more } = useLedger(subject);
  const shown = words === "" ? records : records.filter((record) => matches(record, words));
  const go = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const search = new URLSearchParams();
    for (const name of ["subject", "q"]) {
      const text = String(form.get(name) ?? "").trim();
      if (text !== "") search.set(name, text);
    }
    route(`/history${search.size === 0 ? "" : `?${search}`}`);
  };
  return (
    <>
      <h1>History</h1>
      <form class="filters" onSubmit={go}>
        <label>
          of{" "}
          <input name="subject" key={`s${subject}`} defaultValue={subject} placeholder="a path, component or order" />
        </label>
        <label>
          with <input name="q" key={`q${words}`} defaultValue={words} placeholder="actor, event, command …" />
        </label>
        <button type="submit">Show</button>
      </form>
      {error !== null && <Failure error={error} />}
      <Rows records={shown} loaded={records.length} isWhole={isWhole} more={more} />
      {isWhole && shown.length === 0 && error === null && (
        <Nothing>Nothing on record{words === "" ? "" : ` with “${words}”`}.</Nothing>
      )}
    </>
  );
}

function matches(record: LedgerRecord, words: string): boolean {
  const { event, summary, actor, cause, paths = [], wo = "", component = "" } = record;
  const text = [
    event,
    summary,
    actor.kind,
    actor.name,
    actor.session ?? "",
    cause?.what ?? "",
    cause?.actor ?? "",
    wo,
    component,
    ...paths,
  ];
  const all = text.join("\n").toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
}

/** Newest first; `more` asks for the next older ones. */
function useLedger(subject: string) {
  const [records, setRecords] = useState<LedgerRecord[]>([]);
  const [isWhole, setWhole] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const isAsking = useRef(false);
  const oldest = useRef<number | null>(null);
  const of = subject === "" ? {} : { subject };

  const more = useCallback(async () => {
    if (isAsking.current) return;
    isAsking.current = true;
    try {
      const before = oldest.current === null ? {} : { before: oldest.current };
      const { records: page } = await ask<{ records: LedgerRecord[] }>("history", { ...of, ...before, limit: PAGE });
      if (page[0] !== undefined) oldest.current = page[0].seq;
      setRecords((known) => [...known, ...page.reverse()]);
      setWhole(page.length < PAGE);
      setError(null);
    } catch (failed) {
      setError(failed as ApiError);
      setWhole(true);
    } finally {
      isAsking.current = false;
    }
  }, [subject]);

  useEffect(() => {
    oldest.current = null;
    setRecords([]);
    setWhole(false);
    void more();
  }, [more]);

  useRecords(
    useCallback(
      (heard) => {
        if (heard === null || heard.length === 0) return;
        if (subject === "")
          setRecords((known) => [...heard.filter(({ seq }) => seq > (known[0]?.seq ?? 0)).reverse(), ...known]);
        else void newer();
        async function newer() {
          const { records: page } = await ask<{ records: LedgerRecord[] }>("history", { ...of, limit: PAGE });
          setRecords((known) => [...page.filter(({ seq }) => seq > (known[0]?.seq ?? 0)).reverse(), ...known]);
        }
      },
      [subject],
    ),
  );
  return { records, isWhole, error, more };
}

function Rows({
  records,
  loaded,
  isWhole,
  more,
}: {
  records: readonly LedgerRecord[];
  /** Of which `records` are those that match. */
  loaded: number;
  isWhole: boolean;
  more: () => Promise<void>;
}) {
  const view = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [budget, setBudget] = useState(LOOKED_THROUGH);
  const height = view.current?.clientHeight ?? 600;
  const first = Math.max(0, Math.floor(top / ROW_PX) - SLACK_ROWS);
  const last = Math.min(records.length, Math.ceil((top + height) / ROW_PX) + SLACK_ROWS);
  useEffect(() => {
    if (!isWhole && last >= records.length - SLACK_ROWS && loaded < budget) void more();
  }, [last, loaded, isWhole, more, budget]);
  return (
    <div
      ref={view}
      class="ledger"
      tabIndex={0}
      role="log"
      aria-label="Ledger records"
      onScroll={(event) => {
        setTop(event.currentTarget.scrollTop);
        setBudget((before) => Math.max(before, loaded + LOOKED_THROUGH));
      }}
    >
      <div class="all" style={{ height: `${records.length * ROW_PX}px` }}>
        {records.slice(first, last).map((record, index) => (
          <Row key={record.seq} record={record} top={(first + index) * ROW_PX} />
        ))}
      </div>
      {!isWhole && loaded >= budget && (
        <button type="button" onClick={() => setBudget(loaded + LOOKED_THROUGH)}>
          Look further back than {loaded.toLocaleString("en")} records
        </button>
      )}
    </div>
  );
}

function Row({
  record: { seq, ts, event, summary, ok, actor, cause, wo, incident },
  top,
}: {
  record: LedgerRecord;
  top: number;
}) {
  const to =
    incident !== undefined ? `/incidents/${incident}` : wo !== undefined ? `/orders/${encodeURIComponent(wo)}` : null;
  const who = cause?.actor ?? (actor.kind === "service" ? "" : actor.name);
  return (
    <div class={ok ? "record" : "record bad-one"} style={{ top: `${top}px` }}>
      <span class="dim number mono">{seq}</span>
      <Clock at={ts} />
      <span class="mono event">{event}</span>
      <span class="says" title={printable(summary)}>
        {to === null ? printable(summary) : <a href={to}>{printable(summary)}</a>}
      </span>
      <span class="dim end">{printable(who)}</span>
    </div>
  );
}
