/** A source of evidence that was looked at, or could not be: that difference decides between "never existed" and "unknown". */

import { HoldfastError, type Ports } from "../../base/index.ts";
import type { Searched } from "../contract.ts";

export interface Looked<T> {
  /** `null` where nobody could look. */
  readonly found: T | null;
  readonly searched: Searched;
}

export interface Look<T> {
  readonly source: string;
  readonly limitMs: number;
  /** Resolves to what was found; a note, when not everywhere could be looked. */
  work(time: TimeLeft): Promise<{ found: T; note?: string | null }>;
}

/** For what reads much: what was found until then is worth more than nothing. */
export interface TimeLeft {
  isOver(): boolean;
}

export const OUT_OF_TIME = "there was no time to look through it all";
/** Of the limit: what is left of it is for putting together what was found. */
const SHARE = 0.8;

const LATE = Symbol("late");

/** Never rejects for what happened to the source: an unreadable log is said, not thrown. */
export async function look<T>({ source, limitMs, work }: Look<T>, { clock }: Pick<Ports, "clock">): Promise<Looked<T>> {
  const beganMs = clock.monotonicMs();
  const searched = (complete: boolean, note: string | null): Searched => ({
    source,
    complete,
    elapsedMs: Math.round(clock.monotonicMs() - beganMs),
    note,
  });
  const ended = new AbortController();
  const time: TimeLeft = { isOver: () => clock.monotonicMs() - beganMs > limitMs * SHARE };
  try {
    const late = clock.sleep(limitMs, ended.signal).then((): typeof LATE => LATE);
    const result = await Promise.race([work(time), late]);
    if (result === LATE) return { found: null, searched: searched(false, `took longer than ${limitMs} ms`) };
    return { found: result.found, searched: searched((result.note ?? null) === null, result.note ?? null) };
  } catch (error) {
    return { found: null, searched: searched(false, whyNot(error)) };
  } finally {
    ended.abort();
  }
}

export function whyNot(error: unknown): string {
  if (error instanceof HoldfastError) return error.message;
  if (!(error instanceof Error)) return String(error);
  const stderr = /(?:fatal|error): (.*)/.exec(error.message)?.[1];
  return (stderr ?? error.message.split("\n")[0] ?? "").slice(0, 300);
}
