/**
 * Every failure that a user can meet has a code, registered here once.
 *
 * The message says what happened, the hint names the next command. `surfaces/render-error.ts` maps a code's kind to an exit code
 * and an HTTP status; `docs/errors.md` is generated from this table. Nothing else decides what a code means.
 */

import { ERROR_CODES } from "./error-codes.ts";

export type ErrorCode = keyof typeof ERROR_CODES;

/** What a failure means for the caller; one exit code and one HTTP status each. */
export type ErrorKind = "usage" | "refused" | "not-found" | "invalid" | "unavailable" | "failed" | "defect";

export interface ErrorDetails {
  /** The next thing to do, as a command where there is one. */
  hint?: string;
  /** Machine-readable facts: paths, line, column, limits. */
  data?: Record<string, unknown>;
  cause?: unknown;
}

export class HoldfastError extends Error {
  override readonly name = "HoldfastError";
  readonly code: ErrorCode;
  readonly hint: string;
  readonly data: Record<string, unknown>;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint ?? ERROR_CODES[code].hint;
    this.data = details.data ?? {};
  }

  get kind(): ErrorKind {
    return ERROR_CODES[this.code].kind;
  }

  /** The form that crosses the socket, lands in state files and `*.error.json`. */
  toJSON(): { code: ErrorCode; message: string; hint: string; data: Record<string, unknown> } {
    return { code: this.code, message: this.message, hint: this.hint, data: this.data };
  }
}

/** True for a failed system call of one of `codes` (`"ENOENT"`, `"ENOSPC"` …), or of any when none are named. */
export function isSystemError(error: unknown, ...codes: string[]): error is NodeJS.ErrnoException {
  if (!(error instanceof Error) || typeof (error as NodeJS.ErrnoException).code !== "string") return false;
  return codes.length === 0 || codes.includes((error as NodeJS.ErrnoException).code ?? "");
}
