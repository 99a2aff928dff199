/** What stands in a folder right now, read by the drill itself: it does not ask Holdfast whether all is back. */

import { join } from "node:path";
import { type Digest, type Disk, digestOf } from "../../base/index.ts";
import { readWhole } from "../../tree/index.ts";

/** Path below the folder → what stands there, in one line. */
export interface FolderState {
  readonly lines: ReadonlyMap<string, string>;
  readonly digests: ReadonlyMap<string, Digest>;
  /** Of every file. */
  readonly bytes: ReadonlyMap<Digest, number>;
}

export function folderState(folder: string, disk: Disk): FolderState {
  const lines = new Map<string, string>();
  const digests = new Map<string, Digest>();
  const bytes = new Map<Digest, number>();
  look(folder, "");
  return { lines, digests, bytes };

  function look(place: string, name: string): void {
    const stat = disk.lstat(place);
    if (stat === null) return;
    const mode = stat.mode.toString(8);
    if (stat.kind === "dir") {
      lines.set(name, `dir ${mode}`);
      for (const one of disk.list(place).names) look(join(place, one.name), join(name, one.name));
    } else if (stat.kind === "link") lines.set(name, `link ${disk.readlink(place)}`);
    else {
      const content = readWhole(disk, place) ?? Buffer.alloc(0);
      const digest = digestOf(content);
      lines.set(name, `${digest} ${mode}`);
      digests.set(name, digest);
      bytes.set(digest, content.length);
    }
  }
}

/** Those of `before` that are not so in `after`; what came in addition does not matter. */
export function missingFrom(after: FolderState, before: FolderState): string[] {
  return [...before.lines].filter(([path, line]) => after.lines.get(path) !== line).map(([path]) => path);
}

/** What stands in `after` where something else stood before: the destroying content. */
export function changedContent(before: FolderState, after: FolderState): [Digest, number][] {
  return [...before.lines.keys()].flatMap((path) => {
    const digest = after.digests.get(path);
    return digest === undefined || digest === before.digests.get(path) ? [] : [[digest, after.bytes.get(digest) ?? 0]];
  });
}
