/**
 * The ledger as the history page reads it. Whole, it is asked for by place: numbers have no gaps, so that any stretch of a million
 * records is one question. Of a path, or with words, it is read from its newest end, page by page.
 */

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { LedgerRecord } from "./answers.ts";
import { type ApiError, ask, useRecords } from "./api.ts";

const PAGE = 500;
/** Pages that are kept of the whole ledger; those that were seen longest ago go first. */
const PAGES_MAX = 60;

export interface Stretch {
  /** How many rows there are; the newest is row 0. */
  readonly count: number;
  /** `null`: it is on its way. */
  at(row: number): LedgerRecord | null;
  /** Rows that are about to be shown. */
  want(first: number, last: number): void;
  /** Nothing older is left to ask for. */
  readonly isWhole: boolean;
  readonly error: ApiError | null;
}

type Page = { records: LedgerRecord[] };

/** The whole ledger. */
export function useWholeLedger(): Stretch {
  const [headSeq, setHead] = useState<number | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [, redraw] = useState(0);
  const pages = useRef(new Map<number, Map<number, LedgerRecord>>());
  const asking = useRef(new Set<number>());

  const fetchPage = useCallback((page: number) => {
    if (asking.current.has(page)) return;
    asking.current.add(page);
    ask<Page>("history", { before: (page + 1) * PAGE + 1, limit: PAGE })
      .then(
        ({ records }) => {
          pages.current.delete(page);
          pages.current.set(page, new Map(records.map((record) => [record.seq, record])));
          for (const old of pages.current.keys()) if (pages.current.size > PAGES_MAX) pages.current.delete(old);
          setError(null);
          redraw((before) => before + 1);
        },
        (failed: ApiError) => setError(failed),
      )
      .finally(() => asking.current.delete(page));
  }, []);

  useEffect(() => {
    ask<Page>("history", { limit: 1 }).then(
      ({ records }) => setHead(records[0]?.seq ?? 0),
      (failed: ApiError) => {
        setError(failed);
        setHead((before) => before ?? 0);
      },
    );
  }, []);
  useRecords(
    useCallback((heard) => {
      if (heard === null) {
        // What the last page lacked while nobody heard anything.
        pages.current.clear();
        void ask<Page>("history", { limit: 1 }).then(
          ({ records }) => setHead(records[0]?.seq ?? 0),
          () => undefined,
        );
        return;
      }
      for (const record of heard) pages.current.get(pageOf(record.seq))?.set(record.seq, record);
      setHead((before) => Math.max(before ?? 0, ...heard.map(({ seq }) => seq)));
    }, []),
  );

  const count = headSeq ?? 0;
  return {
    count,
    at: (row) => pages.current.get(pageOf(count - row))?.get(count - row) ?? null,
    want(first, last) {
      if (count === 0) return;
      for (let page = pageOf(count - first); page >= pageOf(Math.max(1, count - last)); page -= 1) {
        const known = pages.current.get(page);
        const isFull = known !== undefined && known.size >= Math.min(PAGE, count - page * PAGE);
        if (!isFull) fetchPage(page);
      }
    },
    isWhole: headSeq !== null,
    error,
  };
}

function pageOf(seq: number): number {
  return Math.floor((seq - 1) / PAGE);
}

/** Of a path, component or order; newest first, as far as it was read. */
export function useLedgerOf(subject: string): Stretch & { readonly records: readonly LedgerRecord[]; more(): void } {
  const [records, setRecords] = useState<readonly LedgerRecord[]>([]);
  const [isWhole, setWhole] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const isAsking = useRef(false);
  const oldest = useRef<number | null>(null);

  const more = useCallback(async () => {
    if (isAsking.current) return;
    isAsking.current = true;
    const of = subject === "" ? {} : { subject };
    try {
      const before = oldest.current === null ? {} : { before: oldest.current };
      const { records: page } = await ask<Page>("history", { ...of, ...before, limit: PAGE });
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
        if (heard?.length === 0) return;
        const of = subject === "" ? {} : { subject };
        void ask<Page>("history", { ...of, limit: PAGE }).then(
          ({ records: page }) =>
            setRecords((known) => [...page.filter(({ seq }) => seq > (known[0]?.seq ?? 0)).reverse(), ...known]),
          () => undefined,
        );
      },
      [subject],
    ),
  );
  return {
    count: records.length,
    at: (row) => records[row] ?? null,
    want: () => undefined,
    isWhole,
    error,
    records,
    more: () => void more(),
  };
}
