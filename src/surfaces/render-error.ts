/** The one place where an error becomes what a caller sees: message, exit code, HTTP status. */

import { type ErrorKind, HoldfastError, isSystemError, printableLine } from "../base/index.ts";

const BY_KIND: Record<ErrorKind, { exitCode: number; httpStatus: number }> = {
  usage: { exitCode: 2, httpStatus: 400 },
  refused: { exitCode: 3, httpStatus: 403 },
  "not-found": { exitCode: 4, httpStatus: 404 },
  invalid: { exitCode: 5, httpStatus: 422 },
  unavailable: { exitCode: 6, httpStatus: 503 },
  failed: { exitCode: 1, httpStatus: 409 },
  defect: { exitCode: 70, httpStatus: 500 },
};

export interface RenderedError {
  exitCode: number;
  httpStatus: number;
  code: string;
  message: string;
  hint: string;
  data: Record<string, unknown>;
  isDefect: boolean;
}

/** A refused system call that nobody translated is the environment's; anything else that is no `HoldfastError` is a defect. */
export function renderError(error: unknown): RenderedError {
  if (error instanceof HoldfastError) {
    const { code, message, hint, data, kind } = error;
    return {
      ...BY_KIND[kind],
      code,
      message: printableLine(message),
      hint: printableLine(hint),
      data,
      isDefect: kind === "defect",
    };
  }
  if (isSystemError(error)) {
    const hint =
      error.code === "ENOSPC"
        ? "free some space, then run the command again"
        : "look at the named path, then run the command again";
    return {
      ...BY_KIND.unavailable,
      code: error.code ?? "EIO",
      message: printableLine(error.message),
      hint,
      data: {},
      isDefect: false,
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    ...BY_KIND.defect,
    code: "DEFECT",
    message: printableLine(message),
    hint: "please report it, with the named file",
    data: {},
    isDefect: true,
  };
}
