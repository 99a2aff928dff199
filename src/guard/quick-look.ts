/**
 * A quick look at one accepted path, for verbs that only read: by its stat, content read only where the stat or the vault's last look
 * says that it differs. Asks neither git nor the whole tree, and so tells less than `check`: what only git knew to be old counts as new.
 */

import { ABSENT, type Entry, type Ports, type Stat, sameEntry, type TreePath } from "../base/index.ts";
import type { BaselineEntry } from "../component/index.ts";
import type { Vault, Version } from "../vault/index.ts";
import { entryAt } from "../workorder/index.ts";
import { classify, NO_EVIDENCE } from "./classify.ts";
import type { Drift } from "./drift.ts";
import { lastGoingOn } from "./going-on.ts";

/** `new`: going on, and no drift. `null`: as accepted. */
export function quickLook(
  { path, component, entry: accepted }: BaselineEntry,
  { vault, ports, root }: { vault: Vault; ports: Pick<Ports, "disk">; root: string },
): Pick<Drift, "kind" | "change"> | null {
  const treePath = path as TreePath;
  const present = presentAt(`${root}/${path}`, accepted, vault.latest(treePath), ports);
  if (sameEntry(present, accepted)) return null;
  const known = vault.versions(treePath);
  const isRemembered = known[0] !== undefined && sameEntry(known[0].entry, present);
  const versions = isRemembered ? known : [versionOf(treePath, present), ...known];
  const goal = lastGoingOn({ versions: versions.slice(1), good: [accepted] }) ?? accepted;
  const withMode = goal.kind === "file" && accepted.kind === "file" ? { ...goal, mode: accepted.mode } : goal;
  const sight = { path: treePath, component, goal: withMode, present, versions, appendOnly: false };
  const [worst] = classify(sight, { ...NO_EVIDENCE, modeIsGits: true }).sort((a, b) => rank(a) - rank(b));
  return worst ?? null;
}

function rank({ change }: Drift): number {
  return change === "new" ? 1 : 0;
}

function presentAt(place: string, accepted: Entry, latest: Version | null, { disk }: Pick<Ports, "disk">): Entry {
  const stat = disk.lstat(place);
  if (stat === null) return ABSENT;
  if (accepted.kind !== "file" || stat.kind !== "file") return stat.kind === "other" ? ABSENT : entryAt(disk, place);
  return seemsAccepted(stat, accepted, latest) ? { ...accepted, mode: stat.mode } : entryAt(disk, place);
}

function seemsAccepted(stat: Stat, accepted: Entry & { kind: "file" }, latest: Version | null): boolean {
  const remembered = latest?.entry.kind === "file" ? latest.entry.digest : accepted.digest;
  return stat.sizeBytes === accepted.sizeBytes && remembered === accepted.digest;
}

function versionOf(path: TreePath, entry: Entry): Version {
  return { number: 0, path, entry, seenAtMs: 0, bytesKept: true };
}
