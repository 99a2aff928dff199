/**
 * Every working copy of a tree's project that can be found on this machine within a moment, and where was looked.
 *
 * Looked at: the registry, git's list of worktrees (of the tree and of each copy), local repositories that a remote names, the folder
 * that `LUKA_SOT` names, the current one, and the folders beside all of these. A copy is what has one of the tree's root commits, or,
 * without git, its accepted configuration. Changes nothing; git is started to read.
 */

import { dirname, isAbsolute, join } from "node:path";
import { type GitHead, type GitLocation, isSystemError, LIMITS, type Ports, type TreeId } from "../base/index.ts";
import { CONFIG_FILE } from "./config.ts";
import type { LocatePorts } from "./locate.ts";
import { firstKnownCommit, haveOneOrigin, type Origin, originAt, originOf, shallowCommits } from "./origin.ts";
import { loadRegistry, type Registry } from "./registry.ts";
import type { Tree } from "./tree.ts";
import { listWorkspaces } from "./workspaces.ts";

export interface WorkingCopy {
  readonly root: string;
  /** `registered`: a tree of its own, with the same origin. `gone`: a workspace that git still lists. */
  readonly standing: "canonical" | "workspace" | "copy" | "registered" | "gone";
  /** Of a workspace, by git. */
  readonly name: string | null;
  /** Of a registered tree. */
  readonly id: TreeId | null;
  readonly git: GitLocation | null;
  readonly head: GitHead | null;
}

/** One place: complete, or left early because the time was over or it could not be read. */
export interface LookedAt {
  readonly where: string;
  readonly complete: boolean;
  readonly note: string | null;
}

export interface FoundCopies {
  /** The canonical tree first, then by path. */
  readonly copies: WorkingCopy[];
  readonly looked: LookedAt[];
  readonly elapsedMs: number;
}

export async function findCopies(
  tree: Tree,
  ports: LocatePorts,
  searchMs: number = LIMITS.copySearchMs,
): Promise<FoundCopies> {
  return new CopySearch(tree, await loadRegistry(ports), ports, searchMs).run();
}

class CopySearch {
  readonly #tree: Tree;
  readonly #registry: Registry;
  readonly #ports: LocatePorts;
  readonly #found = new Map<string, WorkingCopy>();
  readonly #seen = new Set<string>();
  readonly #looked: LookedAt[] = [];
  readonly #beganMs: number;
  readonly #untilMs: number;
  #candidates = 0;

  constructor(tree: Tree, registry: Registry, ports: LocatePorts, searchMs: number) {
    this.#tree = tree;
    this.#registry = registry;
    this.#ports = ports;
    this.#beganMs = ports.clock.monotonicMs();
    this.#untilMs = this.#beganMs + searchMs;
  }

  async run(): Promise<FoundCopies> {
    const { clock, process } = this.#ports;
    const own = this.#registry.entries.find(({ id }) => id === this.#tree.id);
    const origin = own === undefined ? await originAt(this.#tree.root, this.#ports) : await originOf(own, this.#ports);
    this.#add(this.#tree.root, "canonical", { id: this.#tree.id });
    this.#workspacesOf(this.#tree);
    await this.#registered(origin);
    const named = [process.env("LUKA_SOT"), process.cwd(), ...(await this.#localRemotes())];
    for (const place of named) if (place) await this.#look(this.#checkoutAround(place), origin);
    for (const folder of this.#foldersAround()) await this.#lookIn(folder, origin);
    const [canonical, ...others] = this.#found.values();
    others.sort((a, b) => (a.root < b.root ? -1 : 1));
    return { copies: [canonical!, ...others], looked: this.#looked, elapsedMs: clock.monotonicMs() - this.#beganMs };
  }

  #add(root: string, standing: WorkingCopy["standing"], known: Partial<WorkingCopy> = {}): void {
    this.#seen.add(root);
    if (this.#found.has(root)) return;
    const { git, disk } = this.#ports;
    const isThere = disk.lstat(root)?.kind === "dir";
    const location = isThere ? git.locate(root) : null;
    const head = location === null ? null : git.head(location);
    this.#found.set(root, { root, standing, name: null, id: null, git: location, head, ...known });
  }

  #workspacesOf({ root, git }: Pick<Tree, "root" | "git">): void {
    const workspaces = listWorkspaces({ root, git }, this.#ports);
    for (const { root: place, name, isThere } of workspaces)
      this.#add(place, isThere ? "workspace" : "gone", { name, ...(isThere ? {} : { git: null, head: null }) });
    this.#tell(`git worktrees of ${root}`, git !== null, git === null ? "no git repository" : null);
  }

  async #registered(origin: Origin): Promise<void> {
    for (const entry of this.#registry.entries) {
      if (this.#seen.has(entry.root)) continue;
      this.#seen.add(entry.root);
      const isThere = this.#ports.disk.lstat(entry.root)?.kind === "dir";
      if (isThere && haveOneOrigin(origin, await originOf(entry, this.#ports))) this.#addCopy(entry.root, entry.id);
    }
    this.#tell("the registry of trees", true, `${this.#registry.entries.length} registered`);
  }

  #addCopy(root: string, id: TreeId | null): void {
    this.#add(root, id === null ? "copy" : "registered", { id });
    this.#workspacesOf({ root, git: this.#ports.git.locate(root) });
  }

  /** Other repositories of this machine that this one fetches from, or pushes to. */
  async #localRemotes(): Promise<string[]> {
    const { git } = this.#tree;
    if (git === null) return [];
    try {
      const listed = await this.#ports.git.run(this.#tree.root, [
        "config",
        "-z",
        "--get-regexp",
        "^remote\\..*\\.(push)?url$",
      ]);
      const urls = listed
        .toString("utf8")
        .split("\0")
        .flatMap((line) => line.split("\n")[1] ?? []);
      const local = urls.map((url) => url.replace(/^file:\/\//, "")).filter(isAbsolute);
      this.#tell("remotes that are local", true, `${local.length} found`);
      return local;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      // Exit code 1: there is no remote.
      this.#tell("remotes that are local", true, "none");
      return [];
    }
  }

  #checkoutAround(place: string): string {
    const { git, disk } = this.#ports;
    try {
      const real = disk.realpath(place);
      return git.locate(real)?.workTree ?? real;
    } catch (error) {
      if (isSystemError(error)) return place;
      throw error;
    }
  }

  /** Beside everything that was found, nearest to the tree first. */
  #foldersAround(): string[] {
    const beside = [this.#tree.root, ...this.#registry.entries.map(({ root }) => root), ...this.#found.keys()].map(
      dirname,
    );
    return [...new Set(beside)].filter((folder) => folder !== "/");
  }

  async #lookIn(folder: string, origin: Origin): Promise<void> {
    let names: string[];
    try {
      names = this.#ports.disk
        .list(folder)
        .names.filter(({ kind }) => kind === "dir")
        .map(({ name }) => name)
        .sort();
    } catch (error) {
      if (!isSystemError(error)) throw error;
      this.#tell(folder, false, error.message);
      return;
    }
    for (const [index, name] of names.entries()) {
      if (this.#isOver()) {
        this.#tell(folder, false, `the time was over after ${index} of ${names.length} folders`);
        return;
      }
      await this.#look(join(folder, name), origin);
    }
    this.#tell(folder, true, `${names.length} folders`);
  }

  /** A repository's root, or a folder with a configuration. */
  async #look(root: string, origin: Origin): Promise<void> {
    if (this.#seen.has(root)) return;
    this.#seen.add(root);
    const { disk } = this.#ports;
    const hasGit = lstat(join(root, ".git"), disk) !== null;
    if (!hasGit && lstat(join(root, CONFIG_FILE), disk)?.kind !== "file") return;
    this.#candidates += 1;
    if (await this.#isCopy(root, hasGit, origin)) this.#addCopy(root, null);
  }

  /** That a repository has the tree's root commit is a look into its objects; to list its own roots is a walk over all its commits. */
  async #isCopy(root: string, hasGit: boolean, origin: Origin): Promise<boolean> {
    const { git } = this.#ports;
    if (!hasGit || origin.rootCommits.length === 0) return haveOneOrigin(origin, await originAt(root, this.#ports));
    if (git.locate(root)?.workTree !== root) return false;
    try {
      const cut = shallowCommits(root, this.#ports);
      if (cut.length > 0) return (await firstKnownCommit(this.#tree.root, cut, this.#ports)) >= 0;
      return (await firstKnownCommit(root, origin.rootCommits, this.#ports)) >= 0;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.#tell(root, false, "git could not read this repository");
      return false;
    }
  }

  #isOver(): boolean {
    return this.#ports.clock.monotonicMs() > this.#untilMs || this.#candidates >= LIMITS.copyCandidatesMax;
  }

  #tell(where: string, complete: boolean, note: string | null): void {
    this.#looked.push({ where, complete, note });
  }
}

function lstat(path: string, disk: Ports["disk"]) {
  try {
    return disk.lstat(path);
  } catch (error) {
    if (isSystemError(error)) return null;
    throw error;
  }
}

/**
 * Which tree is the canonical one, and what names it. `LUKA_SOT` decides where it names a copy; whatever contradicts the registry is a
 * question for the owner, and `conflict` says so.
 */
export interface Canonical {
  readonly root: string;
  readonly namedBy: "registry" | "LUKA_SOT";
  readonly conflict: string | null;
}

/** `copies`: of the same project, where they were looked for. */
export function canonicalOf(
  { root }: Pick<Tree, "root">,
  copies: readonly WorkingCopy[] | null,
  ports: Pick<Ports, "process" | "disk">,
): Canonical {
  const named = ports.process.env("LUKA_SOT");
  const others = (copies ?? []).filter(({ standing }) => standing === "registered").map((copy) => copy.root);
  if (!named) {
    const conflict = others.length === 0 ? null : `${others.join(", ")} is registered as a tree of its own`;
    return { root, namedBy: "registry", conflict };
  }
  const place = realOr(named, ports.disk);
  if (place === root || others.includes(place)) return { root: place, namedBy: "LUKA_SOT", conflict: null };
  if (copies !== null && !copies.some((copy) => copy.root === place))
    return { root, namedBy: "registry", conflict: `LUKA_SOT names ${named}, which is no copy of this project` };
  return { root: place, namedBy: "LUKA_SOT", conflict: `LUKA_SOT names ${place}, but ${root} is the registered tree` };
}

function realOr(path: string, disk: Pick<Ports["disk"], "realpath">): string {
  try {
    return disk.realpath(path);
  } catch (error) {
    if (isSystemError(error)) return path;
    throw error;
  }
}
