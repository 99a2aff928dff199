/** What a workspace had when its removal began: a folder goes file by file, and the eyes may have seen some of it. */

import { LIMITS, type PresentEntry, type TreePath } from "../../base/index.ts";
import type { Vault } from "../../vault/index.ts";

/** When it began, of a workspace that was gone at `goneMs`: the deletions of one removal follow one another closely. Unix ms. */
export function removalBegan(vault: Vault, goneMs: number): number {
  let sinceMs = goneMs - LIMITS.workspaceRemovalMs;
  while (goneMs - sinceMs < LIMITS.workspaceRemovalMsMax) {
    const earlierMs = sinceMs - LIMITS.workspaceRemovalMs;
    const changes = vault.changesBetween(vault.versionAtTime(earlierMs), vault.versionAtTime(sinceMs));
    if (!changes.some(({ after }) => after.kind === "absent")) break;
    sinceMs = earlierMs;
  }
  return sinceMs;
}

/** The last state of everything that was there at `sinceMs`, or came since. `vault`: as the workspace sees it, alive or over. */
export function lastStates(vault: Vault, name: string, sinceMs: number): Map<TreePath, PresentEntry> {
  const life = vault.workspaces().find((one) => one.name === name);
  const states = new Map<TreePath, PresentEntry>();
  if (life === undefined) return states;
  const began = Math.max(life.since, vault.versionAtTime(sinceMs));
  const head = life.until === null ? vault.versionHead() : life.until - 1;
  for (const upTo of [began, head]) for (const { path, entry } of vault.statesAt({ upTo })) states.set(path, entry);
  for (const path of vault.pathsBetween(began, head)) {
    const last = vault.versions(path, { limit: VERSIONS_LOOKED_AT }).find(({ entry }) => entry.kind !== "absent");
    if (last !== undefined && last.number > began) states.set(path, last.entry as PresentEntry);
  }
  return states;
}

const VERSIONS_LOOKED_AT = 8;
