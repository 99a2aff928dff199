/**
 * The sweep: compares everything with what was remembered, and trusts no event. A deep one reads every byte.
 *
 * Watches come first: what changes after a folder's look is then hinted. A folder that the sweep found is watched and listed after.
 */

import { join } from "node:path";
import { isSystemError, LIMITS, type Ports, type TreePath } from "../base/index.ts";
import type { FolderPath } from "../tree/index.ts";
import type { Glance, Remembered, Vault } from "../vault/index.ts";
import type { Handover } from "./handover.ts";
import { pathOf } from "./looker.ts";
import type { Root } from "./root.ts";
import type { SweepRequest } from "./sweep-requests.ts";
import type { Watcher } from "./watcher.ts";

interface Parts {
  readonly rootPath: string;
  readonly vault: Vault;
  readonly watcher: Watcher;
  readonly root: Root;
  readonly handover: Pick<Handover, "tell">;
  readonly ports: Pick<Ports, "disk" | "clock">;
  readonly isProtected: (folder: FolderPath) => boolean;
  /** A folder is watched from now on: what is in it must be looked at. */
  readonly onNewFolder: (folder: FolderPath) => void;
}

const SLICE_MS = 4;

export class Sweeper {
  readonly #parts: Parts;
  /** Files of the tree, by the last sweep. */
  files = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Throws what `remember` throws; `sinceMs`: the last look before. */
  async sweep({ by, blind }: SweepRequest, sinceMs: number): Promise<Remembered> {
    const { vault, root, handover, watcher } = this.#parts;
    watcher.tryAgain();
    await this.#follow(await vault.glance(), () => {});
    const remembered = await vault.remember({ deep: by === "deep-sweep", alsoCommit: () => root.assertThere() });
    await this.#follow(await vault.glance(), this.#parts.onNewFolder);
    await this.#followFiles(remembered.linked);
    this.files = remembered.files;
    const skipped = remembered.skipped.filter(({ why }) => why !== "excluded");
    handover.tell({ by, blind, skipped, sinceMs, rested: [] });
    return remembered;
  }

  /** Reads a few folders' files behind `after`, so that all are read once in `LIMITS.deepSweepMs`. The folder to go on after. */
  async deepSlice(after: string | null): Promise<string | null> {
    const { vault, root, handover, ports } = this.#parts;
    const glance = await vault.glance();
    const slices = LIMITS.deepSweepMs / LIMITS.deepSliceMs;
    const wanted = Math.min(LIMITS.deepSlicePathsMax, Math.ceil(this.files / slices));
    const folders = [...glance.folders()].sort().filter((folder) => after === null || folder > after);
    const paths: TreePath[] = [];
    let last: string | null = null;
    for (const folder of folders) {
      for (const name of glance.names(folder)) if (this.#isFile(pathOf(folder, name))) paths.push(pathOf(folder, name));
      last = folder;
      if (paths.length >= wanted) break;
    }
    if (paths.length > 0) {
      const { skipped, changedPaths } = await vault.remember({
        paths,
        deep: true,
        alsoCommit: () => root.assertThere(),
      });
      const told = skipped.filter(({ why }) => why !== "excluded");
      if (changedPaths > 0 || told.length > 0)
        handover.tell({ by: "deep-sweep", blind: null, skipped: told, sinceMs: ports.clock.now(), rested: [] });
    }
    return last === folders.at(-1) ? null : last;
  }

  /** Folders that components are in come first, for there may not be watches for all. */
  async #follow(glance: Glance, onNew: (folder: FolderPath) => void): Promise<void> {
    const { watcher, ports, rootPath, isProtected } = this.#parts;
    const gone = new Set(watcher.folders());
    const folders = ["" as const, ...glance.folders()];
    folders.sort((a, b) => Number(isProtected(b)) - Number(isProtected(a)));
    let sliceBeganMs = ports.clock.monotonicMs();
    for (const folder of folders) {
      const stat = this.#lstat(join(rootPath, folder));
      if (stat?.kind === "dir") {
        gone.delete(folder);
        if (watcher.follow(folder, stat)) onNew(folder);
      }
      if (ports.clock.monotonicMs() - sliceBeganMs < SLICE_MS) continue;
      await ports.clock.breathe();
      sliceBeganMs = ports.clock.monotonicMs();
    }
    for (const folder of gone) watcher.unfollow(folder);
  }

  async #followFiles(linked: readonly TreePath[]): Promise<void> {
    const { watcher, ports, rootPath } = this.#parts;
    let sliceBeganMs = ports.clock.monotonicMs();
    for (const path of new Set([...linked, ...watcher.linkedFiles()])) {
      watcher.followFile(path, this.#lstat(join(rootPath, path)));
      if (ports.clock.monotonicMs() - sliceBeganMs < SLICE_MS) continue;
      await ports.clock.breathe();
      sliceBeganMs = ports.clock.monotonicMs();
    }
  }

  #isFile(path: TreePath): boolean {
    return this.#lstat(join(this.#parts.rootPath, path))?.kind === "file";
  }

  #lstat(path: string) {
    try {
      return this.#parts.ports.disk.lstat(path);
    } catch (error) {
      if (isSystemError(error)) return null;
      throw error;
    }
  }
}
