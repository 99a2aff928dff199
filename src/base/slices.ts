/** Long work in slices: between two, other work of the process runs. */

import type { Clock } from "./ports.ts";

const SLICE_MS = 4;

/** To be awaited after each piece of work: lets others run when a slice is over, and costs nothing before. */
export function slices(clock: Pick<Clock, "monotonicMs" | "breathe">): () => Promise<void> | void {
  let beganMs = clock.monotonicMs();
  return () => {
    if (clock.monotonicMs() - beganMs < SLICE_MS) return;
    return clock.breathe().then(() => {
      beganMs = clock.monotonicMs();
    });
  };
}
