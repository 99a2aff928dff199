/** The daemon's web page, opened by whoever starts the process: rooms below know no surface. */

import type { House } from "../operations/index.ts";

export interface Page {
  /** `http://127.0.0.1:4410`. */
  readonly url: string;
  /** Opens the page once, and makes the browser known. */
  link(): string;
  close(): Promise<void>;
}

/** Performs verbs as the person whose daemon it is. */
export type OpenPage = (behind: {
  readonly house: House;
  perform(name: string, raw: Record<string, unknown>, signal: AbortSignal): Promise<unknown>;
}) => Promise<Page>;
