/**
 * Whether what must hold became something else meanwhile: judging waits for git and for witnesses, and in that time a person may accept,
 * an order end, or a forced command take what it took. None of them may be undone by a judgement that began before.
 */

import { isDeepStrictEqual } from "node:util";
import type { TreePath } from "../base/index.ts";
import type { Ledger } from "../ledger/index.ts";
import type { Expectation } from "./expectation.ts";
import type { GuardWorld } from "./world.ts";

/** Every record that moves what must hold. */
const MOVING = [
  "component.accepted",
  "wo.accepted",
  "tree.config-accepted",
  "snapshot.restored",
  "component.removed",
] as const;

export function hasMovedSince(seq: number, ledger: Ledger): boolean {
  const [record] = [...ledger.read({ afterSeq: seq, events: MOVING, limit: 1 })];
  return record !== undefined;
}

/** Those of `expected`, as they were at `seq`, of which now something else holds, or nothing. */
export function movedSince(
  seq: number,
  expected: readonly Expectation[],
  { ledger, expectations }: Pick<GuardWorld, "ledger" | "expectations">,
): Set<TreePath> {
  if (!hasMovedSince(seq, ledger)) return new Set();
  const now = expectations();
  return new Set(expected.filter((one) => !isDeepStrictEqual(now.at(one.path), one)).map(({ path }) => path));
}
