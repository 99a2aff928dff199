/** `guard.checked`: one look at everything that must hold, on record. Telemetry shows it as `wo_pipeline_healthy` or `wo_pipeline_drift`. */

import type { Entry } from "../base/index.ts";
import type { Actor } from "../ledger/index.ts";
import type { Drift } from "./drift.ts";
import type { GuardWorld } from "./world.ts";

export interface CheckedDrift {
  readonly path: string;
  readonly kind: Drift["kind"];
  readonly expected: Entry;
  readonly actual: Entry;
  /** The known state that is back: `V12`, or a commit. */
  readonly matchesVersion?: string;
  /** The branch that it belongs to: the one checked out has it like this, and nothing is wrong. */
  readonly elsewhere?: string;
  readonly note?: string;
}

export interface CheckedComponent {
  readonly name: string;
  readonly ok: boolean;
  readonly drift: CheckedDrift[];
  /** New content, and files that were never accepted: going on, and no drift. */
  readonly unaccepted: string[];
}

export interface Checked {
  readonly components: number;
  readonly drifted: readonly string[];
  readonly missing: readonly string[];
  readonly deep: boolean;
  readonly ms: number;
}

export function recordChecked(
  { components, drifted, missing, deep, ms }: Checked,
  actor: Actor,
  { store, ledger }: Pick<GuardWorld, "store" | "ledger">,
): void {
  const isOk = drifted.length === 0;
  store.transaction(() =>
    ledger.append({
      event: "guard.checked",
      actor,
      ok: isOk,
      ...(drifted.length === 1 ? { component: drifted[0]! } : {}),
      data: { components, drifted: [...drifted], missing: missing.slice(0, MISSING_NAMED), deep, ms: Math.round(ms) },
      summary: isOk ? `${components} components checked: all hold` : `drift in ${drifted.join(", ")}`,
    }),
  );
}

const MISSING_NAMED = 100;
