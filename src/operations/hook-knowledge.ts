/** What a tree's own record tells an agent: which incidents are open, and what became of a path. */

import { isoTime, printableLine, type TreePath } from "../base/index.ts";
import { ACCEPTED } from "../component/index.ts";
import { openIncidents } from "../guard/index.ts";
import type { KnownPath } from "../hooks/index.ts";
import type { LedgerRecord } from "../ledger/index.ts";
import type { House } from "./house.ts";

export function openIncidentsOf(house: House): { id: string; says: string }[] {
  return openIncidents(house)
    .rows({ state: "open" })
    .map(({ id, kinds, paths, pathsTotal, cause, openedAt }) => {
      const more = pathsTotal > 1 ? ` and ${pathsTotal - 1} more` : "";
      const by = cause === null ? "" : ` by \`${cause.what}\``;
      return { id, says: `${kinds.join(", ")} ${paths[0] ?? ""}${more}${by} at ${short(openedAt)}` };
    });
}

/** Verdict and dated evidence; with the command that follows at most 150 tokens. */
export function knownOf(path: TreePath, house: House): KnownPath | null {
  const { vault, baselines, tree, ports } = house;
  const present = [...vault.versions(path, { limit: VERSIONS_LOOKED_AT })].find(({ entry }) => entry.kind !== "absent");
  const baseline = baselines.everywhere(path)[0];
  if (present === undefined && baseline === undefined) return null;
  const isThere = ports.disk.lstat(`${tree.root}/${path}`) !== null;
  const evidence = [
    baseline === undefined ? null : acceptedAs(baseline.seq, baseline.component, house),
    present === undefined ? null : `last remembered ${short(isoTime(present.seenAtMs))}`,
    wentBy(path, house),
  ].filter((one) => one !== null);
  const verdict = isThere ? "it is there now" : "it existed, and is gone";
  return { path, isThere, says: printableLine(`Holdfast knows ${path}: ${verdict} (${evidence.join("; ")}).`) };
}

const VERSIONS_LOOKED_AT = 50;

function acceptedAs(seq: number, component: string, { ledger }: House): string {
  const [record] = [...ledger.read({ afterSeq: seq - 1, limit: 1 })];
  const by = record?.wo ? ` by ${record.wo}` : component === ACCEPTED ? "" : ` as ${component}`;
  return `accepted${by}${record === undefined ? "" : ` ${short(record.ts)}`}`;
}

/** The last time that it drifted, and by whose hand. */
function wentBy(path: string, { ledger }: House): string | null {
  const [record] = [...ledger.read({ path, events: ["drift.detected"], newestFirst: true, limit: 1 })];
  if (record === undefined) return null;
  const { data, cause, ts } = record as LedgerRecord<"drift.detected">;
  const kind = data.drifts?.find((drift) => drift.path === path)?.kind ?? data.kinds.join(", ");
  return `${kind} ${short(ts)}${cause === undefined ? "" : ` by \`${cause.what}\`${cause.actor === undefined ? "" : ` (${cause.actor})`}`}`;
}

/** To the second. */
function short(ts: string): string {
  return `${ts.slice(0, 19)}Z`;
}
