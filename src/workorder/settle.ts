/**
 * What a change took aside is kept until nobody can be writing to it any more, then looked at once more.
 *
 * A process that held the file open when it was renamed goes on writing into the aside. Its bytes are put into the vault, named in
 * the ledger as `wo.late-writer`, and only then does the aside go. Unchanged asides are in the vault already.
 */

import { type Digest, type Disk, type Entry, sameContent, type TreePath } from "../base/index.ts";
import type { Vault } from "../vault/index.ts";
import { type ApplyWorld, ownPath } from "./apply.ts";
import type { ChangeSet, TargetPath } from "./change-set.ts";
import { bytesAt, entryAt } from "./entry-at.ts";

export interface LateWrite {
  path: TargetPath;
  digest: Digest;
}

/**
 * Looks at every aside of a change set, vaults what a late writer left (`record` runs in the same commit), removes the asides.
 * Idempotent; a crash leaves asides that the next call finds again.
 */
export async function settle(
  set: ChangeSet,
  world: ApplyWorld & { vault: Vault },
  record: (late: LateWrite) => void,
): Promise<void> {
  const asides = asidesOf(set, world);
  const late = asides.filter(({ expected, present }) => present.kind === "file" && !sameContent(present, expected));
  if (late.length > 0) {
    const batch = world.vault.begin();
    const written: LateWrite[] = [];
    for (const { place, target } of late) {
      written.push({ path: target, digest: await putPlace(batch, place, world) });
    }
    await batch.commit(() => {
      for (const write of written) record(write);
    });
  }
  for (const { place, present } of asides) if (present.kind !== "dir") world.disk.unlink(place);
}

interface Aside {
  place: string;
  target: TargetPath;
  expected: Entry;
  present: Entry;
}

function asidesOf(set: ChangeSet, world: ApplyWorld): Aside[] {
  const asides: Aside[] = [];
  set.changes.forEach(({ path, before, after }, index) => {
    for (const [role, expected] of [
      ["aside", before],
      ["old", after],
    ] as const) {
      if (expected.kind !== "file" && expected.kind !== "link") continue;
      const place = ownPath(set, index, role, world);
      const present = entryAt(world.disk, place);
      if (present.kind !== "absent") asides.push({ place, target: path, expected, present });
    }
  });
  return asides;
}

async function putPlace(
  batch: ReturnType<Vault["begin"]>,
  place: string,
  world: ApplyWorld & { disk: Disk },
): Promise<Digest> {
  const inside = place.startsWith(`${world.places.root}/`);
  if (!inside) return batch.put(bytesAt(world.disk, place));
  const { entry } = await batch.putPath(place.slice(world.places.root.length + 1) as TreePath);
  return entry.kind === "file" ? entry.digest : batch.put(Buffer.alloc(0));
}
