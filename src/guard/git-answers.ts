/** How the guard asks git: many paths at once, names ended by NUL, a git that cannot answer told apart from one that finds nothing. */

import { createHash } from "node:crypto";
import { type Entry, LIMITS, type Ports, type TreePath } from "../base/index.ts";
import type { Tree } from "../tree/index.ts";
import type { Vault } from "../vault/index.ts";

export interface GitWorld {
  readonly tree: Tree;
  readonly vault: Vault;
  readonly ports: Pick<Ports, "disk" | "git" | "process" | "log">;
}

const BATCH_BYTES_MAX = 64 * 1024;

/** The parts of the answer between NULs (or what `end` is); `null`: git could not answer (no commit yet, a broken repository). */
export async function askGit(
  args: readonly string[],
  { tree, ports }: Pick<GitWorld, "tree" | "ports">,
  end = "\0",
): Promise<string[] | null> {
  try {
    const said = await ports.git.run(tree.root, args);
    return said
      .toString("utf8")
      .split(end)
      .filter((part) => part !== "");
  } catch (error) {
    ports.log.info("git could not answer the guard", { args: args.slice(0, 3), why: (error as Error).message });
    return null;
  }
}

/** As many as one command line holds. */
export function* batches(paths: readonly TreePath[]): Generator<TreePath[]> {
  let batch: TreePath[] = [];
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

/** Names are hostile: `:(glob)*` is one. */
export function literally(paths: readonly TreePath[]): string[] {
  return paths.map((path) => `:(literal)${path}`);
}

/** Of `ls-tree -z`: what git holds at a path. */
export interface GitBlob {
  /** `100644`, `100755`, `120000`, `040000`, `160000`. */
  readonly mode: string;
  readonly blob: string;
}

/** `mode type blob<tab>path` each. */
export function readListing(lines: readonly string[], into: Map<string, GitBlob>): void {
  for (const line of lines) {
    const cut = line.indexOf("\t");
    const [mode, , blob] = line.slice(0, cut).split(" ") as [string, string, string];
    into.set(line.slice(cut + 1), { mode, blob });
  }
}

/** Git's name for content, without filters; `length` tells its hash. `null`: too large to be worth it, or its bytes are gone. */
export function blobId(vault: Vault, entry: Entry, length: number): string | null {
  if (entry.kind === "link") return hashed(Buffer.from(entry.target), length);
  if (entry.kind !== "file" || entry.sizeBytes > LIMITS.unionSizeBytesMax || !vault.has(entry.digest)) return null;
  return hashed(vault.read(entry.digest), length);
}

export function hashed(bytes: Buffer, length: number): string {
  return createHash(length === 64 ? "sha256" : "sha1")
    .update(`blob ${bytes.length}\0`)
    .update(bytes)
    .digest("hex");
}
