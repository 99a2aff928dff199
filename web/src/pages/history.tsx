/** The ledger as a timeline: newest first, live at the top; stop anywhere, and see or bring back how it was there. */

import { useEffect, useMemo, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import type { LedgerRecord } from "../answers.ts";
import { type Stretch, useLedgerOf, useWholeLedger } from "../ledger.ts";
import { Failure } from "../parts/act.tsx";
import { AsItWas } from "../parts/as-it-was.tsx";
import { LedgerRows } from "../parts/ledger-rows.tsx";
import { Nothing } from "../parts/waiting.tsx";

/** A word that is rare does not draw in the whole ledger by itself. */
const LOOKED_THROUGH = 20_000;

export function History() {
  const { query, route } = useLocation();
  const subject = query["subject"] ?? "";
  const words = query["q"] ?? "";
  const [picked, setPicked] = useState<LedgerRecord | null>(null);
  useEffect(() => setPicked(null), [subject]);
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
  const shown = { picked: picked?.seq ?? null, onPick: setPicked };
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
        {(subject !== "" || words !== "") && <a href="/history">everything</a>}
      </form>
      {picked !== null && <AsItWas record={picked} subject={subject} onClose={() => setPicked(null)} />}
      {subject === "" && words === "" ? (
        <Everything {...shown} />
      ) : (
        <Part key={subject} subject={subject} words={words} {...shown} />
      )}
    </>
  );
}

interface Shown {
  picked: number | null;
  onPick(record: LedgerRecord): void;
}

function Everything(shown: Shown) {
  const stretch = useWholeLedger();
  return (
    <>
      {stretch.error !== null && <Failure error={stretch.error} />}
      <LedgerRows stretch={stretch} {...shown} />
    </>
  );
}

function Part({ subject, words, ...shown }: Shown & { subject: string; words: string }) {
  const ledger = useLedgerOf(subject);
  const { records, isWhole, error, more } = ledger;
  const [budget, setBudget] = useState(LOOKED_THROUGH);
  const matching = useMemo(() => records.filter((record) => matches(record, words)), [records, words]);
  const stretch: Stretch = { ...ledger, count: matching.length, at: (row) => matching[row] ?? null };
  const isTired = !isWhole && records.length >= budget;
  return (
    <>
      {error !== null && <Failure error={error} />}
      <LedgerRows
        stretch={stretch}
        onEnd={() => {
          if (!isWhole && !isTired) more();
        }}
        {...shown}
      />
      {isTired && (
        <p>
          <button type="button" onClick={() => setBudget(records.length + LOOKED_THROUGH)}>
            Look further back than {records.length.toLocaleString("en")} records
          </button>
        </p>
      )}
      {isWhole && matching.length === 0 && error === null && (
        <Nothing>Nothing on record{words === "" ? "" : ` with “${words}”`}.</Nothing>
      )}
    </>
  );
}

function matches(record: LedgerRecord, words: string): boolean {
  if (words === "") return true;
  const { event, summary, actor, cause, paths = [], wo = "", component = "" } = record;
  const who = [actor.kind, actor.name, actor.session ?? "", cause?.what ?? "", cause?.actor ?? ""];
  const all = [event, summary, ...who, wo, component, ...paths].join("\n").toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
}
