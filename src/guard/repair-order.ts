/**
 * From drift to a work order that puts it back. Plans only; the order goes the normal way.
 *
 * Each path says exactly which state it returns to and which one it may replace: what changed since it was judged stays as it is.
 * Folders that went along come back as the vault knows them.
 */

import {
  ABSENT,
  digestOf,
  type Entry,
  isoTime,
  LIMITS,
  type Ports,
  type TreePath,
  type WorkOrderId,
} from "../base/index.ts";
import { union } from "../component/index.ts";
import type { Vault } from "../vault/index.ts";
import { type Operation, orderFromOperations, type Submission } from "../workorder/index.ts";

import type { Drift } from "./drift.ts";
import { GUARD } from "./world.ts";

export interface Return {
  readonly path: TreePath;
  readonly state: Entry;
  readonly whileStands: Entry;
}

type RepairWorld = { vault: Vault; ports: Pick<Ports, "disk" | "clock" | "random">; tree: { root: string } };

/** One state a path, parents first. `appendOnly`: lost lines come back, new ones stay. */
export async function returnsFor(
  drifts: readonly Drift[],
  appendOnly: (path: TreePath) => boolean,
  world: RepairWorld,
): Promise<Return[]> {
  const returns = new Map<TreePath, Return>();
  const batch = world.vault.begin();
  let isUsed = false;
  for (const { path, change, goal, present } of drifts) {
    // The content's own goal has the mode that must hold.
    if (change === "mode" && returns.has(path)) continue;
    const joined = change !== "mode" && appendOnly(path) ? joinedState(goal, present, world.vault) : null;
    if (joined !== null) {
      batch.put(joined.bytes);
      isUsed = true;
    }
    returns.set(path, { path, state: joined?.state ?? goal, whileStands: present });
  }
  if (isUsed) await batch.commit();
  else batch.abort();
  for (const { path } of [...returns.values()]) addFoldersAbove(path, returns, world);
  return [...returns.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function joinedState(goal: Entry, present: Entry, vault: Vault): { state: Entry; bytes: Buffer } | null {
  if (goal.kind !== "file" || present.kind !== "file" || present.sizeBytes === 0) return null;
  if (goal.sizeBytes + present.sizeBytes > LIMITS.unionSizeBytesMax) return null;
  const bytes = union(vault.read(goal.digest), vault.read(present.digest));
  return { state: { ...goal, digest: digestOf(bytes), sizeBytes: bytes.length }, bytes };
}

/** A folder that is missing, or that something else took the place of. */
function addFoldersAbove(path: TreePath, returns: Map<TreePath, Return>, { vault, ports, tree }: RepairWorld): void {
  for (let cut = path.lastIndexOf("/"); cut > 0; cut = path.lastIndexOf("/", cut - 1)) {
    const folder = path.slice(0, cut) as TreePath;
    if (returns.has(folder)) continue;
    const stat = ports.disk.lstat(`${tree.root}/${folder}`);
    if (stat?.kind === "dir") return;
    const known = vault.versions(folder, { limit: LIMITS.judgedVersionsMax });
    const state = known.find(({ entry }) => entry.kind === "dir")?.entry ?? { kind: "dir", mode: 0o755 };
    const whileStands = stat === null ? ABSENT : (known[0]?.entry ?? ABSENT);
    returns.set(folder, { path: folder, state, whileStands });
  }
}

/** One order for as many as fit, with the part of `returns` that it carries out. */
export function repairOrders(
  returns: readonly Return[],
  incident: string,
  world: RepairWorld,
): { submission: Submission; returns: readonly Return[] }[] {
  const orders: { submission: Submission; returns: readonly Return[] }[] = [];
  for (let from = 0; from < returns.length; from += LIMITS.repairBatchMax) {
    const part = returns.slice(from, from + LIMITS.repairBatchMax);
    orders.push({ submission: repairOrder(part, incident, world), returns: part });
  }
  return orders;
}

function repairOrder(returns: readonly Return[], incident: string, { ports }: RepairWorld): Submission {
  const operations = returns.map(
    ({ path, state, whileStands }): Operation => ({ op: "restore", path, from: null, exactly: { state, whileStands } }),
  );
  const [first] = returns;
  const what = returns.length === 1 ? first!.path : `${returns.length} paths`;
  const order = orderFromOperations({
    id: orderId(ports),
    title: `Repair ${what} (${incident})`,
    tags: ["repair"],
    operations,
  });
  // What it returns was accepted, or was somebody's work in progress: whether it parses is not the repair's business.
  order.extra["skip_syntax"] = true;
  return {
    order,
    raw: Buffer.from(JSON.stringify(order)),
    filename: null,
    agent: null,
    via: "repair",
    inboxPath: null,
    actor: GUARD,
  };
}

function orderId({ clock, random }: Pick<Ports, "clock" | "random">): WorkOrderId {
  const stamp = isoTime(clock.now())
    .replace(/[-:]|\.\d+Z$/g, "")
    .replace("T", "-");
  return `WO-AUTOREPAIR-${stamp}-${random.bytes(3).toString("hex")}` as WorkOrderId;
}
