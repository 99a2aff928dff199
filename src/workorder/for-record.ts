/** What goes into a ledger record is bounded: the record must fit, and stay readable. What is cut says so. */

import type { TestOutcome } from "../ledger/index.ts";
import type { Kept } from "./apply.ts";

const OUTPUTS_CHARACTERS_MAX = 64 * 1024;
const OUTPUT_CHARACTERS_MAX = 16 * 1024;
const TESTS_MAX = 200;
const KEPT_MAX = 500;
const PATHS_NAMED_MAX = 5;

/** Head and tail of each output; an order with many checks gets less of each. Failed ones first when there are too many. */
export function testsForRecord(tests: readonly TestOutcome[]): TestOutcome[] {
  const told =
    tests.length <= TESTS_MAX
      ? tests
      : [...tests.filter(({ ok }) => !ok), ...tests.filter(({ ok }) => ok)].slice(0, TESTS_MAX);
  const each = Math.min(OUTPUT_CHARACTERS_MAX, Math.floor(OUTPUTS_CHARACTERS_MAX / Math.max(1, told.length)));
  return told.map(({ name, ok, output }) => ({ name: cut(name, 200), ok, output: cut(output, each) }));
}

export function keptForRecord(
  kept: readonly Kept[],
): { path: string; digest: (Kept["entry"] & { kind: "file" })["digest"] | null }[] {
  return kept
    .slice(0, KEPT_MAX)
    .map(({ path, entry }) => ({ path, digest: entry.kind === "file" ? entry.digest : null }));
}

/** `a, b, c and 17 more`. */
export function namePaths(paths: readonly string[]): string {
  const named = paths.slice(0, PATHS_NAMED_MAX).join(", ");
  return paths.length > PATHS_NAMED_MAX ? `${named} and ${paths.length - PATHS_NAMED_MAX} more` : named;
}

export function cut(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text;
  const half = Math.floor(charactersMax / 2);
  return `${text.slice(0, half)}\n… ${text.length - 2 * half} characters cut …\n${text.slice(-half)}`;
}
