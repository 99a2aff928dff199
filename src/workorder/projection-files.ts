/**
 * Writes files that are views (state files, acknowledgements, `followup.json`): each is whole, or not there.
 *
 * Invariants: nothing is written through a symbolic link. What stands at the place and is not what this process wrote there is put
 * into the vault first; so is what an earlier process wrote, because nobody can tell the two apart.
 * Crash: the old file or the new one; one `.holdfast-projection-0.new` may be left in the folder, which the next write there removes.
 * Not promised: bytes that somebody writes in the microseconds between the last look and the rename.
 */

import { basename, dirname, relative } from "node:path";
import {
  type Digest,
  type Disk,
  digestOf,
  type Fd,
  HoldfastError,
  isSystemError,
  LIMITS,
  ownName,
  type Stat,
  type TreePath,
} from "../base/index.ts";
import { readWhole } from "../tree/index.ts";
import { bytesAt } from "./entry-at.ts";
import type { OrderWorld } from "./world.ts";

/** `foreign`: nothing was written, because somebody else's bytes stand there; `replace` keeps them and then writes. */
export type Written = "written" | "unchanged" | "foreign";

export class ProjectionFiles {
  readonly #world: OrderWorld;
  /** Place → what this process left there. */
  readonly #known = new Map<string, { signature: string; digest: Digest }>();
  /** Folders that were looked at in this turn of the loop. */
  readonly #looked = new Set<string>();

  constructor(world: OrderWorld) {
    this.#world = world;
  }

  /**
   * At once. `mayStay` says of another text that stands there whether it says as much as `text`.
   * Throws `PATH_THROUGH_LINK`, `PATH_INVALID`, `TREE_NOT_FOUND`, and the disk's own errors.
   */
  write(place: string, text: string, mayStay: (standing: string) => boolean = () => false): Written {
    const { disk } = this.#world.ports;
    this.makeFolder(dirname(place));
    const stat = lookAt(disk, place);
    const bytes = Buffer.from(text);
    const digest = digestOf(bytes);
    const known = this.#known.get(place);
    if (stat !== null && known?.signature !== signatureOf(stat)) {
      const standing = stat.sizeBytes > LIMITS.orderSizeBytesMax ? null : bytesAt(disk, place).toString();
      if (standing === text) this.#note(place, stat, digest);
      return standing !== null && (standing === text || mayStay(standing)) ? "unchanged" : "foreign";
    }
    if (stat !== null && known?.digest === digest) return "unchanged";
    this.#install(place, bytes);
    this.#note(place, disk.lstat(place), digest);
    return "written";
  }

  /** Puts what stands at `place` into the vault, then writes. `WO_IO` when somebody writes there without a pause. */
  async replace(place: string, text: string): Promise<void> {
    for (let attempt = 1; attempt <= LIMITS.unstableReadsMax; attempt += 1) {
      await this.#keep(place);
      if (this.write(place, text) !== "foreign") return;
    }
    throw new HoldfastError("WO_IO", `${place} is being written by somebody else`, {
      hint: "it is tried again by itself",
      data: { path: place },
    });
  }

  /** Takes the file away; somebody else's bytes are put into the vault first. */
  async remove(place: string): Promise<void> {
    const { disk } = this.#world.ports;
    const stat = disk.lstat(place);
    if (stat === null) return;
    if (this.#known.get(place)?.signature !== signatureOf(stat)) await this.#keep(place);
    this.#known.delete(place);
    disk.unlink(place);
  }

  /** Makes the folder and those above it up to the tree's root, or the state folder. */
  makeFolder(folder: string): void {
    const { disk, clock } = this.#world.ports;
    if (this.#looked.has(folder)) return;
    const root = this.#rootOf(folder);
    if (disk.lstat(root)?.kind !== "dir")
      throw new HoldfastError("TREE_NOT_FOUND", `${root} is not there`, { data: { path: root } });
    const mode = root === this.#world.tree.root ? 0o755 : 0o700;
    let place = root;
    for (const segment of relative(root, folder)
      .split("/")
      .filter((name) => name !== "")) {
      place = `${place}/${segment}`;
      const stat = disk.lstat(place);
      if (stat === null) disk.mkdir(place, mode);
      else if (stat.kind !== "dir") throw inTheWay(place, stat);
    }
    if (this.#looked.size === 0) void clock.breathe().then(() => this.#looked.clear());
    this.#looked.add(folder);
  }

  /** Forgets what was written and is not remembered of late; then it counts as somebody else's, and is only kept once more. */
  #note(place: string, stat: Stat | null, digest: Digest): void {
    this.#known.delete(place);
    if (stat !== null) this.#known.set(place, { signature: signatureOf(stat), digest });
    if (this.#known.size > LIMITS.projectionsKnownMax) this.#known.delete(this.#known.keys().next().value!);
  }

  #install(place: string, bytes: Buffer): void {
    const { disk } = this.#world.ports;
    const temporary = `${dirname(place)}/${ownName("projection", 0, "new")}`;
    const fd = createAnew(disk, temporary, this.#isInTree(place) ? 0o644 : 0o600);
    try {
      disk.write(fd, bytes, null);
    } catch (error) {
      disk.unlink(temporary);
      throw error;
    } finally {
      disk.close(fd);
    }
    disk.rename(temporary, place);
  }

  /** Afterwards what stands there counts as known, unless it changed meanwhile. */
  async #keep(place: string): Promise<void> {
    const { vault, tree, ports } = this.#world;
    const before = lookAt(ports.disk, place);
    if (before === null) return;
    const batch = vault.begin();
    let digest: Digest;
    try {
      if (this.#isInTree(place)) {
        const path = relative(tree.root, place) as TreePath;
        const { entry } = await batch.putPath(path);
        batch.note(path, entry);
        digest = entry.kind === "file" ? entry.digest : digestOf("");
      } else {
        digest = batch.put(readWhole(ports.disk, place) ?? Buffer.alloc(0));
      }
      await batch.commit();
    } catch (error) {
      batch.abort();
      throw error;
    }
    const after = ports.disk.lstat(place);
    if (after !== null && signatureOf(after) === signatureOf(before)) this.#note(place, after, digest);
  }

  /** With a layout views lie in the tree, without one in the state folder, which may itself lie in the tree. */
  #rootOf(place: string): string {
    const { tree } = this.#world;
    return this.#isInTree(place) ? tree.root : tree.state.dir;
  }

  #isInTree(place: string): boolean {
    const { tree } = this.#world;
    return `${place}/`.startsWith(`${tree.root}/`) && !`${place}/`.startsWith(`${tree.state.dir}/`);
  }
}

/** What a crash left under the temporary name goes. */
function createAnew(disk: Disk, place: string, mode: number): Fd {
  try {
    return disk.createNew(place, mode);
  } catch (error) {
    if (!isSystemError(error, "EEXIST")) throw error;
    disk.unlink(place);
    return disk.createNew(place, mode);
  }
}

function lookAt(disk: Disk, place: string): Stat | null {
  const stat = disk.lstat(place);
  if (stat !== null && stat.kind !== "file") throw inTheWay(place, stat);
  return stat;
}

function inTheWay(place: string, { kind }: Stat): HoldfastError {
  const code = kind === "link" ? "PATH_THROUGH_LINK" : "PATH_INVALID";
  const what = { link: "a symbolic link", dir: "a folder", file: "a file", other: "a device, fifo or socket" }[kind];
  return new HoldfastError(code, `${basename(place)} cannot be written: ${what} stands at ${place}`, {
    hint: "move away what stands there; the view is then written by itself",
    data: { path: place },
  });
}

function signatureOf(stat: Stat): string {
  return `${stat.dev}:${stat.ino}:${stat.sizeBytes}:${stat.mtimeMs}:${stat.ctimeMs}`;
}
