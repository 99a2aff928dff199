/**
 * One round: looks at what was hinted, lets it settle, remembers what rests, and keeps the watches where the folders are.
 *
 * A hint names a path that may have changed, and nothing more is believed of it. A folder that nobody watched before is listed after
 * its watch was set, so that what was made in between is found.
 */

import { join } from "node:path";
import { HoldfastError, isOwnName, isSystemError, type Ports, type Stat, type TreePath } from "../base/index.ts";
import type { FolderPath } from "../tree/index.ts";
import type { Glance, Glimpse, Vault } from "../vault/index.ts";
import type { GitAtWork } from "./git-at-work.ts";
import type { Handover } from "./handover.ts";
import type { Root } from "./root.ts";
import type { Hinted, Ready, Settling } from "./settling.ts";
import type { Watcher } from "./watcher.ts";

export interface LookerParts {
  readonly rootPath: string;
  readonly vault: Vault;
  readonly settling: Settling;
  readonly watcher: Watcher;
  readonly git: GitAtWork;
  readonly root: Root;
  readonly handover: Handover;
  readonly ports: Pick<Ports, "disk" | "clock" | "log">;
}

const SLICE_MS = 4;

export class Looker {
  readonly #parts: LookerParts;
  /** Folders in which anything may have changed. */
  readonly #folders = new Map<FolderPath, Hinted>();
  readonly #skipped = new Map<string, string>();
  #sliceBeganMs = 0;

  constructor(parts: LookerParts) {
    this.#parts = parts;
  }

  hintFolder(folder: FolderPath, now: Hinted): void {
    this.#folders.set(folder, now);
  }

  get hasWork(): boolean {
    return this.#folders.size > 0;
  }

  async round(): Promise<void> {
    const { vault, settling, ports } = this.#parts;
    this.#sliceBeganMs = ports.clock.monotonicMs();
    const glance = await vault.glance();
    this.#followRoot();
    for (;;) {
      for (const [folder, hinted] of this.#folders) await this.#hintNames(folder, hinted, glance);
      const paths = settling.toLook(ports.clock.monotonicMs());
      for (const path of paths) {
        this.#look(path, glance);
        await this.#breathe();
      }
      // Folders met for the first time brought names of their own.
      if (this.#folders.size === 0) break;
    }
    await this.#rememberReady();
  }

  /** Everything hinted, as it stands, or everything there is. What has not settled is held back, and handed over when it has. */
  async rememberNow(knowsAll: boolean): Promise<void> {
    const { vault, settling, root, handover, ports } = this.#parts;
    const sinceMs = ports.clock.now();
    // Events that the system holds already.
    await ports.clock.breathe();
    await ports.clock.breathe();
    const alsoCommit = () => root.assertThere();
    if (knowsAll) {
      if (settling.size === 0 && this.#folders.size === 0) return;
      const glance = await vault.glance();
      for (const [folder, hinted] of this.#folders) await this.#hintNames(folder, hinted, glance);
      const news = settling.paths().flatMap((path) => newsAt(this.#glimpse(path, glance)));
      if (news.length === 0) return;
      await vault.remember({ paths: news, alsoCommit });
    } else await vault.remember({ alsoCommit });
    handover.tell({ by: "event", blind: null, skipped: [], sinceMs, rested: [] });
  }

  forget(): void {
    this.#folders.clear();
  }

  /** Removed and made again between two looks, maybe with the same inode: what watched it is dead, and no folder above tells. */
  #followRoot(): void {
    const { watcher, ports, rootPath } = this.#parts;
    if (!watcher.isDoubtful("")) return;
    const stat = this.#stat(rootPath);
    if (stat?.kind !== "dir" || !watcher.follow("", stat)) return;
    this.#folders.set("", { sinceMs: ports.clock.now(), atMs: ports.clock.monotonicMs() });
  }

  #stat(path: string): Stat | null {
    try {
      return this.#parts.ports.disk.lstat(path);
    } catch (error) {
      if (isSystemError(error)) return null;
      throw error;
    }
  }

  #look(path: TreePath, glance: Glance): void {
    const { settling, git, ports, handover } = this.#parts;
    const hinted = settling.hintedAt(path);
    if (hinted === null) return;
    const glimpse = this.#glimpse(path, glance);
    if (glimpse === null || glimpse.path !== path) {
      settling.forget(path);
      // A database's sidecar: it is the database that may have changed.
      if (glimpse !== null) settling.hint(glimpse.path, hinted);
      return;
    }
    this.#followUp(path, glimpse, hinted);
    const { stat } = glimpse;
    const nowMs = ports.clock.monotonicMs();
    const restedMs = stat === null ? 0 : ports.clock.now() - stat.ctimeMs;
    const notBeforeMs = git.notBeforeMs(hinted.atMs);
    settling.looked(glimpse, { nowMs, restedMs, notBeforeMs, isHeld: handover.isHeld(path) });
  }

  /** `null` when it cannot even be looked at. */
  #glimpse(path: TreePath, glance: Glance): Glimpse | null {
    try {
      return glance.at(path);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      this.#skipped.set(path, error.message);
      return null;
    }
  }

  #followUp(path: TreePath, { kind, stat }: Glimpse, hinted: Hinted): void {
    const { watcher } = this.#parts;
    if (stat?.kind === "dir" && kind !== "left-out") {
      if (watcher.follow(path, stat)) this.#folders.set(path, hinted);
    } else watcher.unfollow(path);
    watcher.followFile(path, kind === "left-out" ? null : stat);
  }

  /** Those that are there, and those that were: a folder that took another one's place has lost some. */
  async #hintNames(folder: FolderPath, hinted: Hinted, glance: Glance): Promise<void> {
    const { settling, ports, rootPath } = this.#parts;
    this.#folders.delete(folder);
    const names = new Set(glance.names(folder));
    try {
      for (const { name } of ports.disk.list(join(rootPath, folder)).names) names.add(name);
    } catch (error) {
      if (!isSystemError(error)) throw error;
    }
    for (const name of names) if (isRemembered(name)) settling.hint(pathOf(folder, name), hinted);
    await this.#breathe();
  }

  /** In commits of bounded size, told to the judge as one. */
  async #rememberReady(): Promise<void> {
    const { settling, ports } = this.#parts;
    const done: Ready[] = [];
    for (;;) {
      const ready = settling.takeReady(ports.clock.monotonicMs());
      if (ready.length === 0) break;
      const isRemembered = await this.#remember(ready);
      if (!isRemembered) break;
      done.push(...ready);
    }
    if (done.length > 0) this.#tell(done);
  }

  async #remember(ready: readonly Ready[]): Promise<boolean> {
    const { settling, ports, vault, root } = this.#parts;
    try {
      const paths = ready.map(({ path }) => path);
      // What tells of the bytes is durable with whatever is done about it, or when it has been judged.
      const { skipped } = await vault.remember({ paths, durable: "later", alsoCommit: () => root.assertThere() });
      for (const { path, why } of skipped) if (why !== "excluded") this.#skipped.set(path, why);
      return true;
    } catch (error) {
      if (!(error instanceof HoldfastError) && !isSystemError(error)) throw error;
      ports.log.error("what changed could not be remembered; it is tried again", error);
      settling.giveBack(ready, ports.clock.monotonicMs());
      return false;
    }
  }

  #tell(ready: readonly Ready[]): void {
    const skipped = [...this.#skipped].map(([path, why]) => ({ path, why }));
    this.#skipped.clear();
    const sinceMs = ready.reduce((first, one) => Math.min(first, one.sinceMs), Number.POSITIVE_INFINITY);
    this.#parts.handover.tell({ by: "event", blind: null, skipped, sinceMs, rested: ready.map(({ path }) => path) });
  }

  async #breathe(): Promise<void> {
    const { clock } = this.#parts.ports;
    if (clock.monotonicMs() - this.#sliceBeganMs < SLICE_MS) return;
    await clock.breathe();
    this.#sliceBeganMs = clock.monotonicMs();
  }
}

/** A database's sidecar is answered with its database. */
function newsAt(glimpse: Glimpse | null): TreePath[] {
  return glimpse === null || ["nothing", "same", "left-out"].includes(glimpse.kind) ? [] : [glimpse.path];
}

/** Names that are no tree paths, or Holdfast's own for a moment. */
export function isRemembered(name: string): boolean {
  return name !== ".git" && !isOwnName(name) && !name.includes("\ufffd");
}

export function pathOf(folder: FolderPath, name: string): TreePath {
  return (folder === "" ? name : `${folder}/${name}`) as TreePath;
}
