/**
 * After a crash, or after an error of the store or the disk: every change set that is in the middle is undone. Idempotent.
 *
 * Nothing is finished here: acceptance is one commit, so what is not accepted did not happen. The order then runs again, unless its
 * commands may run only once.
 */

import { type Digest, HoldfastError } from "../base/index.ts";
import type { Kept } from "./apply.ts";
import { changeSetId, type Failure } from "./attempt.ts";
import { type ChangeSet, decodeChangeSet, encodeChangeSet } from "./change-set.ts";
import type { JournalEntry } from "./journal.ts";
import type { OrderRow } from "./order-row.ts";
import { recordFailure } from "./outcomes.ts";
import { syncFolders } from "./own-places.ts";
import type { ApplyWorld } from "./stage.ts";
import { claimOf, stepChanges } from "./steps.ts";
import { undo } from "./undo.ts";
import { EXECUTOR, type OrderWorld } from "./world.ts";

/**
 * `abandonedOnly`: what this process gave up; the rest is under way in it. Otherwise all: nothing else is under way. `onUndone` hears
 * of each order that was in the middle.
 */
export async function recover(
  world: OrderWorld,
  { abandonedOnly, onUndone }: { abandonedOnly: boolean; onUndone: (id: string) => void },
): Promise<void> {
  const { journal } = world;
  const abandoned = new Set(journal.abandoned);
  const interrupted = journal.entries().filter(({ phase }) => phase !== "settling");
  const orders = new Map<string, JournalEntry[]>();
  for (const entry of interrupted)
    orders.set(entry.wo ?? entry.changeSet, [...(orders.get(entry.wo ?? entry.changeSet) ?? []), entry]);
  for (const group of orders.values()) {
    if (abandonedOnly && !group.some(({ changeSet }) => abandoned.has(changeSet))) continue;
    await undoInterrupted(group, world);
    const [{ wo }] = group as [JournalEntry];
    if (wo !== null) onUndone(wo);
  }
  for (const changeSet of abandoned) journal.abandoned.delete(changeSet);
}

async function undoInterrupted(entries: readonly JournalEntry[], world: OrderWorld): Promise<void> {
  const wo = entries[0]!.wo;
  const row = wo === null ? null : world.book.mustRow(wo);
  const sets = entries.map((entry) => ({ entry, set: readSet(entry.changeSet, world) }));
  const ranCommands = entries.some(({ phase }) => phase === "applied");
  if (row !== null && ranCommands && entries.length === 1) {
    const found = await journalStepChanges(row, world);
    if (found) sets.push(found);
  }
  const kept = await undoSets(sets.map(({ set }) => set).reverse(), world);
  world.store.transaction(() => {
    for (const { entry } of sets) world.journal.advance(entry.changeSet, "settling");
    if (row !== null) recordInterruption(row, kept, entries.some(({ commands }) => commands) && ranCommands, world);
  });
}

async function undoSets(sets: readonly ChangeSet[], world: OrderWorld): Promise<Kept[]> {
  const apply: ApplyWorld = {
    disk: world.ports.disk,
    places: world.places,
    contentOf: (digest) => world.vault.readPieces(digest),
  };
  const kept = sets.flatMap((set) => undo(set, apply));
  await syncFolders(sets, apply);
  return kept;
}

/** What the commands changed before the crash came is not journaled yet: the vault tells by comparing. */
async function journalStepChanges(
  row: OrderRow,
  world: OrderWorld,
): Promise<{ entry: JournalEntry; set: ChangeSet } | null> {
  if (row.stepsPoint === null) return null;
  const scope = claimOf(world.book.order(row), world);
  const { upTo } = await world.vault.remember(scope === null ? {} : { paths: scope });
  const changes = stepChanges(row.stepsPoint, upTo, scope, world);
  if (changes.length === 0) return null;
  const set: ChangeSet = { v: 1, id: changeSetId(world), changes };
  const batch = world.vault.begin();
  const changeSet = batch.put(encodeChangeSet(set));
  await batch.commit(() => {
    world.journal.open({ changeSet, wo: row.id, commands: false });
    world.journal.advance(changeSet, "applied");
  });
  const entry: JournalEntry = {
    changeSet,
    wo: row.id,
    phase: "applied",
    commands: false,
    sinceMs: world.ports.clock.now(),
  };
  return { entry, set };
}

function recordInterruption(row: OrderRow, kept: readonly Kept[], onlyOnce: boolean, world: OrderWorld): void {
  const error = new HoldfastError(
    "WO_INTERRUPTED",
    "Holdfast was ended while the order ran; what it had changed was undone",
  );
  if (kept.length > 0) {
    const failure: Failure = { outcome: "conflicted", error, kept: [...kept] };
    recordFailure(row, failure, [], world);
  } else if (onlyOnce) {
    const { code, message, hint } = error;
    const data = { code, message, hint, tests: [], retryAtMs: null };
    world.book.record({
      event: "wo.undone",
      actor: EXECUTOR,
      wo: row.id,
      ok: false,
      data,
      summary: `${row.id} undone: ${message}`,
    });
  } else {
    world.book.record({
      event: "wo.retried",
      actor: EXECUTOR,
      wo: row.id,
      data: { attempt: row.attempt },
      summary: `${row.id} was interrupted and undone; it runs again`,
    });
  }
}

export function readSet(digest: Digest, { vault }: Pick<OrderWorld, "vault">): ChangeSet {
  return decodeChangeSet(vault.read(digest));
}
