/** What logs say of a program that is there: that it cannot run, and whether it ever could. Pure. */

import type { LogSighting } from "../collectors/logs.ts";

export interface ServiceTrouble {
  readonly says: string;
  readonly failedAtMs: number | null;
  /** When it was last seen to run well before that; `null`: never. */
  readonly workedAtMs: number | null;
}

/** `null` where no log says so, or it ran well again afterwards. */
export function serviceOf(logs: readonly LogSighting[]): ServiceTrouble | null {
  const service = logs.filter(({ source }) => source === "service-log");
  const lastBad = service.findLastIndex(({ kind }) => kind === "cannot-run");
  const lastGood = service.findLastIndex(({ kind }) => kind === "well");
  if (lastBad < 0 || lastGood > lastBad) return null;
  const { says, atMs, file } = service[lastBad]!;
  return { says: `${file}: ${says}`, failedAtMs: atMs, workedAtMs: service[lastGood]?.atMs ?? null };
}
