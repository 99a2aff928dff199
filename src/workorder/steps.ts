/**
 * The commands of an order: its steps, then its checks.
 *
 * What they change is found by comparing what the vault remembers before and after, within the order's claim (`touches`, or
 * everything but the projections). It becomes a change set of its own, journaled like the plan's, so that a failure or a crash
 * undoes it the same way: paths that are still as the commands left them go back, others are kept.
 * Crash while a command runs: recovery compares with `wo.applied`'s point. Steps run at most once unless the order is idempotent.
 */

import { HoldfastError, isSystemError, type TreePath } from "../base/index.ts";
import type { TestOutcome } from "../ledger/index.ts";
import { type Attempt, changeSetId, type Failure, verifyFailed } from "./attempt.ts";
import { type Change, encodeChangeSet } from "./change-set.ts";
import { type Command, type CommandOutcome, runCommand } from "./command.ts";
import { namePaths } from "./for-record.ts";
import { interruptionOf } from "./interruption.ts";
import type { Check, Step, WorkOrder } from "./order.ts";
import { EXECUTOR, type OrderWorld } from "./world.ts";

export async function runStepsAndChecks(attempt: Attempt, world: OrderWorld, signal: AbortSignal): Promise<void> {
  const scope = claimOf(attempt.order, world);
  // All of the tree, whatever the claim: what happens outside of it is not undone, but said.
  const before = await remember(null, world);
  world.store.transaction(() => {
    world.journal.advance(attempt.setDigest, "applied");
    const { row, set } = attempt;
    world.book.record({
      event: "wo.applied",
      actor: EXECUTOR,
      wo: row.id,
      summary: `${row.id} applied ${set.changes.length} changes`,
      data: { changes: set.changes.length, point: before },
    });
  });
  const failure = (await runSteps(attempt, world, signal)) ?? (await runChecks(attempt, world, signal));
  attempt.failure = interruptionOf(signal) ?? failure;
  await noteWhatTheyChanged(attempt, before, scope, world);
  if (attempt.failure !== null && scope !== null) await nameWhatStays(attempt.failure, before, scope, world);
}

/** Effects outside of the claim might be somebody else's: they stay, and are named. */
async function nameWhatStays(failure: Failure, from: number, scope: TreePath[], world: OrderWorld): Promise<void> {
  const to = await remember(null, world);
  const outside = stepChanges(from, to, null, world).filter(({ path }) => !isBelow(path, scope));
  if (outside.length === 0) return;
  const { code, message, hint, data } = failure.error;
  const paths = namePaths(outside.map(({ path }) => path));
  failure.error = new HoldfastError(code, `${message}; not undone, because outside of its \`touches\`: ${paths}`, {
    hint,
    data,
  });
}

/** The paths that an order's commands may change; `null`: everything. */
export function claimOf(order: WorkOrder, { places }: Pick<OrderWorld, "places">): TreePath[] | null {
  return order.touches?.map((path) => places.parse(path) as TreePath) ?? null;
}

async function remember(scope: TreePath[] | null, { vault }: OrderWorld): Promise<number> {
  return (await vault.remember(scope === null ? {} : { paths: scope })).upTo;
}

async function runSteps(attempt: Attempt, world: OrderWorld, signal: AbortSignal): Promise<Failure | null> {
  let failure: Failure | null = null;
  for (const step of attempt.order.steps) {
    if (failure !== null && !step.alwaysRun) continue;
    const outcome = await runStep(step, attempt, world, signal);
    attempt.tests.push({ name: step.name, ok: outcome.ok, output: outcome.output });
    if (!outcome.ok) failure ??= stepFailed(step, outcome);
  }
  return failure;
}

async function runStep(step: Step, attempt: Attempt, world: OrderWorld, signal: AbortSignal): Promise<CommandOutcome> {
  for (let left = step.retries; ; left -= 1) {
    const outcome = await tryCommand(step.run, step.timeoutMs, attempt, world, signal);
    if (outcome.ok || left <= 0 || signal.aborted) return outcome;
    await world.ports.clock.sleep(step.retryDelayMs, signal);
  }
}

async function runChecks(attempt: Attempt, world: OrderWorld, signal: AbortSignal): Promise<Failure | null> {
  let failure: Failure | null = null;
  for (const check of attempt.order.checks) {
    const test = await runCheck(check, attempt, world, signal);
    attempt.tests.push(test);
    if (!test.ok) failure ??= verifyFailed(test);
  }
  return failure;
}

async function runCheck(check: Check, attempt: Attempt, world: OrderWorld, signal: AbortSignal): Promise<TestOutcome> {
  const outcome = await tryCommand({ shell: check.command }, check.timeoutMs, attempt, world, signal);
  const exitOk = outcome.exitCode === check.exitCode;
  const outputOk = check.expected === null || outcome.stdout.trim() === check.expected.trim();
  const output = exitOk && !outputOk ? `expected: ${check.expected}\n${outcome.output}` : outcome.output;
  return { name: check.name, ok: exitOk && outputOk, output };
}

async function tryCommand(
  command: Command,
  timeoutMs: number | null,
  attempt: Attempt,
  world: OrderWorld,
  signal: AbortSignal,
): Promise<CommandOutcome> {
  const limitMs = timeoutMs ?? attempt.order.timeoutMs ?? world.config().orders.timeoutMs;
  try {
    return await runCommand({ command, wo: attempt.row.id, timeoutMs: limitMs, signal }, world);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return { exitCode: 127, ok: false, timedOut: false, stdout: "", output: error.message };
  }
}

function stepFailed(step: Step, outcome: CommandOutcome): Failure {
  const line = outcome.output.trim().split("\n").at(-1) ?? "";
  const error = outcome.timedOut
    ? new HoldfastError("WO_TIMEOUT", `step "${step.name}" took too long: ${line}`, { data: { step: step.name } })
    : new HoldfastError("WO_STEP_FAILED", `step "${step.name}" failed: ${line}`, { data: { step: step.name } });
  return { outcome: "undone", error, kept: [] };
}

async function noteWhatTheyChanged(
  attempt: Attempt,
  from: number,
  scope: TreePath[] | null,
  world: OrderWorld,
): Promise<void> {
  const to = await remember(scope, world);
  const changes = stepChanges(from, to, scope, world);
  if (changes.length === 0) return;
  const { vault, book, journal, ports } = world;
  const set = { v: 1 as const, id: changeSetId({ ports }), changes };
  const batch = vault.begin();
  const setDigest = batch.put(encodeChangeSet(set));
  await batch.commit(() => {
    journal.open({ changeSet: setDigest, wo: attempt.row.id, commands: false });
    journal.advance(setDigest, "applied");
    book.record({
      event: "wo.steps-ran",
      actor: EXECUTOR,
      wo: attempt.row.id,
      paths: changes.map(({ path }) => path),
      data: { changeSet: setDigest, changes: changes.length },
      summary: `${attempt.row.id}: its commands changed ${changes.length} paths`,
    });
  });
  attempt.steps = { set, setDigest };
}

/** Between two points, within a claim, without what Holdfast itself writes into the tree. */
export function stepChanges(
  from: number,
  to: number,
  scope: readonly TreePath[] | null,
  { vault, config }: OrderWorld,
): Change[] {
  const layout = config().layout;
  const own =
    layout === null
      ? []
      : [
          layout.inbox,
          layout.outbox,
          layout.archive,
          layout.failed,
          layout.state,
          layout.dashboard,
          layout.telemetry,
          layout.mls,
        ];
  return vault
    .changesBetween(from, to)
    .filter(({ path }) => (scope === null ? !isBelow(path, own) : isBelow(path, scope)))
    .map(({ path, before, after }) => ({ path, before, after }));
}

function isBelow(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => path === folder || path.startsWith(`${folder}/`));
}
