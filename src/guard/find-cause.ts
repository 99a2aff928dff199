/** Asks the witnesses who did it, about the right stretch of time: as short as what is known of the paths allows. */

import { LIMITS } from "../base/index.ts";
import type { Found } from "./cause-finder.ts";
import type { Settled } from "./contract.ts";
import type { Suspect } from "./facts.ts";
import type { GuardWorld } from "./world.ts";

export async function findCause(
  suspects: readonly Suspect[],
  { sinceMs, untilMs }: Pick<Settled, "sinceMs" | "untilMs">,
  world: GuardWorld,
): Promise<Found> {
  const { causes, standing, tree, branch } = world;
  const drift = suspects.map(({ drift: { path, kind } }) => ({ path: `${tree.root}/${path}`, kind }));
  const trackedOf = async () => {
    const paths = suspects.map(({ expected: { path } }) => ({ path, branch: branch() }));
    const tracked = await standing.tracked(paths, { justBefore: true });
    return new Set([...tracked].map((path) => `${tree.root}/${path}`));
  };
  return causes.find(drift, { sinceMs: beganMs(suspects, sinceMs, world), untilMs, trackedOf });
}

/**
 * A hint may be older than the drift: of what was written before it was accepted. It began after what stood there before was last
 * remembered, and after it was accepted.
 */
function beganMs(suspects: readonly Suspect[], sinceMs: number, { vault, ledger }: GuardWorld): number {
  if (suspects.length > LIMITS.incidentDriftsInline) return sinceMs;
  const acceptedAt = new Map<number, number>();
  const acceptedMs = (seq: number) => {
    const known = acceptedAt.get(seq);
    if (known !== undefined || seq === 0) return known ?? 0;
    const [record] = [...ledger.read({ afterSeq: seq - 1, limit: 1 })];
    const atMs = record?.seq === seq ? Date.parse(record.ts) : 0;
    acceptedAt.set(seq, atMs);
    return atMs;
  };
  const earliest = suspects.map(({ expected, drift: { path } }) => {
    const before = vault.versions(path, { limit: 2 })[1]?.seenAtMs ?? 0;
    return Math.max(before, acceptedMs(expected.seq));
  });
  return Math.max(sinceMs, Math.min(...earliest));
}
