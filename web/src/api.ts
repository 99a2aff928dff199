/** Asking and telling the daemon, and hearing from it: the only file that talks HTTP. */

import { useEffect, useState } from "preact/hooks";
import type { LedgerRecord } from "./answers.ts";

export class ApiError extends Error {
  readonly code: string;
  readonly hint: string;

  constructor({ code, message, hint }: { code: string; message: string; hint: string }) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** A reading verb: `ask("wo list", {status: "failed"})`. Throws `ApiError`. */
export function ask<T>(verb: string, query: Query = {}): Promise<T> {
  const named = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  const search = new URLSearchParams(named).toString();
  return answerOf<T>(fetch(`${addressOf(verb)}${search === "" ? "" : `?${search}`}`));
}

/** A verb that does something. `confirm`: the verb's name, typed by a person, where it cannot be taken back. */
export function tell<T>(verb: string, input: object): Promise<T> {
  const headers = { "content-type": "application/json" };
  return answerOf<T>(fetch(addressOf(verb), { method: "POST", headers, body: JSON.stringify(input) }));
}

function addressOf(verb: string): string {
  return `/api/${verb.replaceAll(" ", "/")}`;
}

async function answerOf<T>(asked: Promise<Response>): Promise<T> {
  let response: Response;
  try {
    response = await asked;
  } catch {
    throw new ApiError({ code: "GONE", message: "The daemon does not answer.", hint: "holdfast up" });
  }
  const body = await response.json().catch(() => null);
  if (response.ok && body !== null) return body as T;
  throw new ApiError(body?.error ?? { code: "HTTP", message: `HTTP ${response.status}`, hint: "holdfast doctor" });
}

// ---------------------------------------------------------------------------------------------------------- hearing

export type Connection = "connecting" | "live" | "lost" | "stranger";

type Hear = (records: readonly LedgerRecord[] | null) => void;

const hearers = new Set<Hear>();
const watchers = new Set<(connection: Connection) => void>();
let connection: Connection = "connecting";
let source: EventSource | null = null;
const RETRY_MS = 1_000;
/** Records come in bursts; what shows them is asked again once a burst. */
const GATHER_MS = 60;
let gathered: LedgerRecord[] = [];

/** Once, by the page's root. The browser itself comes back after a break, with the last record that it saw. */
export function listen(): void {
  source?.close();
  source = new EventSource("/api/events");
  source.addEventListener("hello", () => become("live"));
  source.addEventListener("record", (event) => gather(JSON.parse((event as MessageEvent<string>).data)));
  source.addEventListener("error", () => {
    if (source?.readyState !== EventSource.CLOSED) {
      become("lost");
      return;
    }
    // The browser gives up where it was answered otherwise than by a stream: no token, no daemon, too many pages.
    void ask("status").then(
      () => setTimeout(listen, RETRY_MS),
      (error: ApiError) => {
        become(error.code === "PAGE_TOKEN" || error.code === "PAGE_STRANGER" ? "stranger" : "lost");
        setTimeout(listen, RETRY_MS);
      },
    );
  });
}

function become(next: Connection): void {
  const isBack = next === "live" && connection !== "live";
  connection = next;
  for (const watch of watchers) watch(next);
  // What happened meanwhile may be more than the stream tells again.
  if (isBack) for (const hear of hearers) hear(null);
}

function gather(record: LedgerRecord): void {
  if (gathered.length === 0) {
    setTimeout(() => {
      const records = gathered;
      gathered = [];
      for (const hear of hearers) hear(records);
    }, GATHER_MS);
  }
  gathered.push(record);
}

export function useConnection(): Connection {
  const [now, setNow] = useState(connection);
  useEffect(() => {
    watchers.add(setNow);
    // It may have changed between the first drawing and this.
    setNow(connection);
    return () => void watchers.delete(setNow);
  }, []);
  return now;
}

/** `null`: anything may have happened. */
export function useRecords(hear: Hear): void {
  useEffect(() => {
    hearers.add(hear);
    return () => void hearers.delete(hear);
  }, [hear]);
}

// ----------------------------------------------------------------------------------------------------------- asking

export interface Asked<T> {
  readonly value: T | null;
  readonly error: ApiError | null;
  again(): void;
}

const remembered = new Map<string, unknown>();

/** The answer, asked again whenever something happened that it can tell of; what was last known is shown meanwhile. */
export function useVerb<T>(
  verb: string,
  query: Query = {},
  concerns: (record: LedgerRecord) => boolean = () => true,
): Asked<T> {
  const key = `${verb} ${JSON.stringify(query)}`;
  const [state, setState] = useState<{ key: string; value: T | null; error: ApiError | null }>({
    key: "",
    value: null,
    error: null,
  });
  const [round, setRound] = useState(0);
  useEffect(() => {
    let isCurrent = true;
    ask<T>(verb, query).then(
      (value) => {
        remembered.set(key, value);
        if (isCurrent) setState({ key, value, error: null });
      },
      (error: ApiError) => {
        if (isCurrent) setState((before) => ({ key, value: before.key === key ? before.value : null, error }));
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [key, round]);
  useEffect(() => {
    const hear: Hear = (records) => {
      if (records === null || records.some(concerns)) setRound((before) => before + 1);
    };
    hearers.add(hear);
    return () => void hearers.delete(hear);
  }, [key]);
  const value = state.key === key ? state.value : ((remembered.get(key) as T | undefined) ?? null);
  return { value, error: state.key === key ? state.error : null, again: () => setRound((before) => before + 1) };
}
