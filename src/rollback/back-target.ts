/** From what somebody named to a plan: a run or rollback (`R-…`), a point (`V…`), a snapshot (`S…`), an order, or a moment. */

import { HoldfastError, type SnapshotId, type TreePath } from "../base/index.ts";
import type { LedgerRecord } from "../ledger/index.ts";
import { decodeChangeSet } from "../workorder/index.ts";
import { type BackPlan, doneByOrder, planTo, planUndoing } from "./back-plan.ts";
import type { BackRequest } from "./go-back.ts";
import type { RollbackWorld } from "./world.ts";

type Target = Pick<BackRequest, "kind" | "plan" | "isWhole" | "returning">;

/** `ROLLBACK_UNKNOWN` for what is none of these. */
export async function planTarget(target: string, world: RollbackWorld): Promise<Target> {
  if (/^R-[0-9a-f]+$/.test(target)) return planRun(target, world);
  const point = /^V(\d+)$/.exec(target);
  if (point) return { kind: "snapshot", isWhole: false, plan: await planPoint(Number(point[1]), world) };
  if (world.book.row(target) !== null) {
    const plan = planUndoing({ ...doneByOrder(target, world), what: `order ${target}` }, world);
    return { kind: "order", isWhole: true, plan };
  }
  if (!/^S[0-9a-f]+$/i.test(target))
    throw new HoldfastError("ROLLBACK_UNKNOWN", `${target} is no script, snapshot, order or rollback`, {
      hint: "holdfast snapshots, holdfast wo list, holdfast history",
      data: { target },
    });
  const { id, upTo, paths } = world.vault.findSnapshot(target as SnapshotId);
  return {
    kind: "snapshot",
    isWhole: false,
    plan: await planTo({ point: upTo, what: `to snapshot ${id}`, paths }, world),
  };
}

/** `paths: null`: everything. */
export async function planTime(
  { atMs, said, paths }: { atMs: number; said: string; paths: readonly TreePath[] | null },
  world: RollbackWorld,
): Promise<Target> {
  const point = world.vault.versionAtTime(atMs);
  if (point === 0)
    throw new HoldfastError("ROLLBACK_UNKNOWN", `nothing was remembered yet at ${new Date(atMs).toISOString()}`, {
      data: { at: new Date(atMs).toISOString() },
    });
  return { kind: "time", isWhole: false, plan: await planTo({ point, what: `to ${said}`, paths }, world) };
}

async function planPoint(point: number, world: RollbackWorld): Promise<BackPlan> {
  if (point < 1 || point > world.vault.versionHead())
    throw new HoldfastError("ROLLBACK_UNKNOWN", `there is no point V${point}`, { data: { point } });
  return planTo({ point, what: `to V${point}`, paths: null }, world);
}

/** What a rollback changed, or a command took by force, comes back; what was accepted of it is accepted again. */
function planRun(id: string, world: RollbackWorld): Target {
  const found = [...world.ledger.read({ events: ["exec.completed", "rollback.completed"], newestFirst: true })].find(
    (record) => (record as LedgerRecord<"exec.completed">).data.run === id,
  ) as LedgerRecord<"exec.completed"> | undefined;
  if (found === undefined) throw new HoldfastError("ROLLBACK_UNKNOWN", `there is no run ${id}`, { data: { id } });
  const { changeSet, acceptedSet, what, point } = found.data;
  if (changeSet === null)
    throw new HoldfastError("ROLLBACK_NOTHING", `${id} took nothing that is protected: ${what}`, {
      hint: `everything as it was before it: holdfast rollback V${point}`,
      data: { id, point },
    });
  const changesIn = (set: typeof changeSet) => decodeChangeSet(world.vault.read(set)).changes;
  const returning = new Set(acceptedSet === null ? [] : changesIn(acceptedSet).map(({ path }) => path));
  const plan = planUndoing({ done: changesIn(changeSet), what: `rollback of ${id}`, seq: found.seq }, world);
  return { kind: "rollback", isWhole: true, plan, returning };
}
