/** Why the commands of a running order are ended: somebody cancelled it, or Holdfast ends. It travels as the abort signal's reason. */

import { HoldfastError } from "../base/index.ts";
import type { Actor } from "../ledger/index.ts";
import type { Failure } from "./attempt.ts";

export type Interruption = { kind: "cancelled"; actor: Actor; reason: string } | { kind: "ended" };

/** What becomes of an order whose commands were given `signal`; `null` while nobody asked them to end. */
export function interruptionOf(signal: AbortSignal): Failure | null {
  if (!signal.aborted) return null;
  const interruption = signal.reason as Interruption;
  if (interruption.kind === "cancelled") {
    const { actor, reason } = interruption;
    return { outcome: "cancelled", error: new HoldfastError("WO_CANCELLED", reason), kept: [], actor };
  }
  const error = new HoldfastError(
    "WO_INTERRUPTED",
    "Holdfast was asked to end while a command of the order ran; what it changed was undone",
  );
  return { outcome: "undone", error, kept: [] };
}
