/** `holdfast repair`: what the guard would only raise is put back because somebody asks for it; the same order, the same record. */

import type { TreePath } from "../base/index.ts";
import type { Actor } from "../ledger/index.ts";
import type { Submission } from "../workorder/index.ts";
import { compare } from "./check.ts";
import type { Decision } from "./decide.ts";
import { enter } from "./docket.ts";
import { repairOrders, returnsFor } from "./repair-order.ts";
import { carryOutRepair, type Repair, recordRepair } from "./respond.ts";
import { GUARD, type GuardWorld } from "./world.ts";

export interface RepairedByHand {
  readonly repaired: string[];
  /** Somebody wrote there meanwhile, or the repair failed: what stands there stays. */
  readonly kept: string[];
  readonly orders: string[];
  readonly incident: string | null;
}

/** Everything in `wanted` that drifted and is not going on; what belongs to another branch stays as it is. */
export async function repairByHand(
  wanted: (path: TreePath, component: string) => boolean,
  actor: Actor,
  world: GuardWorld,
): Promise<RepairedByHand> {
  await world.vault.remember({});
  const expected = world
    .expectations()
    .all()
    .filter(({ path, component }) => wanted(path, component));
  const byPath = new Map(expected.map((one) => [one.path, one]));
  const { drifts } = await compare(expected, world);
  const decision: Decision = { row: 19, response: "repair", severity: "normal", why: `${actor.name} asked for it` };
  const decided = drifts.flatMap(({ drift, elsewhere }) => {
    if (elsewhere !== null || drift.change === "new" || drift.change === "unfit") return [];
    return [{ expected: byPath.get(drift.path)!, drift, decision }];
  });
  if (decided.length === 0) return { repaired: [], kept: [], orders: [], incident: null };
  const growing = (path: TreePath) => byPath.get(path)?.treatment.appendOnly ?? false;
  const returns = await returnsFor(
    decided.map(({ drift }) => drift),
    growing,
    world,
  );
  const begun: { repair: Repair; submission: Submission }[] = [];
  const incident = await enter(
    {
      decided,
      found: { cause: null, others: [], recordedBy: null },
      occasion: { blind: null, sinceMs: world.ports.clock.now() },
      alsoRecord(id) {
        for (const { submission, returns: part } of repairOrders(returns, id, world)) {
          const repair = { incident: id, wo: submission.order.id, returns: part };
          recordRepair(repair, world);
          begun.push({ repair, submission: { ...submission, actor: actor.kind === "unknown" ? GUARD : actor } });
        }
      },
    },
    world,
  );
  for (const { repair, submission } of begun) await carryOutRepair(repair, submission, world);
  const left = new Set(world.incidents.standing({ incident }).map(({ drift }) => drift.path));
  const paths = [...new Set(decided.map(({ drift }) => drift.path))];
  return {
    repaired: paths.filter((path) => !left.has(path)),
    kept: paths.filter((path) => left.has(path)),
    orders: begun.map(({ repair }) => repair.wo),
    incident,
  };
}
