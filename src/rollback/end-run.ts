/**
 * The end of a run: what it did to protected components is compared with how they stood before, and put back, or, forced, accepted.
 *
 * Invariant: the window stays open until nothing is left to put back. Crash: whatever was being put back is undone by the journal, or
 * done; the run is open, and its end begins again. An end that comes by itself (`abandoned`) never accepts.
 */

import { ABSENT, assert, type Digest, type Entry, isoTime, LIMITS, sameEntry, type TreePath } from "../base/index.ts";
import { dropReport, reportsFolder } from "../cause/index.ts";
import { acceptStates, OWN } from "../component/index.ts";
import type { LedgerRecord } from "../ledger/index.ts";
import { applyDurably, decodeChangeSet, entryAt } from "../workorder/index.ts";
import { stateAt } from "./back-plan.ts";
import { reportOf } from "./begin-run.ts";
import { forgetChild } from "./child-file.ts";
import { joined } from "./joined.ts";
import { writeLog } from "./log-file.ts";
import { foldersAbove, type Protection, protectionOf } from "./protection.ts";
import { needsDifferences, type Outcome, outcomeOf, type Suspect, withSurroundings } from "./put-back.ts";
import type { Run } from "./run.ts";
import { bringsBack } from "./run-reach.ts";
import type { PathChange, RollbackWorld } from "./world.ts";

export interface Ending {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Nobody waits for it any more: its `holdfast` died. */
  readonly abandoned: boolean;
}

export interface EndedRun {
  readonly id: string;
  readonly putBack: TreePath[];
  /** Protected, changed, and left as they are, with the reason. */
  readonly left: { readonly path: TreePath; readonly why: string }[];
  /** Somebody wrote there while it was put back. */
  readonly kept: TreePath[];
  /** By force: what is there now is what must hold. */
  readonly accepted: TreePath[];
  readonly log: string;
}

export async function endRun(run: Run, ending: Ending, world: RollbackWorld): Promise<EndedRun> {
  const forced = run.force && !ending.abandoned;
  const found = forced ? await accepting(run, ending, world) : await puttingBack(run, ending, world);
  const { runs, ports, tree } = world;
  assert(runs.get(run.id) === null, "a run that ended is open no more");
  writeLog(run.logFile, logTail(run, ending, found, ports.clock.now()), world, run.logHead);
  const report = reportOf(run, { atMs: ports.clock.now(), exitCode: ending.exitCode });
  dropReport(reportsFolder(tree.state), report, ports);
  forgetChild(tree.state, run.id, ports);
  return { id: run.id, ...found, log: run.logFile };
}

type Found = Pick<EndedRun, "putBack" | "left" | "kept" | "accepted">;

async function puttingBack(run: Run, ending: Ending, world: RollbackWorld): Promise<Found> {
  const putBack = new Set<TreePath>(run.putBack);
  let kept: TreePath[] = [];
  for (let tries = 1; ; tries += 1) {
    const { suspects, protection } = await gather(run, world);
    const outcomes = suspects.map((suspect) => ({ suspect, outcome: outcomeOf(suspect) }));
    const changes = await plan(outcomes, run, world);
    const left = outcomes.flatMap(({ suspect: { path }, outcome }) =>
      outcome.kind === "leave" ? [{ path, why: outcome.why }] : [],
    );
    if (changes.length === 0 || tries > LIMITS.runEndTriesMax) {
      const found = { putBack: [...putBack].sort(), left, kept, accepted: [] };
      world.store.transaction(() => close(run, ending, found, null, world));
      return found;
    }
    const isProtected = (path: string) => protection.at(path as TreePath) !== null;
    const done = await applyDurably(
      {
        changes,
        onForeign: "keep",
        record: ({ applied }) => {
          const done = new Set(applied);
          const back = changes.flatMap(({ path, after }) => (done.has(path) ? [{ path, entry: after }] : []));
          world.guard.goOn(back, run.point);
          for (const path of applied) if (isProtected(path)) putBack.add(path as TreePath);
          world.runs.add({ ...run, putBack: [...putBack] });
        },
      },
      world,
    ).finally(() => world.settle());
    kept = done.kept.map(({ path }) => path as TreePath);
  }
}

async function accepting(run: Run, ending: Ending, world: RollbackWorld): Promise<Found> {
  const { suspects } = await gather(run, world);
  const isTaken = (suspect: Suspect) =>
    !suspect.isVouchedFor && !(suspect.isElsewhere && !suspect.always) && suspect.component !== OWN && !suspect.loose;
  const taken = suspects.filter(isTaken);
  const left = suspects.filter((one) => !isTaken(one)).map(({ path }) => ({ path, why: "not the run's to accept" }));
  const found = { putBack: [], left, kept: [], accepted: taken.map(({ path }) => path) };
  if (taken.length === 0) {
    world.store.transaction(() => close(run, ending, found, null, world));
    return found;
  }
  const changes = taken.map(({ path, before, after }) => ({ path, before, after }));
  const components = new Set(taken.map(({ component }) => component));
  await acceptStates(
    {
      changes,
      total: taken.length,
      subject: [...components].sort().join(", "),
      component: null,
      reason: `forced: ${run.what} (${run.id})`,
      actor: run.actor,
      alsoCommit: (record) => close(run, ending, found, record.data.changeSet, world),
    },
    world,
  );
  return found;
}

/** Inside a transaction: on record, and the window closed. */
function close(
  run: Run,
  { exitCode, signal, abandoned }: Ending,
  found: Found,
  changeSet: Digest | null,
  world: RollbackWorld,
): void {
  const { ledger, runs, guard } = world;
  const { putBack, left, kept, accepted } = found;
  const counts = [
    putBack.length > 0 ? `${putBack.length} protected paths put back` : "",
    kept.length > 0 ? `${kept.length} left to who wrote there` : "",
    accepted.length > 0 ? `${accepted.length} protected paths accepted as they are now` : "",
  ].filter((text) => text !== "");
  const how = abandoned ? "ended by a crash" : (signal ?? `exit ${exitCode}`);
  const paths = accepted.length > 0 ? accepted : putBack;
  ledger.append({
    event: run.kind === "exec" ? "exec.completed" : "rollback.completed",
    actor: run.actor,
    ok: kept.length === 0 && !abandoned,
    ...(paths.length > 0 ? { paths } : {}),
    data: {
      run: run.id,
      kind: run.kind,
      what: run.what,
      exitCode,
      signal,
      abandoned,
      putBack: putBack.length,
      left: left.length,
      kept: kept.slice(0, NAMED_MAX),
      accepted: accepted.length,
      changeSet,
      acceptedSet: changeSet,
      point: run.point,
      log: run.logFile,
    },
    summary: `${run.what}: ${[how, ...counts].join(", ")}`,
  });
  runs.remove(run.id);
  guard.endWindow(run.window, run.actor, accepted.length > 0 ? "accepted" : "restored");
}

const NAMED_MAX = 20;

async function gather(run: Run, world: RollbackWorld): Promise<{ suspects: Suspect[]; protection: Protection }> {
  const { vault, tree, guard } = world;
  const protection = protectionOf(world);
  const { upTo } = await vault.remember(protection.scope.length > 0 ? { paths: protection.scope } : {});
  const changes = await vault.changesInSlices(run.point, Math.max(upTo, vault.versionHead()));
  const vouched = vouchedSince(run.seq, world);
  const accepted = new Set<string>(world.baselines.paths());
  const touched = changes.flatMap((change) => {
    const rule = protection.at(change.path);
    if (rule === null || sameEntry(change.before, change.after)) return [];
    const isBroughtBack = bringsBack(run.reach, `${tree.root}/${change.path}`);
    const { path } = change;
    return [{ ...change, ...rule, isBroughtBack, isVouchedFor: vouched.has(path), hasBaseline: accepted.has(path) }];
  });
  const differences = await guard.classify(touched.filter(needsDifferences), run.reach.discards);
  const elsewhere = await guard.elsewhere(
    touched.filter(({ always }) => !always).map(({ path }) => path),
    run.branch,
  );
  const suspects = touched.map((one) => ({
    ...one,
    isElsewhere: elsewhere.has(one.path),
    differences: differences.get(one.path) ?? [],
  }));
  return { suspects, protection };
}

/** What an order, or somebody by hand, left behind meanwhile on purpose. */
function vouchedSince(seq: number, { ledger, vault }: RollbackWorld): Set<string> {
  const vouched = new Set<string>();
  for (const record of ledger.read({
    afterSeq: seq,
    events: ["wo.accepted", "component.accepted", "snapshot.restored"],
  })) {
    if (record.event === "snapshot.restored") for (const path of record.paths ?? []) vouched.add(path);
    else {
      const { changeSet } = (record as LedgerRecord<"wo.accepted">).data;
      for (const { path } of decodeChangeSet(vault.read(changeSet)).changes) vouched.add(path);
    }
  }
  return vouched;
}

async function plan(
  outcomes: readonly { suspect: Suspect; outcome: Outcome }[],
  run: Run,
  world: RollbackWorld,
): Promise<PathChange[]> {
  const { vault } = world;
  const goals = new Map<TreePath, Entry>();
  for (const { suspect, outcome } of outcomes) {
    if (outcome.kind === "put-back") goals.set(suspect.path, outcome.goal);
    if (outcome.kind === "join") goals.set(suspect.path, await joined(suspect, vault));
  }
  return withSurroundings(goals, {
    foldersAbove,
    presentAt: (path) => vault.latest(path)?.entry ?? ABSENT,
    folderAt: (path) => entryAt(world.ports.disk, `${world.tree.root}/${path}`),
    presentBelow: function* (path) {
      for (const one of vault.statesAt({ under: path })) if (one.path !== path) yield one.path;
    },
    folderBefore: (path) => {
      const before = stateAt(path, run.point, world);
      return before.kind === "dir" ? before : { kind: "dir", mode: 0o755 };
    },
  });
}

function logTail(run: Run, { exitCode, signal, abandoned }: Ending, found: Found, nowMs: number): string {
  const lines = [
    ...found.putBack.map((path) => `SKIP: ${path} (protected): put back`),
    ...found.accepted.map((path) => `taken by force: ${path}`),
    ...found.left.map(({ path, why }) => `left: ${path}: ${why}`),
    ...found.kept.map((path) => `kept: ${path}: somebody wrote to it meanwhile`),
    `${isoTime(nowMs)} ended ${run.what}: ${abandoned ? "its holdfast died; closed without force" : (signal ?? `exit ${exitCode}`)}`,
  ];
  return `${lines.join("\n")}\n`;
}
