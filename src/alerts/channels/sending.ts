/** What a way out is given, and how it says that it failed. */

import { HoldfastError, type Ports } from "../../base/index.ts";

type SendPorts = Pick<Ports, "process" | "disk" | "http">;

export interface Sending {
  readonly ports: SendPorts;
  /** Where commands run: the tree's root. */
  readonly cwd: string;
  readonly signal: AbortSignal;
}

/** `retryAfterMs`: the other side asked for so much time. */
export function failed(message: string, hint?: string, retryAfterMs?: number): HoldfastError {
  return new HoldfastError("ALERT_FAILED", message, {
    ...(hint === undefined ? {} : { hint }),
    ...(retryAfterMs === undefined ? {} : { data: { retryAfterMs } }),
  });
}
