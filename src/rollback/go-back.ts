/**
 * Goes back by Holdfast's own hand: a plan is applied all or nothing, without what is protected, or, forced, with it.
 *
 * Forced, the result is accepted in the same commit that makes the change final, and what was accepted before stays pinned. Crash before
 * that commit: the journal undoes it, and only the `started` record tells of the attempt.
 */

import { digestOf, type Entry, HoldfastError, isoTime, sameEntry, type TreePath } from "../base/index.ts";
import { encodeAcceptance, OWN, recordAcceptance } from "../component/index.ts";
import type { Actor } from "../ledger/index.ts";
import { applyDurably, type Change } from "../workorder/index.ts";
import type { BackPlan } from "./back-plan.ts";
import { logFileFor, logHead, writeLog } from "./log-file.ts";
import { type Protection, protectionOf } from "./protection.ts";
import type { RollbackWorld } from "./world.ts";

export interface BackRequest {
  readonly kind: "order" | "snapshot" | "time" | "rollback" | "undo";
  readonly plan: BackPlan;
  readonly actor: Actor;
  readonly force: boolean;
  readonly dryRun: boolean;
  /** Protected as they are: returning what was taken by force is no taking. */
  readonly returning?: ReadonlySet<string>;
  /**
   * Of an undoing: how each path stood before, by the version's number. What is protected goes back as long as nothing that was accepted
   * is taken by it.
   */
  readonly points?: ReadonlyMap<string, number>;
  /** Half of it is worth nothing: refused when a protected path is among it. */
  readonly isWhole: boolean;
}

export interface WentBack {
  /** `null` where nothing was to be done, or only was planned. */
  readonly run: string | null;
  readonly what: string;
  readonly changed: string[];
  /** Protected, and therefore left as they are. */
  readonly skipped: { readonly path: string; readonly component: string }[];
  readonly accepted: string[];
  readonly missing: BackPlan["missing"];
  /** What `restore --from` takes to have it as before. */
  readonly snapshotBefore: string | null;
  readonly log: string | null;
  readonly named: Protection["named"];
}

/** `ROLLBACK_OVERLAPS`, `ROLLBACK_PROTECTED`, and `WO_CONFLICT` when somebody writes to a path meanwhile: then nothing was changed. */
export async function goBack(request: BackRequest, world: RollbackWorld): Promise<WentBack> {
  const { plan, force, dryRun, isWhole } = request;
  const protection = protectionOf(world);
  const { wanted, skipped } = divide(request, protection, world);
  const found = { what: plan.what, skipped, missing: plan.missing, named: protection.named };
  if (!dryRun) refuseOverlaps(plan);
  if (!dryRun && !force && skipped.length > 0 && (isWhole || wanted.length === 0)) throw refusal(request, skipped);
  const changed = wanted.map(({ path }) => path);
  if (dryRun || wanted.length === 0)
    return { ...found, run: null, changed: dryRun ? changed : [], accepted: [], snapshotBefore: null, log: null };
  const taken = wanted.filter((change) => isTaken(change, request, { protection, world }));
  return { ...found, ...(await apply(request, { wanted, taken, protection }, world)) };
}

interface Division {
  readonly wanted: readonly Change[];
  readonly taken: readonly Change[];
  readonly protection: Protection;
}

async function apply(
  request: BackRequest,
  { wanted, taken, protection }: Division,
  world: RollbackWorld,
): Promise<Pick<WentBack, "run" | "changed" | "accepted" | "snapshotBefore" | "log">> {
  const { ports, vault, branch } = world;
  const { kind, plan, actor, force } = request;
  const id = `R-${ports.random.bytes(4).toString("hex")}`;
  const startedMs = ports.clock.now();
  const log = logFileFor({ command: [plan.what], startedMs }, world);
  const point = vault.versionHead();
  const shared = { id, kind, what: plan.what, cwd: world.tree.root, actor, force, startedMs, point, branch: branch() };
  const head = logHead({ ...shared, radius: null, protection });
  recordStart({ ...shared, log }, world);
  writeLog(log, head, world);
  const encoded = { all: encodeAcceptance(wanted), taken: encodeAcceptance(taken) };
  const batch = vault.begin();
  batch.put(encoded.all);
  batch.put(encoded.taken);
  await batch.commit();
  const goingOnAgain = wanted.flatMap((change): [TreePath, Entry][] =>
    request.points?.has(change.path) && !taken.includes(change) ? [[change.path as TreePath, change.after]] : [],
  );
  const { applied } = await applyDurably(
    {
      changes: wanted,
      onForeign: "undo",
      record: () => {
        if (taken.length > 0) recordTaken(taken, digestOf(encoded.taken), { id, request }, world);
        for (const [path, goal] of goingOnAgain)
          world.guard.goOn([{ path, entry: goal }], request.points?.get(path) ?? 0);
        recordEnd({ ...shared, log, wanted, taken, encoded }, world);
      },
    },
    world,
  ).finally(() => world.settle());
  const accepted = taken.map(({ path }) => path);
  const lines = [...applied.map((path) => `went back: ${path}`), ...accepted.map((path) => `taken by force: ${path}`)];
  writeLog(log, `${lines.join("\n")}\n${isoTime(ports.clock.now())} ended ${plan.what}\n`, world, head);
  return { run: id, changed: applied, accepted, snapshotBefore: `V${point}`, log };
}

function divide(
  request: BackRequest,
  protection: Protection,
  world: RollbackWorld,
): { wanted: Change[]; skipped: WentBack["skipped"] } {
  const wanted: Change[] = [];
  const skipped: WentBack["skipped"] = [];
  for (const change of request.plan.changes) {
    const component = protectedBy(change.path, protection);
    const mayGo =
      component === null || request.returning?.has(change.path) === true || takesNothing(change, request, world);
    // The configuration that runs is accepted on its own, and never by the way.
    if (mayGo || (request.force && component !== OWN)) wanted.push(change);
    else skipped.push({ path: change.path, component });
  }
  return { wanted: withoutHalves(wanted, skipped), skipped };
}

/** A folder cannot go while something in it stays. */
function withoutHalves(wanted: readonly Change[], skipped: WentBack["skipped"]): Change[] {
  const stays = (folder: string) => skipped.some(({ path }) => path.startsWith(`${folder}/`));
  return wanted.filter(({ path, before, after }) => before.kind !== "dir" || after.kind === "dir" || !stays(path));
}

function isTaken(
  change: Change,
  request: BackRequest,
  { protection, world }: { protection: Protection; world: RollbackWorld },
): boolean {
  if (request.returning?.has(change.path) === true) return true;
  return protectedBy(change.path, protection) !== null && !takesNothing(change, request, world);
}

/** It becomes what was accepted, or was not as accepted anyhow: of one's own doing, that is nobody's loss. */
function takesNothing(
  { path, before, after }: Change,
  { points }: BackRequest,
  { baselines, branch }: RollbackWorld,
): boolean {
  if (points?.has(path) !== true) return false;
  const accepted = (baselines.at(path, branch()) ?? baselines.everywhere(path)[0])?.entry;
  return accepted === undefined || sameEntry(after, accepted) || !sameEntry(before, accepted);
}

function protectedBy(path: string, protection: Protection): string | null {
  return path.startsWith("/") ? null : (protection.at(path as TreePath)?.component ?? null);
}

function refuseOverlaps({ overlaps, what }: BackPlan): void {
  const [first] = overlaps;
  if (first === undefined) return;
  const more = overlaps.length > 1 ? ` and ${overlaps.length - 1} more` : "";
  throw new HoldfastError("ROLLBACK_OVERLAPS", `${what}: ${first.path} was changed by ${first.by}${more}`, {
    data: { overlaps: overlaps.slice(0, NAMED_MAX) },
  });
}

function refusal({ plan: { what }, kind }: BackRequest, skipped: WentBack["skipped"]): HoldfastError {
  const components = [...new Set(skipped.map(({ component }) => component))];
  const [first] = skipped;
  const more = skipped.length > 1 ? ` and ${skipped.length - 1} more` : "";
  return new HoldfastError(
    "ROLLBACK_PROTECTED",
    `${what}: ${first!.path}${more} is protected (${components.join(", ")}); nothing was changed`,
    {
      ...(kind === "undo" ? { hint: "the same with --force, if a person means it" } : {}),
      data: { skipped: skipped.slice(0, NAMED_MAX), total: skipped.length },
    },
  );
}

const NAMED_MAX = 100;

type Shared = Pick<Parameters<typeof logHead>[0], "id" | "what" | "cwd" | "actor" | "force" | "point" | "branch"> & {
  readonly kind: string;
  readonly log: string;
};

function recordStart({ id, kind, what, cwd, actor, force, point, branch, log }: Shared, world: RollbackWorld): void {
  const own = { pid: null, startKey: null, window: null, goesBack: true };
  world.store.transaction(() =>
    world.ledger.append({
      event: "rollback.started",
      actor,
      data: { run: id, kind, what, cwd, force, point, branch, log, ...own },
      summary: `rollback ${id}: ${what}${force ? " (forced)" : ""}`,
    }),
  );
}

function recordTaken(
  taken: readonly Change[],
  changeSet: ReturnType<typeof digestOf>,
  { id, request }: { id: string; request: BackRequest },
  world: RollbackWorld,
): void {
  const reason = `${request.returning === undefined ? "forced" : "returned"}: ${request.plan.what} (${id})`;
  const subject = request.plan.what;
  const states = { changes: taken, total: taken.length, subject, component: null, reason, actor: request.actor };
  recordAcceptance(states, changeSet, world);
}

function recordEnd(
  end: Shared & Omit<Division, "protection"> & { encoded: { all: Buffer; taken: Buffer } },
  world: RollbackWorld,
): void {
  const { id, kind, what, actor, point, log, wanted, taken, encoded } = end;
  world.ledger.append({
    event: "rollback.completed",
    actor,
    paths: wanted.map(({ path }) => path),
    data: {
      run: id,
      kind,
      what,
      exitCode: null,
      signal: null,
      abandoned: false,
      putBack: 0,
      left: 0,
      kept: [],
      accepted: taken.length,
      changeSet: digestOf(encoded.all),
      acceptedSet: taken.length > 0 ? digestOf(encoded.taken) : null,
      point,
      log,
    },
    summary: `${what}: ${wanted.length} paths went back${taken.length > 0 ? `, ${taken.length} of them protected` : ""}`,
  });
}
