/** `holdfast repair`: what the guard would only raise is put back because somebody asks for it; the same order, the same record. */

import type { TreePath } from "../base/index.ts";
import type { Actor } from "../ledger/index.ts";
import { compare } from "./check.ts";
import type { Decision } from "./decide.ts";
import { drawUp } from "./docket.ts";
import { returnsFor } from "./repair-order.ts";
import { beginRepairs } from "./respond.ts";
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
  const found = { cause: null, others: [], recordedBy: null };
  const occasion = { blind: null, sinceMs: world.ports.clock.now() };
  const docket = drawUp({ decided, found, occasion }, world);
  const asked = actor.kind === "unknown" ? GUARD : actor;
  const { orders, ended } = await beginRepairs(docket, returns, { actor: asked, world });
  await ended;
  const { incident } = docket;
  const left = new Set(world.incidents.standing({ incident }).map(({ drift }) => drift.path));
  const paths = [...new Set(decided.map(({ drift }) => drift.path))];
  return {
    repaired: paths.filter((path) => !left.has(path)),
    kept: paths.filter((path) => left.has(path)),
    orders: [...orders],
    incident,
  };
}
