/**
 * What the last whole `check` found, for the next one: while nothing that it depends on has moved, there is nothing to compare again.
 *
 * It depends on the states in the vault (a version number), on baselines and configuration (each move of them is on record: no record
 * but those that change nothing may have come since), on the branch, and on interpreters outside the tree, which are looked at anew.
 * Only what holds by its baseline alone is kept: what was judged by git's past or by what was going on is judged again.
 * Crash: written in the commit of the check's own record, or not at all. Lost, the next check compares everything.
 */

import { LIMITS } from "../base/index.ts";
import type { CheckedComponent } from "./checked.ts";
import { isInterpreterThere } from "./unfit.ts";
import type { GuardWorld } from "./world.ts";

export interface Holding {
  /** The vault's point that was compared. */
  readonly upTo: number;
  /** The ledger's last record before. */
  readonly seq: number;
  readonly branch: string | null;
  readonly components: CheckedComponent[];
  readonly interpreters: string[];
}

type HoldsWorld = Pick<GuardWorld, "store" | "ledger" | "vault" | "branch" | "ports">;

/** `null`: everything is to be compared. */
export function stillHolding({ store, ledger, vault, branch, ports }: HoldsWorld): CheckedComponent[] | null {
  const row = store.get<{ value: string }>("SELECT value FROM guard_memory WHERE name = ?", NAME);
  if (row === undefined) return null;
  const { upTo, seq, branch: was, components, interpreters } = JSON.parse(row.value) as Holding;
  if (vault.versionHead() !== upTo || branch() !== was) return null;
  for (const { event } of ledger.read({ afterSeq: seq })) if (!CHANGE_NOTHING.has(event)) return null;
  return interpreters.every((one) => isInterpreterThere(one, ports)) ? components : null;
}

/** Inside the transaction that records the check. `null`: nothing can be kept. */
export function keepHolding(holding: Holding | null, { store }: HoldsWorld): void {
  const unaccepted = holding?.components.reduce((sum, one) => sum + one.unaccepted.length, 0) ?? 0;
  if (holding === null || unaccepted > LIMITS.ledgerPathsMax)
    store.run("DELETE FROM guard_memory WHERE name = ?", NAME);
  else store.run("INSERT OR REPLACE INTO guard_memory VALUES (?, ?)", NAME, JSON.stringify(holding));
}

const NAME = "check.holds";
const CHANGE_NOTHING: ReadonlySet<string> = new Set(["guard.checked", "snapshot.taken"]);
