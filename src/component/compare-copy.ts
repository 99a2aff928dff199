/**
 * How a copy of the tree differs from it, component by component. Reads both, changes neither.
 *
 * Both sides are looked at as they stand now, by content; what the vault and git's history know only says which of two contents is the
 * older. Paths outside every component are compared too when the whole is asked for, as a group without a name.
 */

import { ABSENT, type Entry, LIMITS, type Ports, sameContent, sameEntry, type TreePath } from "../base/index.ts";
import {
  absolute,
  blobNames,
  type Config,
  type LineChange,
  lfsPointerName,
  linesOf,
  RememberRules,
  ruleSourcesOf,
  type Tree,
  walkTree,
} from "../tree/index.ts";
import type { Vault } from "../vault/index.ts";
import type { Baselines } from "./baseline.ts";
import { type ContentOrder, contentOrder } from "./content-order.ts";
import { ACCEPTED, OWN } from "./implicit.ts";
import type { Membership } from "./membership.ts";

export interface CompareWorld {
  readonly tree: Tree;
  readonly vault: Vault;
  readonly baselines: Baselines;
  readonly ports: Ports;
  config(): Config;
  membership(): Membership;
  /** What stands at a place, digest and all. */
  entryAt(place: string): Entry;
  /** All bytes of a file. */
  bytesAt(place: string): Buffer;
}

/** Of the copy, compared with the tree. `only-there`: the tree has nothing at this path. */
export type CopyDifferenceKind = "missing" | ContentOrder["is"] | "mode" | "only-there";

export interface CopyDifference {
  readonly path: TreePath;
  readonly kind: CopyDifferenceKind;
  readonly canonical: Entry;
  readonly copy: Entry;
  /** When the copy's content was last known, and as what: `V12`, or a commit. */
  readonly knownAtMs: number | null;
  readonly knownAs: string | null;
}

export interface ComparedCopy {
  /** `null`: outside every component. */
  readonly component: string | null;
  readonly same: number;
  /** Sorted by path. */
  readonly differences: readonly CopyDifference[];
}

/** `whole`: every remembered path of both, else only what was accepted of components. In the order of the configuration. */
export async function compareCopy(copy: Tree, whole: boolean, world: CompareWorld): Promise<ComparedCopy[]> {
  const { ports, tree } = world;
  const paths = whole ? await allPaths(copy, world) : acceptedPaths(world);
  const same = new Map<string | null, number>();
  const found: Found[] = [];
  let sliceBeganMs = ports.clock.monotonicMs();
  for (const path of paths) {
    const component = componentOf(path, world);
    const canonical = standing(tree, path, world);
    const there = standing(copy, path, world);
    if (sameEntry(canonical, there)) same.set(component, (same.get(component) ?? 0) + 1);
    else if (canonical.kind !== "dir" || there.kind === "absent")
      found.push({ path, component, canonical, copy: there });
    if (ports.clock.monotonicMs() - sliceBeganMs < SLICE_MS) continue;
    await ports.clock.breathe();
    sliceBeganMs = ports.clock.monotonicMs();
  }
  const differences = await judge(found, copy, world);
  const names = [...Object.keys(world.config().components), OWN, ACCEPTED, null];
  return names.flatMap((component) => {
    const own = differences.filter((one) => one.component === component).map(({ difference }) => difference);
    const count = same.get(component) ?? 0;
    return count + own.length === 0 ? [] : [{ component, same: count, differences: own }];
  });
}

const SLICE_MS = 4;

interface Found {
  readonly path: TreePath;
  readonly component: string | null;
  readonly canonical: Entry;
  readonly copy: Entry;
}

function componentOf(path: TreePath, { membership, baselines }: CompareWorld): string | null {
  const component = membership().componentOf(path);
  return component ?? (baselines.everywhere(path).some((entry) => entry.component === ACCEPTED) ? ACCEPTED : null);
}

function acceptedPaths({ baselines }: CompareWorld): TreePath[] {
  return [...baselines.paths()].sort() as TreePath[];
}

async function allPaths(copy: Tree, world: CompareWorld): Promise<TreePath[]> {
  const paths = new Set<TreePath>(acceptedPaths(world));
  for (const tree of [world.tree, copy]) for (const path of await rememberedPaths(tree, world)) paths.add(path);
  return [...paths].sort();
}

/** Files and links that the configuration of the tree has remembered. */
async function rememberedPaths(tree: Tree, { ports, config, baselines }: CompareWorld): Promise<TreePath[]> {
  const rules = new RememberRules(await ruleSourcesOf(tree, config().remember, baselines.named(), ports));
  const paths: TreePath[] = [];
  for (const { names } of walkTree({ root: tree.root, disk: ports.disk, rules, useIgnoreFiles: tree.git !== null })) {
    for (const { path, stat } of names) if (stat.kind === "file" || stat.kind === "link") paths.push(path);
    await ports.clock.breathe();
  }
  return paths;
}

/** What can only be reached through a link does not stand there; a folder is one whatever its mode. */
function standing(tree: Tree, path: TreePath, { ports, entryAt }: CompareWorld): Entry {
  for (let at = path.indexOf("/"); at > 0; at = path.indexOf("/", at + 1)) {
    if (ports.disk.lstat(`${tree.root}/${path.slice(0, at)}`)?.kind !== "dir") return ABSENT;
  }
  const entry = entryAt(absolute(tree, path));
  return entry.kind === "dir" ? { kind: "dir", mode: 0 } : entry;
}

async function judge(
  found: readonly Found[],
  copy: Tree,
  world: CompareWorld,
): Promise<{ component: string | null; difference: CopyDifference }[]> {
  const lines = await linesOfBoth(
    found.filter((one) => simpleKind(one) === null && !isInVault(one, world)).map(({ path }) => path),
    copy,
    world,
  );
  return found.map((one) => {
    const { path, component, canonical, copy: there } = one;
    const kind = simpleKind(one);
    const evidence = { canonical, copy: there, versions: world.vault.versions(path), ...lines(one) };
    const { is, knownAtMs, knownAs } =
      kind === null ? contentOrder(evidence) : { is: kind, knownAtMs: null, knownAs: null };
    return { component, difference: { path, kind: is, canonical, copy: there, knownAtMs, knownAs } };
  });
}

/** `null`: two contents, of which one may be the older. */
function simpleKind({ canonical, copy }: Found): Exclude<CopyDifferenceKind, ContentOrder["is"]> | null {
  if (copy.kind === "absent") return "missing";
  if (canonical.kind === "absent") return "only-there";
  return sameContent(canonical, copy) ? "mode" : null;
}

function isInVault({ path, copy }: Found, { vault }: CompareWorld): boolean {
  return vault.versions(path).some(({ entry }) => sameContent(entry, copy));
}

type Lines = Pick<Parameters<typeof contentOrder>[0], "canonicalLine" | "copyLine" | "canonicalBlobs" | "copyBlobs">;

const NO_LINES: Lines = { canonicalLine: [], copyLine: [], canonicalBlobs: [], copyBlobs: [] };

async function linesOfBoth(
  paths: readonly TreePath[],
  copy: Tree,
  world: CompareWorld,
): Promise<(one: Found) => Lines> {
  const { tree, ports } = world;
  if (paths.length === 0 || paths.length > LIMITS.gitPastPathsMax) return () => NO_LINES;
  const none = new Map<string, LineChange[]>();
  const here = tree.git === null ? none : await linesOf(tree.root, paths, "HEAD", ports);
  const there = copy.git === null ? none : await linesOf(copy.root, paths, "HEAD", ports);
  const asked = new Set(paths);
  return ({ path, canonical, copy: entry }) => {
    if (!asked.has(path)) return NO_LINES;
    return {
      canonicalLine: here.get(path) ?? [],
      copyLine: there.get(path) ?? [],
      canonicalBlobs: blobsOf(absolute(tree, path), canonical, tree, world),
      copyBlobs: blobsOf(absolute(copy, path), entry, copy, world),
    };
  };
}

function blobsOf(place: string, entry: Entry, { git }: Tree, { ports, bytesAt }: CompareWorld): string[] {
  if (git === null || entry.kind !== "file" || entry.sizeBytes > LIMITS.unionSizeBytesMax) return [];
  const length = ports.git.head(git).commit?.length ?? 0;
  return [...blobNames(bytesAt(place), length), lfsPointerName(entry, length)];
}
