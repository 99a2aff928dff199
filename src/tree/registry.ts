/**
 * The trees of this machine: `trees.json` in Holdfast's home, and a copy of each entry as `tree.json` in the tree's state folder.
 *
 * Invariants: changes run under the registry's lock, one after another, and replace the file atomically and durably. An entry's
 * `tree.json` is durable before the entry is listed, and gone before the entry is.
 * Crash: the registry from before or after; a `tree.json` that is not listed counts only when the registry itself is lost.
 */

import { dirname, join } from "node:path";
import { HoldfastError, isoTime, isSystemError, LIMITS, type Ports, type TreeId } from "../base/index.ts";
import { makeFolders, readWhole, replaceDurably } from "./durable-file.ts";
import { parseEntry, parseRegistry, type RegistryEntry, registryText } from "./registry-file.ts";
import { holdfastHome } from "./state-folder.ts";

export type RegistryPorts = Pick<Ports, "disk" | "clock" | "process" | "stores" | "log">;

export interface Registry {
  readonly home: string;
  readonly entries: readonly RegistryEntry[];
  /** Where a damaged registry was put when this one was rebuilt. */
  readonly setAside: string | null;
}

const LOCK_POLL_MS = 20;

/** Reads; a lost or damaged registry is rebuilt on the way. `STORE_NEWER`, `STORE_UNAVAILABLE`, `LOCK_BUSY`. */
export async function loadRegistry(ports: RegistryPorts): Promise<Registry> {
  const home = holdfastHome(ports);
  const read = readRegistry(home, ports);
  if (read.kind === "sound") return { home, entries: read.entries, setAside: null };
  if (read.kind === "absent" && entriesOfStateFolders(home, ports).length === 0)
    return { home, entries: [], setAside: null };
  return locked(home, ports, () => recovered(home, ports));
}

/** Runs `change` alone on this machine and keeps what it returns as `entries`; its `result` is handed on. */
export async function changeRegistry<T>(
  ports: RegistryPorts,
  change: (registry: Registry) => { entries: readonly RegistryEntry[]; result: T },
): Promise<T> {
  const home = holdfastHome(ports);
  return locked(home, ports, () => {
    const before = recovered(home, ports);
    const { entries, result } = change(before);
    if (entries !== before.entries) replaceDurably(ports.disk, registryPath(home), registryText(entries));
    return result;
  });
}

/** The entry's own copy. Called inside `changeRegistry`, before the entry is listed. */
export function keepEntry(home: string, entry: RegistryEntry, ports: Pick<Ports, "disk">): void {
  replaceDurably(ports.disk, entryPath(home, entry.id), `${JSON.stringify({ v: 1, ...entry }, null, 2)}\n`);
}

/** Called inside `changeRegistry`, before the entry is taken off the list. */
export function dropEntry(home: string, id: TreeId, ports: Pick<Ports, "disk">): void {
  const path = entryPath(home, id);
  if (ports.disk.lstat(path) === null) return;
  ports.disk.unlink(path);
  ports.disk.syncDir(dirname(path));
}

type Read = { kind: "sound"; entries: RegistryEntry[] } | { kind: "absent" } | { kind: "damaged"; why: string };

function readRegistry(home: string, ports: Pick<Ports, "disk">): Read {
  const path = registryPath(home);
  try {
    const bytes = readWhole(ports.disk, path);
    return bytes === null ? { kind: "absent" } : parseRegistry(bytes, path);
  } catch (error) {
    throw asUnavailable(error, path);
  }
}

/** The registry as it is, or as it can be put together again. Under the lock. */
function recovered(home: string, ports: RegistryPorts): Registry {
  const read = readRegistry(home, ports);
  if (read.kind === "sound") return { home, entries: read.entries, setAside: null };
  const entries = entriesOfStateFolders(home, ports);
  if (read.kind === "absent" && entries.length === 0) return { home, entries, setAside: null };
  let setAside: string | null = null;
  if (read.kind === "damaged") {
    setAside = `${registryPath(home)}.damaged-${isoTime(ports.clock.now()).replaceAll(":", "-")}`;
    ports.disk.rename(registryPath(home), setAside);
    ports.log.warn("the registry of trees was damaged; it was set aside and rebuilt", { setAside, why: read.why });
  } else {
    ports.log.warn("the registry of trees was lost; it was rebuilt", { trees: entries.length });
  }
  replaceDurably(ports.disk, registryPath(home), registryText(entries));
  return { home, entries, setAside };
}

/** What the state folders say of themselves; one entry a root. */
function entriesOfStateFolders(home: string, ports: Pick<Ports, "disk" | "log">): RegistryEntry[] {
  if (ports.disk.lstat(home)?.kind !== "dir") return [];
  const byRoot = new Map<string, RegistryEntry>();
  for (const { name, kind } of ports.disk.list(home).names) {
    const bytes = kind === "dir" ? readWhole(ports.disk, join(home, name, "tree.json")) : null;
    if (bytes === null) continue;
    const entry = parseEntry(bytes);
    if (entry === null || entry.id !== name) {
      ports.log.warn("a state folder's tree.json is damaged; that tree is left out", { folder: join(home, name) });
      continue;
    }
    const other = byRoot.get(entry.root);
    if (other === undefined || rank(home, entry, ports) > rank(home, other, ports)) byRoot.set(entry.root, entry);
  }
  return [...byRoot.values()];
}

/** A registration that a crash cut off leaves a folder without a database; of two whole ones the later counts. */
function rank(home: string, entry: RegistryEntry, ports: Pick<Ports, "disk">): string {
  return (ports.disk.lstat(join(home, entry.id, "holdfast.db")) === null ? "0" : "1") + entry.createdAt;
}

async function locked<T>(home: string, ports: RegistryPorts, work: () => T): Promise<T> {
  const deadlineMs = ports.clock.monotonicMs() + LIMITS.lockWaitMsMax;
  try {
    makeFolders(ports.disk, home, 0o700);
    for (;;) {
      const lock = ports.stores.tryLock(join(home, "registry.lock"));
      if (lock !== null) {
        try {
          return work();
        } finally {
          lock.release();
        }
      }
      if (ports.clock.monotonicMs() > deadlineMs)
        throw new HoldfastError("LOCK_BUSY", "another process holds the registry of trees");
      await ports.clock.sleep(LOCK_POLL_MS);
    }
  } catch (error) {
    throw asUnavailable(error, home);
  }
}

function asUnavailable(error: unknown, path: string): unknown {
  if (isSystemError(error, "ENOSPC", "EDQUOT"))
    return new HoldfastError("STORE_FULL", `no space left for ${path}`, { cause: error });
  if (isSystemError(error, "EACCES", "EPERM", "EROFS", "ELOOP", "EISDIR", "ENOTDIR", "EIO")) {
    return new HoldfastError("STORE_UNAVAILABLE", `${path} cannot be used: ${error.message}`, { cause: error });
  }
  return error;
}

function registryPath(home: string): string {
  return join(home, "trees.json");
}

function entryPath(home: string, id: TreeId): string {
  return join(home, id, "tree.json");
}
