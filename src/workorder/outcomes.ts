/**
 * How an order ends, in the ledger, the baselines and the journal: accepted, or one of the ways in which it failed.
 *
 * Crash: all of it is one commit. Before it the order did not end, and `recover` undoes what it did.
 */

import { digestOf, LIMITS, type TreePath } from "../base/index.ts";
import { ACCEPTED, type Membership } from "../component/index.ts";
import type { NewRecord } from "../ledger/index.ts";
import type { VaultBatch } from "../vault/index.ts";
import type { Kept } from "./apply.ts";
import { type Attempt, type Failure, hasCommands } from "./attempt.ts";
import { type Change, type ChangeSet, encodeChangeSet } from "./change-set.ts";
import { cut, keptForRecord, testsForRecord } from "./for-record.ts";
import { isOver, type OrderRow } from "./order-row.ts";
import { EXECUTOR, type OrderWorld } from "./world.ts";

/** Acceptance and failure alike: state, baseline, journal and ledger are one commit. `lasting`: what it tells of, before it does. */
export async function commitOutcomes(
  attempts: readonly Attempt[],
  lasting: () => Promise<void>,
  world: OrderWorld,
): Promise<void> {
  if (attempts.length === 0) return;
  const batch = world.vault.begin();
  try {
    for (const { set, steps, order, failure } of attempts) {
      if (failure === null) {
        noteAll(batch, [...set.changes, ...(steps?.set.changes ?? [])], world);
        if (steps !== null) batch.put(encodeChangeSet(acceptedSet({ set, steps, order })));
      }
    }
    for (const { failure } of attempts) if (failure !== null) failure.kept = await vaulted(failure.kept, batch, world);
    await batch.commit(() => {
      const now = { branch: world.branch(), members: world.membership() };
      for (const attempt of attempts) {
        if (attempt.failure === null) recordAcceptance(attempt, now, world);
        else recordFailure(attempt.row, attempt.failure, attempt.tests, world);
        leave(attempt, world);
        tellBeside(attempt, world);
      }
    }, lasting);
  } catch (error) {
    batch.abort();
    throw error;
  }
}

/** An order that will be tried again is not over. */
export function tellBeside({ beside, row: { id }, set, failure }: Attempt, { book }: OrderWorld): void {
  const row = beside === null ? null : book.mustRow(id);
  if (row === null || !isOver(row)) return;
  beside!.over(row, failure === null ? set.changes.map(({ path }) => path) : []);
}

/** An accepted order that only added has put nothing aside, and its journal is closed at once. */
function leave({ set, setDigest, steps, failure }: Attempt, { journal }: OrderWorld): void {
  const onlyAdded = set.changes.every(({ before }) => before.kind === "absent");
  if (failure === null && onlyAdded) journal.close(setDigest);
  else journal.advance(setDigest, "settling");
  if (steps) journal.advance(steps.setDigest, "settling");
}

/** What somebody else left there is in the vault under the digest that the ledger names, even if they go on. */
async function vaulted(kept: readonly Kept[], batch: VaultBatch, { places }: OrderWorld): Promise<Kept[]> {
  const taken: Kept[] = [];
  for (const { path, entry } of kept) {
    const isFile = places.isInside(path) && entry.kind === "file";
    taken.push({ path, entry: isFile ? (await batch.putPath(path as TreePath)).entry : entry });
  }
  return taken;
}

function noteAll(batch: VaultBatch, changes: readonly Change[], { places }: OrderWorld): void {
  for (const { path, after } of changes) if (places.isInside(path)) batch.note(path as TreePath, after);
}

/** What is the same for all that are accepted in one commit. */
interface Moment {
  branch: string | null;
  members: Membership;
}

function recordAcceptance(
  { row, set, setDigest, steps, order, tests }: Attempt,
  now: Moment,
  { book, baselines, places }: OrderWorld,
): void {
  const paths = set.changes.map(({ path }) => path);
  const shared = { actor: EXECUTOR, wo: row.id };
  const applied: NewRecord<"wo.applied"> = {
    ...shared,
    event: "wo.applied",
    data: { changes: set.changes.length, point: row.point ?? 0 },
    summary: `${row.id} applied ${paths.length} changes`,
  };
  const verified: NewRecord<"wo.verified"> = {
    ...shared,
    event: "wo.verified",
    data: { tests: testsForRecord(tests) },
    summary: `${row.id} verified${tests.length > 0 ? `, ${tests.length} checks` : ""}`,
  };
  const accepted = acceptedSet({ set, steps, order });
  const changeSet = steps === null ? setDigest : digestOf(encodeChangeSet(accepted));
  // With commands `wo.applied` was recorded before they began.
  const record = book.recordAll<"wo.accepted">(...(hasCommands(order) ? [] : [applied]), verified, {
    ...shared,
    event: "wo.accepted",
    paths: paths.slice(0, LIMITS.ledgerPathsMax),
    data: { changes: accepted.changes.length, changeSet, branch: now.branch },
    summary: `${row.id} accepted: ${row.title}`,
  });
  if (!isRepair(row))
    moveBaselines(
      accepted,
      { branch: record.data.branch, seq: record.seq },
      { baselines, members: now.members, places },
    );
}

/** A repair gives back what was there; it vouches for nothing new, and may return to newer work than was ever accepted. */
function isRepair({ via }: Pick<OrderRow, "via">): boolean {
  return via === "repair";
}

/** The same at acceptance and when a lost database is rebuilt from the ledger. */
function moveBaselines(
  accepted: ChangeSet,
  how: { branch: string | null; seq: number },
  { baselines, members, places }: Pick<OrderWorld, "baselines" | "places"> & { members: Membership },
): void {
  const inside = accepted.changes.filter(({ path }) => places.isInside(path));
  baselines.move(
    inside.map(({ path, after }) => ({ path, entry: after })),
    { ...how, componentOf: (path) => members.componentOf(path) ?? ACCEPTED },
  );
}

/**
 * What becomes the baseline: the plan's paths, as they stood at the end. What steps changed besides counts only when the order said
 * which paths its steps touch; otherwise it might be somebody else's, and is remembered, not vouched for.
 */
function acceptedSet({ set, steps, order }: Pick<Attempt, "set" | "steps" | "order">): ChangeSet {
  const byPath = new Map(set.changes.map((change) => [change.path, change]));
  for (const change of steps?.set.changes ?? []) {
    const planned = byPath.get(change.path);
    if (planned) byPath.set(change.path, { ...planned, after: change.after });
    else if (order.touches !== null) byPath.set(change.path, change);
  }
  return { ...set, changes: [...byPath.values()] };
}

const MESSAGE_CHARACTERS_MAX = 2_000;

export function recordFailure(row: OrderRow, failure: Failure, tests: Attempt["tests"], world: OrderWorld): void {
  const { book, ports, config } = world;
  const { code, hint } = failure.error;
  const message = cut(failure.error.message, MESSAGE_CHARACTERS_MAX);
  const told = testsForRecord(tests);
  const shared = { actor: EXECUTOR, wo: row.id, ok: false, summary: `${row.id} ${failure.outcome}: ${message}` };
  switch (failure.outcome) {
    case "refused":
      book.record({ ...shared, event: "wo.refused", data: { code, message, hint } });
      return;
    case "cancelled": {
      const actor = failure.actor ?? EXECUTOR;
      book.record({ ...shared, actor, ok: true, event: "wo.cancelled", data: { reason: message } });
      return;
    }
    case "conflicted": {
      const kept = keptForRecord(failure.kept);
      book.record({ ...shared, event: "wo.conflicted", data: { code, message, hint, kept, tests: told } });
      return;
    }
    case "undone": {
      const retries = row.retriesLeft ?? config().orders.retries;
      const delayMs = Math.min(LIMITS.retryDelayMsMax, LIMITS.retryDelayMsMin * 2 ** (row.attempt - 1));
      const retryAtMs =
        retries - (row.retriesLeft === null ? row.attempt - 1 : 0) > 0 ? ports.clock.now() + delayMs : null;
      book.record({ ...shared, event: "wo.undone", data: { code, message, hint, tests: told, retryAtMs } });
      return;
    }
  }
}
