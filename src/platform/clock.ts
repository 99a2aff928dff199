/** Time as the machine has it: the wall clock may jump, the monotonic one never goes back. */

import type { Clock } from "../base/index.ts";

export function realClock(): Clock {
  return {
    now: () => Date.now(),
    monotonicMs: () => performance.now(),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const wake = () => {
          clearTimeout(timer);
          signal?.removeEventListener("abort", wake);
          resolve();
        };
        const timer = setTimeout(wake, ms);
        signal?.addEventListener("abort", wake);
      }),
    breathe: () => new Promise((resolve) => setImmediate(resolve)),
  };
}
