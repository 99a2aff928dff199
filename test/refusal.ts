import { HoldfastError } from "../src/base/index.ts";

export interface Refusal {
  code: string;
  message: string;
  hint: string;
  /** What the error's `data` names: path, field, line, column … */
  [key: string]: unknown;
}

/** What `action` is refused with; fails when it is not refused, or by anything but a `HoldfastError`. */
export function refusalOf(action: () => unknown): Refusal {
  try {
    action();
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    return { code: error.code, message: error.message, hint: error.hint, ...error.data };
  }
  throw new Error("was not refused");
}
