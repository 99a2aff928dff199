/** Every exemption from `tidy.test.ts`, with its reason. One that is no longer needed fails the test. */

import type { RuleName } from "./tidy-rules.ts";

export interface Exemption {
  /** From the package's root. */
  readonly path: string;
  readonly rule: RuleName;
  readonly reason: string;
}

export const EXEMPTIONS: readonly Exemption[] = [];
