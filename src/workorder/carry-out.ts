/**
 * The way of a group of orders through the house: plan → remember → journal → apply → verify → accept, or undo.
 *
 * The orders of a group touch different paths and share barriers: one pack sync and one commit before the tree is touched, one
 * sync for content, one for folders and the pack, one commit at the end. Orders with commands go alone.
 * Crash: before the first commit nothing happened; after it `recover` undoes what is not accepted, and the order runs again.
 */

import { HoldfastError, isSystemError, LIMITS, sameEntry, slices, type TreePath } from "../base/index.ts";
import type { NewRecord } from "../ledger/index.ts";
import { install, type Kept } from "./apply.ts";
import { type Attempt, conflict, hasCommands, ioError, notAsWritten, planAttempt, verifyFailed } from "./attempt.ts";
import type { Beside } from "./beside.ts";
import { bringsContent, type Change, type ChangeSet, encodeChangeSet } from "./change-set.ts";
import { bytesAt } from "./entry-at.ts";
import type { Intake } from "./inbound.ts";
import type { OrderRow } from "./order-row.ts";
import { commitOutcomes, recordFailure, tellBeside } from "./outcomes.ts";
import { syncFolders } from "./own-places.ts";
import { stage, wholeContent } from "./stage.ts";
import { runStepsAndChecks } from "./steps.ts";
import { checkSyntax } from "./syntax.ts";
import { undo } from "./undo.ts";
import { EXECUTOR, type OrderWorld } from "./world.ts";

export interface Group {
  /** Received, or about to be in the same commit. Of different paths. */
  rows: readonly OrderRow[];
  /** What is taken in with the commit of the plans. */
  intake: Intake | null;
  /** Hears after that commit which orders were taken in. */
  onTaken?(ids: readonly string[]): void;
  /** Who has something to put on record when an order ends. */
  besideOf?(id: string): Beside | undefined;
}

/**
 * Throws only when the store or the vault cannot be written, or when the disk refuses to go back. What is in the middle then is
 * abandoned in the journal, for `recover`; what was to be taken in is not.
 */
export async function carryOut(group: Group, world: OrderWorld, signal: AbortSignal): Promise<void> {
  const attempts: Attempt[] = [];
  try {
    for (const row of group.rows) {
      const attempt = planAttempt(row, world);
      attempt.beside = group.besideOf?.(row.id) ?? null;
      attempts.push(attempt);
    }
    await carryOutPlanned(attempts, group, world, signal);
  } catch (error) {
    group.intake?.fail(error);
    for (const { setDigest } of attempts) world.journal.abandoned.add(setDigest);
    throw error;
  }
}

async function carryOutPlanned(
  attempts: readonly Attempt[],
  { intake, onTaken }: Group,
  world: OrderWorld,
  signal: AbortSignal,
): Promise<void> {
  const planned = await commitPlans(attempts, intake, world);
  const taken = intake?.answer() ?? [];
  onTaken?.(taken);
  const started = planned.filter(({ failure, row }) => failure === null && !row.dryRun);
  await putInPlace(started, world);
  for (const attempt of ongoing(started)) attempt.isSeenLast = (await verifyContent(attempt, world)) === "at-once";
  for (const attempt of ongoing(started)) {
    if (!hasCommands(attempt.order)) continue;
    attempt.isSeenLast = false;
    await runStepsAndChecks(attempt, world, signal);
  }
  for (const attempt of ongoing(started)) {
    const kept = attempt.isSeenLast ? [] : notAsWritten(attempt);
    if (kept.length > 0) attempt.failure = conflict(kept);
  }
  takeBack(
    started.filter(({ failure }) => failure !== null),
    world,
  );
  const foldersLast = () => syncFolders(setsOf(started), { disk: world.ports.disk, places: world.places });
  await commitOutcomes(started, foldersLast, world);
}

function ongoing(attempts: readonly Attempt[]): Attempt[] {
  return attempts.filter(({ failure }) => failure === null);
}

/**
 * Pre-images and plans become durable, and the journal says that they are under way. Returns those that are: an order that was
 * cancelled meanwhile, or was not taken in after all, is not.
 */
async function commitPlans(attempts: readonly Attempt[], intake: Intake | null, world: OrderWorld): Promise<Attempt[]> {
  const { vault, book, journal, places } = world;
  const batch = vault.begin();
  try {
    intake?.put(batch);
    for (const attempt of ongoing(attempts)) {
      batch.put(encodeChangeSet(attempt.set));
      for (const change of attempt.set.changes) {
        const { path, before, after } = change;
        if (after.kind === "file" && bringsContent(change)) batch.put(wholeContent(after.digest, attempt.apply));
        if (before.kind === "file" && !vault.has(before.digest)) await putPreImage(attempt, path, before);
        if (places.isInside(path)) batch.note(path as TreePath, before);
      }
    }
    return await batch.commit(() => {
      intake?.record();
      const waiting = attempts.filter((attempt) => isStillWaiting(attempt, world));
      for (const attempt of waiting) {
        recordPlan(attempt);
        if (attempt.failure !== null) tellBeside(attempt, world);
      }
      return waiting;
    });
  } catch (error) {
    batch.abort();
    throw error;
  }

  async function putPreImage(attempt: Attempt, path: string, before: Change["before"]): Promise<void> {
    if (!places.isInside(path)) {
      batch.put(bytesAt(attempt.apply.disk, places.absolute(path)));
      return;
    }
    const { entry } = await batch.putPath(path as TreePath);
    if (!sameEntry(entry, before)) attempt.failure ??= conflict([{ path, entry }]);
  }

  function recordPlan({ row, order, set, setDigest, failure, warnings }: Attempt): void {
    const paths = set.changes.map(({ path }) => path).slice(0, LIMITS.ledgerPathsMax);
    if (failure !== null) {
      recordFailure(row, failure, [], world);
      return;
    }
    const data = { changeSet: setDigest, changes: set.changes.length, dryRun: row.dryRun, point: vault.versionHead() };
    const would = row.dryRun ? "would change" : "changes";
    const noted = warnings.length > 0 ? `; ${warnings.join("; ")}` : "";
    const shared = { actor: EXECUTOR, wo: row.id };
    const summary = `${row.id} ${would} ${set.changes.length} paths${noted}`;
    const planned: NewRecord<"wo.planned"> = { ...shared, event: "wo.planned", paths, data, summary };
    if (row.dryRun) {
      book.recordFrom(row, planned);
      return;
    }
    journal.open({ changeSet: setDigest, wo: row.id, commands: order.steps.length > 0 && !order.idempotent });
    book.recordFrom(row, planned, { ...shared, event: "wo.started", data: {}, summary: `${row.id} started` });
  }
}

function isStillWaiting(attempt: Attempt, { book }: OrderWorld): boolean {
  const row = book.row(attempt.row.id);
  if (row?.stage !== "received" || row.raw !== attempt.row.raw || row.attempt !== attempt.row.attempt) return false;
  attempt.row = row;
  return true;
}

async function putInPlace(attempts: readonly Attempt[], world: OrderWorld): Promise<void> {
  const { disk } = world.ports;
  const sliced = slices(world.ports.clock);
  const staged: NonNullable<ReturnType<typeof stage>>[] = [];
  for (const attempt of attempts) {
    const one = tryDisk(attempt, () => stage(attempt.set, attempt.apply));
    if (one !== null) staged.push(one);
    await sliced();
  }
  await disk.syncAll({
    files: staged.flatMap(({ files }) => files),
    dirs: staged.flatMap(({ dirs }) => dirs),
  });
  for (const attempt of ongoing(attempts)) {
    tryDisk(attempt, () => {
      const { foreign, swapped } = install(attempt.set, attempt.apply);
      attempt.swapped = swapped;
      if (foreign.length > 0) attempt.failure = conflict(foreign);
    });
    await sliced();
  }
}

/** A disk that refuses fails its order, not its group. */
function tryDisk<T>(attempt: Attempt, work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    attempt.failure = { outcome: "undone", error: diskProblem(error), kept: [] };
    return null;
  }
}

function diskProblem(error: unknown): HoldfastError {
  if (error instanceof HoldfastError) return error;
  if (isSystemError(error)) return ioError(error);
  throw error;
}

/** `at-once`: the last that was done is a look at what stands there; otherwise checkers ran since, and took their time. */
async function verifyContent(
  attempt: Attempt,
  { ports, places, vault }: OrderWorld,
): Promise<"at-once" | "with-checkers"> {
  const kept = notAsWritten(attempt);
  if (kept.length > 0) attempt.failure = conflict(kept);
  if (kept.length > 0 || attempt.order.extra["skip_syntax"] === true) return "at-once";
  let ran = false;
  for (const { path, before, after } of attempt.set.changes) {
    if (after.kind !== "file" || after.sizeBytes > LIMITS.orderSizeBytesMax) continue;
    const bytes = wholeContent(after.digest, attempt.apply);
    const was =
      before.kind === "file" && before.sizeBytes <= LIMITS.orderSizeBytesMax ? vault.read(before.digest) : null;
    const absolute = () => places.absolute(path);
    const outcomes = await checkSyntax({ path, absolute, bytes, mode: after.mode, before: was }, ports);
    ran ||= outcomes !== null;
    attempt.tests.push(...(outcomes ?? []));
  }
  const failed = attempt.tests.find(({ ok }) => !ok);
  if (failed) attempt.failure = verifyFailed(failed);
  return ran ? "with-checkers" : "at-once";
}

/** Back to before, steps first. What somebody else wrote meanwhile stays, and makes the outcome a conflict. */
function takeBack(attempts: readonly Attempt[], { vault }: OrderWorld): void {
  for (const attempt of attempts) {
    const kept: Kept[] = [];
    const fromVault = { ...attempt.apply, contentOf: vault.readPieces.bind(vault) };
    if (attempt.steps) kept.push(...undo(attempt.steps.set, fromVault));
    kept.push(...undo(attempt.set, fromVault, attempt.swapped ?? undefined));
    if (kept.length > 0)
      attempt.failure = { ...attempt.failure!, outcome: "conflicted", kept: onceEach(attempt.failure!.kept, kept) };
  }
}

/** What stands at a path is told once, as it was seen last. */
function onceEach(first: readonly Kept[], then: readonly Kept[]): Kept[] {
  return [...new Map([...first, ...then].map((kept) => [kept.path, kept])).values()];
}

function setsOf(attempts: readonly Attempt[]): ChangeSet[] {
  return attempts.flatMap(({ set, steps }) => (steps ? [set, steps.set] : [set]));
}
