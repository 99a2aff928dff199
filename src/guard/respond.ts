/**
 * Carries repairs out and says how they ended.
 *
 * A repair is a work order like any other: planned, its pre-images in the vault, applied all or nothing, late writers' bytes kept. The
 * incident is on record with the commit that takes the order in, and the outcome with the one that ends it.
 * Crash: the order's own recovery finishes or undoes it; `resume` picks up what came of it.
 */

import { assert, HoldfastError, sameEntry, type TreePath, type WorkOrderId } from "../base/index.ts";
import type { Actor } from "../ledger/index.ts";
import type { OrderRow, Submission } from "../workorder/index.ts";
import type { Docket } from "./docket.ts";
import { type Return, repairOrders } from "./repair-order.ts";
import { resolve } from "./resolve.ts";
import { GUARD, type GuardWorld } from "./world.ts";

export interface Repair {
  readonly incident: string;
  readonly wo: WorkOrderId;
  readonly returns: readonly Pick<Return, "path" | "state">[];
}

export interface Begun {
  readonly orders: readonly WorkOrderId[];
  /** Resolves when all of them are over, and what came of them is on record. */
  readonly ended: Promise<void>;
}

/** Resolves when the incident, and that its repairs begin, is on record. Rejects when nothing is. */
export async function beginRepairs(
  docket: Docket,
  returns: readonly Return[],
  { actor = GUARD, world }: { actor?: Actor; world: GuardWorld },
): Promise<Begun> {
  const { engine, ports } = world;
  assert(engine !== null, "a repair only begins where an engine carries it out");
  const startedMs = ports.clock.monotonicMs();
  const parts = repairOrders(returns, docket.incident, world).map(({ submission, returns: part }, index) => {
    const repair: Repair = { incident: docket.incident, wo: submission.order.id, returns: part };
    const beside: Submission["beside"] = {
      bytes: index === 0 && docket.bytes !== null ? [docket.bytes] : [],
      taken() {
        if (index === 0) docket.write();
        recordBeginning(repair, world);
      },
      over: (row, changed) => recordOutcome(repair, { row, changed, startedMs }, world),
    };
    return { repair, submission: { ...submission, actor, beside } };
  });
  const receptions = await engine.submit(parts.map(({ submission }) => submission));
  const ended = Promise.all(
    parts.map(async ({ repair }, index) => {
      const reception = receptions[index]!;
      if (reception instanceof HoldfastError) {
        world.store.transaction(() => recordFailure(repair, reception, world));
        return;
      }
      await pickUp(repair, startedMs, world);
    }),
  ).then(() => undefined);
  // Whoever waits for it hears of its failure; nobody has to.
  ended.catch(() => undefined);
  return { orders: parts.map(({ repair }) => repair.wo), ended };
}

function recordBeginning({ incident, wo, returns }: Repair, world: GuardWorld): void {
  const { incidents, repairTimes, ports } = world;
  const paths = returns.map(({ path }) => path);
  incidents.record({
    event: "repair.started",
    actor: GUARD,
    incident,
    wo,
    paths,
    data: { paths: paths.length },
    summary: `${wo} puts ${named(paths)} back`,
  });
  incidents.repairing(paths, wo);
  repairTimes.note(paths, ports.clock.now());
}

/** When it is over. What nobody was there to record in its last commit is recorded now. */
async function pickUp(repair: Repair, startedMs: number, world: GuardWorld): Promise<void> {
  const { engine, store, incidents } = world;
  const row = await engine!.finished(repair.wo);
  if (incidents.isRepairing(repair.wo)) {
    store.transaction(() => recordOutcome(repair, { row, changed: [], startedMs }, world));
  }
  await recordGitNote(repair, world);
}

interface Ended {
  readonly row: OrderRow;
  readonly changed: readonly string[];
  readonly startedMs: number;
}

/** Inside a transaction, as `recordFailure`. */
function recordOutcome(repair: Repair, { row, changed, startedMs }: Ended, world: GuardWorld): void {
  if (row.stage !== "accepted") {
    const { code, message } = row.error ?? { code: row.stage, message: row.summary ?? row.stage };
    recordFailure(repair, { code, message }, world);
    return;
  }
  const { incidents, vault, ports } = world;
  const broughtBack = new Set(changed);
  const isBack = ({ path, state }: Repair["returns"][number]) => {
    if (broughtBack.has(path)) return true;
    const latest = vault.latest(path);
    return latest !== null && sameEntry(latest.entry, state);
  };
  const paths = repair.returns.filter(isBack).map(({ path }) => path);
  const isBackAgain = new Set(paths);
  const kept = repair.returns.flatMap(({ path }) => (isBackAgain.has(path) ? [] : [path]));
  incidents.record({
    event: "repair.completed",
    actor: GUARD,
    ok: kept.length === 0,
    incident: repair.incident,
    wo: row.id,
    paths,
    data: {
      paths: paths.length,
      kept: kept.slice(0, KEPT_NAMED),
      ms: Math.round(ports.clock.monotonicMs() - startedMs),
    },
    summary: `${named(paths)} back${kept.length > 0 ? `, ${kept.length} left: changed meanwhile` : ""}`,
  });
  incidents.notRepaired(kept, repair.wo);
  resolve(incidents.clear(paths, repair.wo), "repair", world);
}

const KEPT_NAMED = 20;

function recordFailure(repair: Repair, error: { code: string; message: string }, world: GuardWorld): void {
  const { incidents } = world;
  const { incident, wo, returns } = repair;
  const paths = returns.map(({ path }) => path);
  const shared = { actor: GUARD, ok: false, incident, wo };
  const { code, message } = error;
  const summary = `${named(paths)} could not be put back: ${message}`;
  incidents.record({ ...shared, event: "repair.failed", paths, data: { code, message }, summary });
  incidents.record({ ...shared, event: "incident.escalated", data: { reason: summary }, summary });
  incidents.notRepaired(paths, wo);
}

/**
 * Git refuses to overwrite what it sees as somebody's uncommitted work, and a repair that differs from HEAD is just that. Git takes
 * longer to say so than the whole repair.
 */
async function recordGitNote({ returns, incident, wo }: Repair, world: GuardWorld): Promise<void> {
  const { standing, tree, branch, incidents, store, book } = world;
  if (tree.git === null || book.row(wo)?.stage !== "accepted") return;
  const paths = returns.filter(({ state }) => state.kind !== "dir").map(({ path }) => path);
  const matching = await standing.matchingHead(paths);
  const differing = paths.filter((path) => !matching.has(path));
  const expectations = world.expectations();
  const branchOf = (path: TreePath) => expectations.at(path)?.otherBranch ?? branch();
  const tracked = await standing.tracked(differing.map((path) => ({ path, branch: branchOf(path) })));
  const uncommitted = differing.filter((path) => tracked.has(path));
  if (uncommitted.length === 0) return;
  const note = `git will refuse a switch, pop, rebase or pull that touches ${named(uncommitted)} until it is committed or stashed (or: holdfast maintenance begin)`;
  store.transaction(() => {
    incidents.record({
      event: "repair.noted",
      actor: GUARD,
      incident,
      wo,
      paths: uncommitted,
      data: { note },
      summary: note,
    });
  });
}

export function named(paths: readonly (TreePath | string)[]): string {
  if (paths.length === 0) return "nothing";
  return paths.length === 1 ? paths[0]! : `${paths[0]} and ${paths.length - 1} more`;
}

/** After a start: what came of repairs that an earlier process began. */
export async function resume(world: GuardWorld): Promise<void> {
  const { incidents, engine, book, store } = world;
  const running = new Map<string, { incident: string; paths: TreePath[] }>();
  for (const { wo, incident, drift } of incidents.standing()) {
    if (wo === null) continue;
    const one = running.get(wo) ?? { incident, paths: [] };
    one.paths.push(drift.path as TreePath);
    running.set(wo, one);
  }
  for (const [wo, { incident, paths }] of running) {
    const row = book.row(wo);
    if (row === null || engine === null) {
      store.transaction(() => incidents.notRepaired(paths, wo));
      continue;
    }
    const returns = book
      .order(row)
      .operations.flatMap((operation) =>
        operation.op === "restore" && operation.exactly
          ? [{ path: operation.path as TreePath, state: operation.exactly.state }]
          : [],
      );
    await pickUp({ incident, wo: row.id, returns }, world.ports.clock.monotonicMs(), world);
  }
}
