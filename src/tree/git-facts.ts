/** What git says of a tree's paths. Names are hostile: they are literal, end with NUL, and are compared as bytes. */

import { dirname, relative } from "node:path";
import type { GitHead, Ports, TreePath } from "../base/index.ts";
import { absolute } from "./path-check.ts";
import type { Tree } from "./tree.ts";

/** What one command line may hold of paths: Linux and macOS allow several times as much. */
const BATCH_BYTES_MAX = 64 * 1024;

type GitPorts = Pick<Ports, "git" | "disk" | "process">;

/**
 * Those of `paths` that are in an index: the tree's own, or that of the submodule or nested checkout they lie in. Folders never are.
 * Ask for real paths: what lies beyond a symbolic link is never tracked under that name. Throws when git cannot answer: "not tracked" must not be a guess.
 */
export async function trackedPaths(tree: Tree, paths: Iterable<TreePath>, ports: GitPorts): Promise<Set<TreePath>> {
  const tracked = new Set<TreePath>();
  for (const [checkout, wanted] of byCheckout(tree, paths, ports)) {
    for (const batch of batches(wanted.keys())) {
      const pathspecs = batch.map((path) => `:(literal)${path}`);
      const output = await ports.git.run(checkout, ["ls-files", "-z", "--cached", "--", ...pathspecs]);
      const listed = new Set(output.toString("latin1").split("\0"));
      for (const path of batch) {
        if (spellings(path, ports).some((name) => listed.has(name))) tracked.add(wanted.get(path)!);
      }
    }
  }
  return tracked;
}

/** What the tree has checked out; `null` outside git. */
export function headOf(tree: Tree, git: Ports["git"]): GitHead | null {
  return tree.git === null ? null : git.head(tree.git);
}

/** Checkout → (path relative to it → tree path). What lies in no checkout is left out: nothing can track it. */
function byCheckout(tree: Tree, paths: Iterable<TreePath>, ports: GitPorts): Map<string, Map<string, TreePath>> {
  const known = new Map<string, string | null>([[tree.root, tree.git === null ? null : tree.root]]);
  const checkoutOf = (folder: string): string | null => {
    const answer = known.get(folder);
    if (answer !== undefined) return answer;
    const found = ports.disk.lstat(`${folder}/.git`) === null ? checkoutOf(dirname(folder)) : folder;
    known.set(folder, found);
    return found;
  };
  const grouped = new Map<string, Map<string, TreePath>>();
  for (const path of paths) {
    const place = absolute(tree, path);
    const checkout = checkoutOf(dirname(place));
    if (checkout === null) continue;
    const group = grouped.get(checkout) ?? new Map<string, TreePath>();
    grouped.set(checkout, group.set(relative(checkout, place), path));
  }
  return grouped;
}

/** As many as one command line holds. */
export function* batches(paths: Iterable<string>): Generator<string[]> {
  let batch: string[] = [];
  let bytes = 0;
  for (const path of paths) {
    bytes += Buffer.byteLength(path) + 32;
    if (bytes > BATCH_BYTES_MAX && batch.length > 0) {
      yield batch;
      batch = [];
      bytes = Buffer.byteLength(path) + 32;
    }
    batch.push(path);
  }
  if (batch.length > 0) yield batch;
}

/** How the index may spell a path, byte for byte. On macOS git keeps names composed, whatever the disk gives. */
function spellings(path: string, ports: GitPorts): string[] {
  const forms = ports.process.platform === "darwin" ? [path, path.normalize("NFC")] : [path];
  return forms.map((form) => Buffer.from(form).toString("latin1"));
}
