/** What an order's `restore` operation asks of the vault. */

import { HoldfastError, isDigest, type PresentEntry, type TreePath } from "../base/index.ts";
import type { Vault } from "../vault/index.ts";
import type { TargetPath } from "./change-set.ts";

export interface VaultSource {
  /** `path`, and all below it, as of a snapshot id, a digest, a point `V123`, or (`null`) as last present. */
  statesOf(path: TargetPath, from: string | null): { path: TargetPath; entry: PresentEntry }[];
}

export function vaultSource(vault: Vault): VaultSource {
  return {
    statesOf(path, from) {
      const states = from === null ? lastPresent(vault, path as TreePath) : statesFrom(vault, path as TreePath, from);
      if (states.length > 0) return states;
      const where = from === null ? "the vault never saw it" : `nothing of it is in ${from}`;
      throw new HoldfastError("PATH_UNKNOWN", `${path} cannot be restored: ${where}`, { data: { path } });
    },
  };
}

function statesFrom(vault: Vault, path: TreePath, from: string): { path: TargetPath; entry: PresentEntry }[] {
  if (isDigest(from)) {
    const version = vault.versions(path).find(({ entry }) => entry.kind === "file" && entry.digest === from);
    return version && version.entry.kind !== "absent" ? [{ path, entry: version.entry }] : [];
  }
  const point = /^V(\d+)$/.exec(from);
  return [...vault.statesAt({ under: path, upTo: point ? Number(point[1]) : vault.findSnapshot(from).upTo })];
}

/** The moment before it went: a folder and what was in it are noted gone together. */
function lastPresent(vault: Vault, path: TreePath): { path: TargetPath; entry: PresentEntry }[] {
  const latest = vault.latest(path);
  if (latest === null) return [];
  const upTo = latest.entry.kind === "absent" ? vault.versionAtTime(latest.seenAtMs - 1) : vault.versionHead();
  return [...vault.statesAt({ under: path, upTo })];
}
