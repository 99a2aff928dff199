/**
 * The git worktrees of the tree, each remembered as a workspace: met when git makes one, followed when it is moved, and missed when it
 * is gone.
 *
 * Each has eyes of its own on its own versions of the one vault; nothing in it is judged. Git's own list tells which there are; it is read
 * about twice a second, because nothing says when the folder that holds it appears.
 * Crash: which of them live is in the vault, where they stand in a row each; one that went meanwhile is missed at the next start.
 */

import { dirname, join } from "node:path";
import { HoldfastError, isSystemError, LIMITS, type Stat } from "../../base/index.ts";
import { listWorkspaces, type Workspace } from "../../tree/index.ts";
import type { Vault, WorkspaceLife } from "../../vault/index.ts";
import type { Eyes, EyesState, Judge } from "../contract.ts";
import { openEyes } from "../eyes.ts";
import { lookedOfWorkspace } from "../looked.ts";
import type { RootIdentity } from "../root.ts";
import type { GuardWorld } from "../world.ts";
import { recordGone } from "./gone.ts";
import { meet, treeAt } from "./meet.ts";

export interface Workspaces {
  /** To be called every `LIMITS.workspacePollMs`. */
  tick(): Promise<void>;
  /** Everything that may have changed in them is in the vault when it resolves, at rest or not. */
  rememberNow(): Promise<void>;
  state(): WorkspaceState[];
  stop(): Promise<void>;
}

export interface WorkspaceState {
  readonly name: string;
  readonly root: string;
  readonly eyes: EyesState;
}

export function openWorkspaces(world: GuardWorld): Workspaces {
  return new TheWorkspaces(world);
}

interface Watched {
  readonly root: string;
  readonly identity: RootIdentity | null;
  /** When git made it. */
  readonly madeMs: number | null;
  readonly vault: Vault;
  readonly eyes: Eyes;
}

class TheWorkspaces implements Workspaces {
  readonly #world: GuardWorld;
  readonly #watched = new Map<string, Watched>();
  /** Since when they are there and not ready, or gone and not missed yet. Monotonic. */
  readonly #unreadyMs = new Map<string, number>();
  readonly #goneMs = new Map<string, { monotonic: number; wall: number }>();
  readonly #ending = new Map<string, Promise<void>>();

  constructor(world: GuardWorld) {
    this.#world = world;
  }

  async tick(): Promise<void> {
    const { tree, ports, vault } = this.#world;
    // While the tree itself is away, git's list is too: that says nothing of them.
    if (tree.git === null || ports.disk.lstat(tree.git.commonDir) === null) return;
    const listed = listWorkspaces(tree, ports);
    for (const life of vault.workspaces()) if (life.until === null) await this.#notice(life, listed);
    for (const workspace of listed) if (workspace.isThere) await this.#follow(workspace);
  }

  async rememberNow(): Promise<void> {
    await Promise.all([...this.#watched.values()].map(({ eyes }) => eyes.rememberNow()));
  }

  state(): WorkspaceState[] {
    return [...this.#watched].map(([name, { root, eyes }]) => ({ name, root, eyes: eyes.state() }));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#ending.values());
    for (const name of [...this.#watched.keys()]) await this.#close(name);
  }

  /** One that lives: is it where it was? */
  async #notice(life: WorkspaceLife, listed: readonly Workspace[]): Promise<void> {
    const { name } = life;
    if (this.#ending.has(name)) return;
    const { store, ports } = this.#world;
    const looked = lookedOfWorkspace(store, name);
    const root = looked.root() ?? life.root;
    const workspace = listed.find((one) => one.name === name && one.isThere);
    if (workspace !== undefined && this.#isMadeAnew(workspace, looked.load()?.atMs ?? null)) {
      this.#goneMs.delete(name);
      this.#end(name, root, this.#lastSeenMs(name, looked.load()?.atMs));
      return;
    }
    const known = this.#watched.get(name)?.identity ?? looked.load()?.root ?? null;
    const place = workspace?.root ?? root;
    const isThere = isFolder(this.#lstat(place), known) || (place !== root && isFolder(this.#lstat(root), known));
    if (isThere) {
      this.#goneMs.delete(name);
      return;
    }
    const nowMs = ports.clock.monotonicMs();
    const gone = this.#goneMs.get(name) ?? { monotonic: nowMs, wall: this.#lastSeenMs(name, looked.load()?.atMs) };
    this.#goneMs.set(name, gone);
    if (nowMs - gone.monotonic < LIMITS.workspaceGoneMs) return;
    this.#goneMs.delete(name);
    const moved = known === null ? null : this.#findBeside(root, known);
    if (moved === null) this.#end(name, root, gone.wall);
    else await this.#move(name, moved, null);
  }

  /**
   * Removed and made again under the same name, before anybody missed it: the folder may even have the inode that the other left. Git
   * writes `commondir` once, when it makes a worktree.
   */
  #isMadeAnew({ name, gitDir }: Workspace, lookedMs: number | null): boolean {
    const madeMs = this.#madeMs(gitDir);
    const watched = this.#watched.get(name);
    if (madeMs === null) return false;
    if (watched === undefined) return lookedMs !== null && madeMs > lookedMs;
    return watched.madeMs !== null && watched.madeMs !== madeMs;
  }

  /** `null` for what is no linked worktree. */
  #madeMs(gitDir: string): number | null {
    return this.#lstat(join(gitDir, "commondir"))?.mtimeMs ?? null;
  }

  /** A workspace that nobody watched is as old as the last look. */
  #lastSeenMs(name: string, lookedMs: number | undefined): number {
    return this.#watched.has(name) ? this.#world.ports.clock.now() : (lookedMs ?? this.#world.ports.clock.now());
  }

  async #follow({ name, root, gitDir }: Workspace): Promise<void> {
    if (this.#ending.has(name) || this.#goneMs.has(name)) return;
    const watched = this.#watched.get(name);
    if (watched?.root === root) return;
    if (watched !== undefined) return this.#move(name, root, gitDir);
    if (!this.#isReady(name, gitDir)) return;
    await meet({ name, root }, this.#world);
    const { ports } = this.#world;
    ports.log.info("a workspace is remembered", { name, root });
    this.#open(name, root, gitDir);
  }

  /** While git fills it, what is missing there is on its way. */
  #isReady(name: string, gitDir: string): boolean {
    const { disk, clock } = this.#world.ports;
    const nowMs = clock.monotonicMs();
    const sinceMs = this.#unreadyMs.get(name) ?? nowMs;
    this.#unreadyMs.set(name, sinceMs);
    const isFilled = disk.lstat(join(gitDir, "index")) !== null && disk.lstat(join(gitDir, "index.lock")) === null;
    if (!isFilled && nowMs - sinceMs < LIMITS.workspaceReadyMs) return false;
    this.#unreadyMs.delete(name);
    return true;
  }

  #open(name: string, root: string, gitDir: string | null): void {
    const { ports, store, baselines, config } = this.#world;
    const own = treeAt(name, root, this.#world);
    const vault = this.#world.vault.workspace(name, own);
    const eyes = openEyes({
      tree: own,
      looked: lookedOfWorkspace(store, name),
      vault,
      ports,
      protectedPaths: () => baselines.paths(),
      sweepMs: () => config().guard.sweepMs,
      judge: this.#noJudge(root),
    });
    const stat = this.#lstat(root);
    const identity = stat && { dev: stat.dev, ino: stat.ino };
    this.#watched.set(name, { root, identity, madeMs: gitDir === null ? null : this.#madeMs(gitDir), vault, eyes });
    eyes
      .start()
      .catch((error: unknown) => ports.log.warn("a workspace is not remembered yet", { name, error: String(error) }));
  }

  /** Remembered, and no more: only who is running right now is asked, in case it is about to go. */
  #noJudge(root: string): Judge {
    return {
      firstSight: () => this.#world.causes.firstSight(root),
      judge: async () => undefined,
      gitMoved: async () => undefined,
      rootTrouble: async () => undefined,
    };
  }

  async #move(name: string, root: string, gitDir: string | null): Promise<void> {
    await this.#close(name);
    lookedOfWorkspace(this.#world.store, name).moved(root);
    this.#open(name, root, gitDir);
  }

  async #close(name: string): Promise<void> {
    const watched = this.#watched.get(name);
    this.#watched.delete(name);
    await watched?.eyes.stop();
    watched?.vault.close();
  }

  #end(name: string, root: string, goneMs: number): void {
    const { ports } = this.#world;
    const ending = this.#judgeGone(name, root, goneMs)
      .catch((error: unknown) => {
        if (!(error instanceof HoldfastError) && !isSystemError(error)) throw error;
        ports.log.error("that a workspace is gone could not be put on record; it is tried again", error);
      })
      .finally(() => this.#ending.delete(name));
    this.#ending.set(name, ending);
  }

  async #judgeGone(name: string, root: string, goneMs: number): Promise<void> {
    const { store, ports } = this.#world;
    const own = treeAt(name, root, this.#world);
    await this.#close(name);
    const vault = this.#world.vault.workspace(name, own);
    await recordGone({ name, root, vault, goneMs }, this.#world);
    lookedOfWorkspace(store, name).forget();
    if (ports.disk.lstat(own.state.signatures) !== null) ports.disk.unlink(own.state.signatures);
  }

  /** Moved by hand, git does not know where it is; it has seldom gone far. */
  #findBeside(root: string, known: RootIdentity): string | null {
    const { disk } = this.#world.ports;
    try {
      const beside = disk.list(dirname(root)).names.filter(({ kind }) => kind === "dir");
      return (
        beside.map(({ name }) => join(dirname(root), name)).find((place) => isFolder(this.#lstat(place), known)) ?? null
      );
    } catch (error) {
      if (isSystemError(error)) return null;
      throw error;
    }
  }

  #lstat(path: string): Stat | null {
    try {
      return this.#world.ports.disk.lstat(path);
    } catch (error) {
      if (isSystemError(error)) return null;
      throw error;
    }
  }
}

/** `known: null`: whatever folder stands there. */
function isFolder(stat: Stat | null, known: RootIdentity | null): boolean {
  return stat?.kind === "dir" && (known === null || (stat.dev === known.dev && stat.ino === known.ino));
}
