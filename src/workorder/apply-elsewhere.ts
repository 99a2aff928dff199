/**
 * A change set for a folder that is not the tree: a workspace, or a new folder that things are brought back to.
 *
 * The same careful way path by path – nothing is overwritten that was not looked at, late writers' bytes are kept – but no journal: the
 * journal's paths are the tree's.
 * Crash: each path is as before, or after, or absent with its old state, which is in the vault, under a temporary name beside it; the
 * same call again does the rest.
 */

import { type Digest, LIMITS } from "../base/index.ts";
import type { Vault } from "../vault/index.ts";
import { install, type Kept } from "./apply.ts";
import { changeSetId } from "./attempt.ts";
import type { Change, ChangeSet, TargetPath } from "./change-set.ts";
import { syncFolders } from "./own-places.ts";
import { type LateWrite, settle } from "./settle.ts";
import { stage } from "./stage.ts";
import type { Places } from "./target.ts";
import type { OrderWorld } from "./world.ts";

export interface ElsewhereWorld {
  readonly ports: OrderWorld["ports"];
  /** Of the folder. */
  readonly places: Places;
  /** Holds every `before`, as the folder's own paths, and the content of every `after`. */
  readonly vault: Vault;
}

/** What somebody else put at a path stays, and is told. */
export async function applyElsewhere(
  changes: readonly Change[],
  { ports, places, vault }: ElsewhereWorld,
): Promise<{ applied: TargetPath[]; kept: Kept[]; late: LateWrite[] }> {
  const { disk, clock } = ports;
  const set: ChangeSet = { v: 1, id: changeSetId({ ports }), changes: [...changes] };
  const apply = { disk, places, contentOf: (digest: Digest) => vault.readPieces(digest) };
  await disk.syncAll(stage(set, apply));
  const { swapped, foreign, whole } = install(set, apply, { keepGoing: true });
  await syncFolders([set], apply, whole);
  const late: LateWrite[] = [];
  const isTakenAside = swapped.some((index) => ["file", "link"].includes(set.changes[index]!.before.kind));
  for (let isSettled = !isTakenAside; !isSettled; ) {
    await clock.sleep(LIMITS.asideSettleMs);
    ({ isSettled } = await settle(set, { ...apply, vault }, (write) => void late.push(write)));
  }
  return { applied: swapped.map((index) => set.changes[index]!.path).sort(), kept: foreign, late };
}
