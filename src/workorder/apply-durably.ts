/**
 * A change set that is no order (a restore, an edit of the configuration): the same way into the tree, the same journal.
 *
 * Crash: as for orders. What is in the journal is undone by `recover`; there is nothing to run again. Asides are settled by the
 * engine: tell it (`engine.settle`) when this is over, however it ended.
 */

import { type Digest, digestOf, sameEntry, type TreePath } from "../base/index.ts";
import { type Installed, install, type Kept } from "./apply.ts";
import { changeSetId, conflict } from "./attempt.ts";
import { type Change, type ChangeSet, encodeChangeSet, type TargetPath } from "./change-set.ts";
import { entryAt } from "./entry-at.ts";
import { syncFolders } from "./own-places.ts";
import { type ApplyWorld, type Staged, Staging } from "./stage.ts";
import { undo } from "./undo.ts";
import type { OrderWorld } from "./world.ts";

export interface DurableRequest {
  changes: readonly Change[];
  /** Content that is not in the vault yet. */
  contents?: ReadonlyMap<Digest, Buffer>;
  /**
   * What happens when somebody else's state stands at a path: `undo` everything and throw `WO_CONFLICT`, or `keep` theirs there and
   * go on with the rest.
   */
  onForeign: "undo" | "keep";
  /** Runs in the commit that makes it final. */
  record?(done: { applied: TargetPath[]; kept: Kept[]; point: number }): void;
}

export interface DurablyApplied {
  applied: TargetPath[];
  kept: Kept[];
  /** The vault's point before. */
  point: number;
}

/**
 * Throws `WO_CONFLICT` when somebody else's state stands in the way and `onForeign` is `undo`, and what the store or the disk throws;
 * the tree is as before then. Where even going back fails, the journal holds the set as abandoned, and the engine recovers it.
 */
export async function applyDurably(request: DurableRequest, world: OrderWorld): Promise<DurablyApplied> {
  const set: ChangeSet = { v: 1, id: changeSetId(world), changes: request.changes };
  const contentOf = (digest: Digest): Iterable<Uint8Array> => {
    const bytes = request.contents?.get(digest);
    return bytes ? [bytes] : world.vault.streamPieces(digest);
  };
  const apply = { disk: world.ports.disk, places: world.places, contentOf };
  const { setDigest, point, changed } = await openJournal(set, request, world);
  let installed: Installed | null = null;
  try {
    await world.ports.disk.syncAll(await stageFrom(set, request, apply, world));
    installed = install(set, apply, { keepGoing: request.onForeign === "keep" });
    const kept = [...changed, ...installed.foreign];
    if (kept.length > 0 && request.onForeign === "undo") throw conflict(kept).error;
    await syncFolders([set], apply, installed.whole);
    const applied = installed.swapped.map((index) => set.changes[index]!.path).sort();
    await finish({ set, setDigest, applied, kept, point }, request, world);
    return { applied, kept, point };
  } catch (error) {
    await goBack({ set, setDigest, installed }, apply, world);
    throw error;
  }
}

/** What the vault holds is read in the order in which it lies there, whichever files it is for. */
async function stageFrom(
  set: ChangeSet,
  { contents }: DurableRequest,
  apply: ApplyWorld,
  { vault }: OrderWorld,
): Promise<Staged> {
  const staging = new Staging(set, apply);
  const wanted = Map.groupBy(staging.files, ({ entry }) => entry.digest);
  const stored: Digest[] = [];
  for (const [digest, files] of wanted) {
    if (contents?.has(digest)) for (const file of files) staging.write(file, apply.contentOf(digest));
    else stored.push(digest);
  }
  if (stored.length > 0)
    await vault.readMany(stored, (digest, pieces) => {
      const [first, ...others] = wanted.get(digest)!;
      staging.write(first!, pieces);
      for (const file of others) staging.write(file, apply.contentOf(digest));
    });
  return staging.staged;
}

async function goBack(
  { set, setDigest, installed }: { set: ChangeSet; setDigest: Digest; installed: Installed | null },
  apply: ApplyWorld,
  { store, journal }: OrderWorld,
): Promise<void> {
  // Committed, and only its durability is not known: it stays.
  const entry = journal.entries().find(({ changeSet }) => changeSet === setDigest);
  if (entry === undefined || entry.phase === "settling") return;
  try {
    undo(set, apply, installed?.swapped);
    await syncFolders([set], apply);
    store.transaction(() => journal.advance(setDigest, "settling"));
  } catch (error) {
    journal.abandoned.add(setDigest);
    throw error;
  }
}

async function openJournal(
  set: ChangeSet,
  request: DurableRequest,
  world: OrderWorld,
): Promise<{ setDigest: Digest; point: number; changed: Kept[] }> {
  const { vault, journal, places } = world;
  const batch = vault.begin();
  const changed: Kept[] = [];
  try {
    const setDigest = batch.put(encodeChangeSet(set));
    for (const bytes of request.contents?.values() ?? []) batch.put(bytes);
    for (const { path, before } of set.changes) {
      if (before.kind === "file" && !vault.has(before.digest)) {
        const { entry } = await batch.putPath(path as TreePath);
        if (!sameEntry(entry, before)) changed.push({ path, entry });
      }
      if (places.isInside(path)) batch.note(path as TreePath, before);
    }
    return await batch.commit(() => {
      journal.open({ changeSet: setDigest, wo: null, commands: false });
      return { setDigest, point: vault.versionHead(), changed };
    });
  } catch (error) {
    batch.abort();
    throw error;
  }
}

async function finish(
  done: { set: ChangeSet; setDigest: Digest; applied: TargetPath[]; kept: Kept[]; point: number },
  request: DurableRequest,
  world: OrderWorld,
): Promise<void> {
  const applied = new Set(done.applied);
  const batch = world.vault.begin();
  // At the point before, each path was noted as it stood then.
  for (const { path, before, after } of done.set.changes)
    if (applied.has(path) && world.places.isInside(path))
      batch.note(path as TreePath, after, sameEntry(before, after) ? undefined : done.point);
  await batch.commit(() => {
    // What only added has put nothing aside.
    if (done.set.changes.every(({ before }) => before.kind === "absent")) world.journal.close(done.setDigest);
    else world.journal.advance(done.setDigest, "settling");
    request.record?.(done);
  });
}

/** One file's content, exchanged the careful way. */
export async function replaceFile(
  { path, content }: { path: TreePath; content: Buffer },
  world: OrderWorld,
): Promise<DurablyApplied> {
  const before = entryAt(world.ports.disk, world.places.absolute(path));
  const digest = digestOf(content);
  const after = {
    kind: "file" as const,
    digest,
    sizeBytes: content.length,
    mode: before.kind === "file" ? before.mode : 0o644,
  };
  return applyDurably(
    { changes: [{ path, before, after }], contents: new Map([[digest, content]]), onForeign: "undo" },
    world,
  );
}
