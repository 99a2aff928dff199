/**
 * Which paths must stay, as they were read last, in a file beside the store: a process that is asked before every command is spared
 * the database. A cache: it counts only while the store's files look as they did, and can be lost at any time.
 */

import { join } from "node:path";
import { isSystemError, type Ports } from "../base/index.ts";
import { type Kept, readKept } from "../component/index.ts";
import { readWhole, replaceDurably, type Tree } from "../tree/index.ts";

/** `STORE_UNAVAILABLE` when there is neither. */
export function keptOf(tree: Tree, ports: Pick<Ports, "disk" | "stores">): Kept {
  const file = join(tree.state.dir, "kept.json");
  const before = looksOf(tree, ports);
  const known = cached(file, before, ports);
  if (known !== null) return known;
  const store = ports.stores.open(tree.state.db, { readOnly: true });
  let kept: Kept;
  try {
    kept = readKept(store);
  } finally {
    store.close();
  }
  // What changed while it was read would be taken for what was read.
  if (looksOf(tree, ports) === before) keep(file, JSON.stringify({ v: 1, store: before, kept }), ports);
  return kept;
}

/** Every commit changes the log or the database. An empty log is one that a reader made. */
function looksOf({ state }: Tree, { disk }: Pick<Ports, "disk">): string {
  return [state.db, `${state.db}-wal`]
    .map((path) => disk.lstat(path))
    .map((stat) => (stat === null || stat.sizeBytes === 0 ? "" : [stat.ino, stat.sizeBytes, stat.mtimeMs].join(" ")))
    .join(" / ");
}

function cached(file: string, store: string, { disk }: Pick<Ports, "disk">): Kept | null {
  try {
    const text = readWhole(disk, file)?.toString("utf8");
    if (text === undefined) return null;
    const known = JSON.parse(text) as { v: number; store: string; kept: Kept };
    return known.v === 1 && known.store === store ? known.kept : null;
  } catch (error) {
    if (isSystemError(error) || error instanceof SyntaxError) return null;
    throw error;
  }
}

function keep(file: string, text: string, { disk }: Pick<Ports, "disk">): void {
  try {
    replaceDurably(disk, file, text);
  } catch (error) {
    // Read-only, or another process writes it too.
    if (!isSystemError(error)) throw error;
  }
}
