/**
 * What `restore` brings back when nobody says from when: what is gone, as it was before it went; a file that stands as it was last
 * seen, as it was before that.
 *
 * A state that was restored, repaired or accepted since is the one that is wanted: asked twice, nothing more happens.
 */

import { type Entry, sameEntry, type TreePath } from "../base/index.ts";
import type { RestorePlan } from "../vault/index.ts";
import type { House } from "./house.ts";

export async function planStateBefore(paths: readonly TreePath[] | null, house: House): Promise<RestorePlan> {
  const { vault } = house;
  const plan = await vault.planRestore({ paths, from: "last-present" });
  const planned = new Set(plan.effects.map(({ path }) => path));
  for (const path of paths ?? []) {
    const point = planned.has(path) ? null : pointBefore(path, house);
    if (point === null) continue;
    const { effects, missing } = await vault.planRestore({ paths: [path], from: { upTo: point } });
    plan.effects.push(...effects.filter((one) => !planned.has(one.path)));
    plan.missing.push(...missing);
  }
  return plan;
}

/** The version to go back to; `null` where there is none, for folders, and where somebody vouched for what stands there. */
function pointBefore(path: TreePath, { vault, ledger }: House): number | null {
  const [latest, ...earlier] = vault.versions(path);
  if (latest === undefined || latest.entry.kind === "dir" || latest.entry.kind === "absent") return null;
  const [vouched] = [...ledger.read({ path, events: VOUCHING, newestFirst: true, limit: 1 })];
  if (vouched?.ts !== undefined && Date.parse(vouched.ts) >= latest.seenAtMs - SAME_MOMENT_MS) return null;
  const others = earlier.filter(
    ({ entry, bytesKept }) => bytesKept && isState(entry) && !sameEntry(entry, latest.entry),
  );
  const found = others.find(({ entry }) => !isEmpty(entry)) ?? others[0];
  return found?.number ?? null;
}

const VOUCHING = ["snapshot.restored", "repair.completed", "wo.accepted", "component.accepted"] as const;
const SAME_MOMENT_MS = 1_000;

function isState(entry: Entry): boolean {
  return entry.kind !== "absent";
}

function isEmpty(entry: Entry): boolean {
  return entry.kind === "file" && entry.sizeBytes === 0;
}
