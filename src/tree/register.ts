/**
 * Making a folder a tree, and ending that. Nothing is written into the folder but a probe that is removed at once.
 *
 * Crash: a state folder that is not registered may be left; it holds nothing, and counts for nothing.
 */

import { join } from "node:path";
import {
  assert,
  type Digest,
  HoldfastError,
  isoTime,
  isSystemError,
  ownName,
  type Ports,
  type TreeId,
} from "../base/index.ts";
import { type LocatePorts, treeOf, workspaceOf } from "./locate.ts";
import { rootCommits } from "./origin.ts";
import { isAtOrBelow } from "./path.ts";
import { changeRegistry, dropEntry, keepEntry, type Registry } from "./registry.ts";
import type { RegistryEntry } from "./registry-file.ts";
import { makeStateFolder, stateFolder } from "./state-folder.ts";
import type { Tree } from "./tree.ts";

type RegisterPorts = LocatePorts & Pick<Ports, "random">;

/**
 * Makes `root` a tree with a state folder of its own; a tree that is registered already is returned as it is. Whether `root` is a
 * copy of another tree is the caller's question (`findTree`). Throws `TREE_UNSUITABLE`.
 */
export async function register(root: string, ports: RegisterPorts): Promise<Tree> {
  const facts = await factsOf(root, ports);
  return changeRegistry(ports, (registry) => {
    const known = registry.entries.find((entry) => entry.root === facts.root);
    if (known !== undefined) return { entries: registry.entries, result: treeOf(known, registry.home, ports) };
    refuseNeighbours(facts.root, registry, ports);
    const id = newId(registry, ports);
    const entry: RegistryEntry = { id, createdAt: isoTime(ports.clock.now()), configDigest: null, ...facts };
    makeStateFolder(stateFolder(registry.home, id, ports.process), ports.disk);
    keepEntry(registry.home, entry, ports);
    return { entries: [...registry.entries, entry], result: treeOf(entry, registry.home, ports) };
  });
}

/** Takes the tree off the list. Its state folder stays where it is. Harmless for an id that is not listed. */
export async function unregister(id: TreeId, ports: LocatePorts): Promise<void> {
  await changeRegistry(ports, (registry) => {
    if (!registry.entries.some((entry) => entry.id === id)) return { entries: registry.entries, result: undefined };
    dropEntry(registry.home, id, ports);
    return { entries: registry.entries.filter((entry) => entry.id !== id), result: undefined };
  });
}

/** A tree that stands at another path now keeps its id, its ledger and its vault. `TREE_NOT_FOUND`, `TREE_UNSUITABLE`. */
export async function relocate(id: TreeId, root: string, ports: LocatePorts): Promise<Tree> {
  const facts = await factsOf(root, ports);
  return changeEntry(id, ports, (entry, registry) => {
    refuseNeighbours(facts.root, { ...registry, entries: registry.entries.filter((other) => other.id !== id) }, ports);
    return { ...entry, ...facts };
  });
}

/** Keeps the digest of the configuration that was accepted, by which copies are known. `TREE_NOT_FOUND`. */
export async function noteAcceptedConfig(id: TreeId, configDigest: Digest, ports: LocatePorts): Promise<void> {
  await changeEntry(id, ports, (entry) => (entry.configDigest === configDigest ? entry : { ...entry, configDigest }));
}

function changeEntry(
  id: TreeId,
  ports: LocatePorts,
  change: (entry: RegistryEntry, registry: Registry) => RegistryEntry,
): Promise<Tree> {
  return changeRegistry(ports, (registry) => {
    const before = registry.entries.find((entry) => entry.id === id);
    if (before === undefined) throw new HoldfastError("TREE_NOT_FOUND", `no tree ${id} is registered on this machine`);
    const after = change(before, registry);
    const result = treeOf(after, registry.home, ports);
    if (after === before) return { entries: registry.entries, result };
    keepEntry(registry.home, after, ports);
    return { entries: registry.entries.map((entry) => (entry === before ? after : entry)), result };
  });
}

type RootFacts = Pick<RegistryEntry, "root" | "device" | "inode" | "rootCommits">;

async function factsOf(path: string, ports: LocatePorts): Promise<RootFacts> {
  const root = suitableRoot(path, ports);
  const stat = ports.disk.lstat(root);
  assert(stat !== null, "a folder that was just written to is there");
  return { root, device: stat.dev, inode: stat.ino, rootCommits: await rootCommits(root, ports) };
}

/** The real path, after everything that depends on nothing but the folder itself. */
function suitableRoot(path: string, ports: LocatePorts): string {
  const root = realRoot(path, ports);
  const home = realRoot(ports.process.home(), ports);
  if (isAtOrBelow(home, root))
    throw unsuitable(root, root === "/" ? "is the whole machine" : "is, or holds, your home folder");
  if (root.split("/").includes(".git")) throw unsuitable(root, "is inside git's own folder");
  proveWritable(root, ports);
  return root;
}

function realRoot(path: string, ports: LocatePorts): string {
  let root: string;
  try {
    root = ports.disk.realpath(path);
  } catch (error) {
    if (!isSystemError(error, "ENOENT", "ENOTDIR", "ELOOP", "EACCES")) throw error;
    throw unsuitable(path, "does not exist", error);
  }
  if (ports.disk.lstat(root)?.kind !== "dir") throw unsuitable(root, "is no folder");
  return root;
}

/** Permission bits do not tell (ACLs, read-only mounts, root): a file that was made does. A crash leaves one of our own names. */
function proveWritable(root: string, ports: LocatePorts): void {
  const probe = join(root, ownName("probe", ports.process.pid, "new"));
  try {
    if (ports.disk.lstat(probe) !== null) ports.disk.unlink(probe);
    ports.disk.close(ports.disk.createNew(probe, 0o600));
    ports.disk.unlink(probe);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw unsuitable(root, `cannot be written (${error.code})`, error);
  }
}

/** Two trees never share a path: both would put back what the other changed. */
function refuseNeighbours(root: string, registry: Registry, ports: LocatePorts): void {
  if (isAtOrBelow(root, registry.home)) throw unsuitable(root, "is inside the state folder of Holdfast");
  const shared = workspaceOf(root, registry, ports);
  if (shared !== null)
    throw unsuitable(root, `is a workspace (git worktree) of the tree ${shared.root}, and looked after with it`);
  for (const other of registry.entries) {
    if (root !== other.root && isAtOrBelow(other.root, root)) throw unsuitable(root, `holds the tree ${other.root}`);
    if (!isAtOrBelow(root, other.root)) continue;
    const isCheckout = ports.git.locate(root)?.workTree === root && other.root !== root;
    throw unsuitable(
      root,
      `is ${isCheckout ? "a repository " : ""}inside the tree ${other.root}, and looked after with it`,
    );
  }
}

function newId(registry: Registry, ports: RegisterPorts): TreeId {
  // Short: it is part of the socket's path, which the kernel limits to about 100 bytes.
  for (;;) {
    const id = ports.random.bytes(8).toString("hex") as TreeId;
    if (ports.disk.lstat(join(registry.home, id)) === null) return id;
  }
}

function unsuitable(root: string, why: string, cause?: unknown): HoldfastError {
  return new HoldfastError("TREE_UNSUITABLE", `${root} ${why}`, { data: { root }, cause });
}
