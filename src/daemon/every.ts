/** One of the daemon's loops. */

import { HoldfastError, isSystemError, type Ports } from "../base/index.ts";

/**
 * Runs `work` again and again, `intervalMs` after it ended, until the signal. A refused disk or store is logged and tried again;
 * anything else is a defect and ends the process.
 */
export async function every(
  intervalMs: number,
  work: () => unknown,
  { ports, signal, firstAfterMs = 0 }: { ports: Ports; signal: AbortSignal; firstAfterMs?: number },
): Promise<void> {
  await ports.clock.sleep(firstAfterMs, signal);
  while (!signal.aborted) {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof HoldfastError) && !isSystemError(error)) throw error;
      ports.log.error("a loop of the daemon failed and is tried again", error);
    }
    await ports.clock.sleep(intervalMs, signal);
  }
}
