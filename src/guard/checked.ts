/** `guard.checked`: one look at everything that must hold, on record. Telemetry shows it as `wo_pipeline_healthy` or `wo_pipeline_drift`. */

import type { Actor } from "../ledger/index.ts";
import type { GuardWorld } from "./world.ts";

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
