/** What `doctor` finds. What a check throws is a finding too: it could not be looked at, because … */

import { HoldfastError, isSystemError, type Ports } from "../../base/index.ts";
import type { Tree } from "../../tree/index.ts";
import type { House } from "../house.ts";
import type { CallerContext } from "../operation.ts";

export interface Finding {
  /** What was looked at: `git`, `disk space`. */
  readonly check: string;
  /** `warn`: it works, but not as well as it could, or not for long. */
  readonly level: "ok" | "warn" | "bad";
  readonly says: string;
  /** The command that fixes it. */
  readonly fix?: string;
}

export type Says = readonly Omit<Finding, "check">[];

export interface Check {
  readonly name: string;
  run(patient: Patient): Says | Promise<Says>;
}

/** `tree`, `house`: `null` where there is none, or it cannot be opened; what only they can tell is not looked at then. */
export interface Patient {
  readonly ports: Ports;
  readonly located: CallerContext["located"];
  readonly tree: Tree | null;
  readonly house: House | null;
  /** Of this program. */
  readonly version: string;
}

export const ok = (says: string): Says => [{ level: "ok", says }];
export const warn = (says: string, fix?: string): Says => [{ level: "warn", says, ...(fix ? { fix } : {}) }];
export const bad = (says: string, fix?: string): Says => [{ level: "bad", says, ...(fix ? { fix } : {}) }];

/** In the checks' order. */
export async function examine(checks: readonly Check[], patient: Patient): Promise<Finding[]> {
  const found = await Promise.all(checks.map((check) => answerOf(() => check.run(patient), check.name)));
  return found.flat();
}

export async function answerOf(look: () => Says | Promise<Says>, check: string): Promise<Finding[]> {
  try {
    return (await look()).map((finding) => ({ check, ...finding }));
  } catch (error) {
    if (error instanceof HoldfastError)
      return [{ check, level: "bad", says: `${error.message} [${error.code}]`, fix: error.hint }];
    if (isSystemError(error)) return [{ check, level: "bad", says: `could not be looked at: ${error.message}` }];
    throw error;
  }
}
