/** Keeps what makes git's history quick for whoever asks: looks now and then whether refs moved. */

import { LIMITS, type Ports } from "../base/index.ts";
import { buildPast } from "../diagnose/index.ts";
import { pastOf } from "../operations/index.ts";
import type { Tree } from "../tree/index.ts";
import { every } from "./every.ts";

/** Until the signal. Git itself does the work, as a process that nobody waits for. */
export function keepGitsPast({ git }: Tree, ports: Ports, signal: AbortSignal): Promise<void> {
  const look = async () => git !== null && (await buildPast(git, pastOf(ports), ports));
  return every(LIMITS.gitPastLookMs, look, { ports, signal, firstAfterMs: LIMITS.gitPastLookFirstMs });
}
