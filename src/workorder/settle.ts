/**
 * What a change took aside is kept until nobody can be writing to it any more, then looked at once more.
 *
 * A process that held the file open when it was renamed goes on writing into the aside. Its bytes are put into the vault, named in
 * the ledger as `wo.late-writer`, and only then does the aside go. Unchanged asides are in the vault already.
 *
 * Two windows stay open. Between the last `lstat` of an aside and its `unlink`, some microseconds, bytes can be written that nobody
 * sees: no system call unlinks only what is unchanged. And who holds the old file open for longer than `LIMITS.asideSettleMs` and
 * then writes, writes into a file that has no name: Node can ask for no lease (`F_SETLEASE`) that would tell.
 * A folder that somebody renames takes asides in it along, out of reach; what they held is in the vault.
 */

import { type Digest, type Entry, HoldfastError, type Stat, sameContent, type TreePath } from "../base/index.ts";
import type { Vault, VaultBatch } from "../vault/index.ts";
import type { ChangeSet, TargetPath } from "./change-set.ts";
import { bytesAt, type Standing, standingAt } from "./entry-at.ts";
import { drop, ownPlace, parentOf, placeOf } from "./own-places.ts";
import type { ApplyWorld } from "./stage.ts";

export interface LateWrite {
  path: TargetPath;
  digest: Digest;
}

/** `isSettled: false`: somebody is still writing, look again. `changedFolders`: to be synced before the journal forgets the set. */
export interface Settled {
  isSettled: boolean;
  changedFolders: string[];
}

type SettleWorld = ApplyWorld & { vault: Vault };

/**
 * Looks at every aside of a change set, vaults what a late writer left (`record` runs in the same commit), removes the asides.
 * Idempotent; a crash leaves asides that the next call finds again. Throws `WO_ASIDE_STAYS` for what cannot be kept any other way.
 */
export async function settle(set: ChangeSet, world: SettleWorld, record: (late: LateWrite) => void): Promise<Settled> {
  const asides = asidesOf(set, world);
  const late = asides.filter((aside) => isLate(aside, world));
  if (late.length > 0) await keep(late, world, record);
  let isSettled = true;
  for (const aside of asides) {
    const { place, present, stat } = aside;
    if (isBack(aside, world)) drop(place, world.disk);
    else if (present.kind === "dir" || present.kind === "other") giveBackOrSay(aside, world);
    else if (isUntouchedSince(stat, world.disk.lstat(place))) drop(place, world.disk);
    else isSettled = false;
  }
  return { isSettled, changedFolders: [...new Set(asides.map(({ place }) => parentOf(place)))] };
}

interface Aside {
  place: string;
  path: TargetPath;
  expected: Entry;
  present: Standing;
  /** From before the look at its content. */
  stat: Stat;
}

function asidesOf(set: ChangeSet, world: SettleWorld): Aside[] {
  const asides: Aside[] = [];
  set.changes.forEach(({ path, before, after }, index) => {
    for (const [role, expected] of [
      ["aside", before],
      ["old", after],
    ] as const) {
      if (expected.kind !== "file" && expected.kind !== "link") continue;
      const place = ownPlace(set, index, role, world);
      const stat = place === null ? null : world.disk.lstat(place);
      if (place !== null && stat !== null)
        asides.push({ place, path, expected, stat, present: standingAt(world.disk, place) });
    }
  });
  return asides;
}

function isLate(aside: Aside, world: SettleWorld): boolean {
  const { present, expected } = aside;
  if (present.kind !== "file" && present.kind !== "link") return false;
  if (present.kind === "file" && !world.vault.has(present.digest)) return !isBack(aside, world);
  return !sameContent(present, expected) && !isBack(aside, world);
}

/** Given back: it stands under its own name too. */
function isBack({ present, path, stat }: Aside, world: SettleWorld): boolean {
  const place = placeOf(path, world);
  const standing = place === null ? null : world.disk.lstat(place);
  if (place === null || standing === null) return false;
  if (present.kind === "link") return standing.kind === "link" && world.disk.readlink(place) === present.target;
  return standing.ino === stat.ino && standing.dev === stat.dev;
}

async function keep(late: readonly Aside[], world: SettleWorld, record: (late: LateWrite) => void): Promise<void> {
  const batch = world.vault.begin();
  try {
    const written: LateWrite[] = [];
    for (const aside of late) written.push({ path: aside.path, digest: await put(aside, batch, world) });
    await batch.commit(() => {
      for (const write of written) record(write);
    });
  } catch (error) {
    batch.abort();
    throw error;
  }
}

async function put({ place, present }: Aside, batch: VaultBatch, { disk, places }: SettleWorld): Promise<Digest> {
  if (present.kind === "link") return batch.put(Buffer.from(present.target));
  if (!place.startsWith(`${places.root}/`)) return batch.put(bytesAt(disk, place));
  const { entry } = await batch.putPath(place.slice(places.root.length + 1) as TreePath);
  return entry.kind === "file" ? entry.digest : batch.put(Buffer.alloc(0));
}

/** A new name or mode of the file is no write, but rather looked at once too often. */
function isUntouchedSince(before: Stat, now: Stat | null): boolean {
  return now !== null && now.ino === before.ino && now.sizeBytes === before.sizeBytes && now.ctimeMs === before.ctimeMs;
}

/** Taken aside in the moment in which somebody put it there. Nobody would look for it under an aside's name. */
function giveBackOrSay({ place, path }: Aside, world: SettleWorld): void {
  const home = placeOf(path, world);
  if (home !== null && world.disk.lstat(home) === null) {
    world.disk.rename(place, home);
    return;
  }
  throw new HoldfastError("WO_ASIDE_STAYS", `what somebody put at ${path} while it was changed lies at ${place} now`, {
    data: { path, aside: place },
  });
}
