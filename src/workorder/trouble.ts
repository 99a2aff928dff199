/** What the outside world may refuse at any time, and how long to wait before asking again. Everything else is a defect. */

import { HoldfastError, isSystemError, LIMITS } from "../base/index.ts";

const RETRY_MS_MAX = 30_000;

export function isTrouble(error: unknown): boolean {
  return error instanceof HoldfastError || isSystemError(error);
}

/** The error in our words when the store, the vault or the disk refused; what is anything else is thrown on. */
export function asTrouble(error: unknown): HoldfastError {
  if (error instanceof HoldfastError) return error;
  if (isSystemError(error)) return new HoldfastError("WO_IO", error.message, { cause: error });
  throw error;
}

/** After the first failure, the second, … */
export function retryDelayMs(failures: number): number {
  return Math.min(RETRY_MS_MAX, LIMITS.retryDelayMsMin * 2 ** (failures - 1));
}
