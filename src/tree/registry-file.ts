/** The text form of the registry and of its entries. By hand, not by zod: every command reads it before it does anything. */

import { type Digest, HoldfastError, isDigest, type TreeId } from "../base/index.ts";

export interface RegistryEntry {
  readonly id: TreeId;
  /** Real path. */
  readonly root: string;
  /** ISO. */
  readonly createdAt: string;
  /** Of the root when it was registered: a moved tree keeps them. */
  readonly device: number;
  readonly inode: number;
  /** Of the last accepted `holdfast.yaml`. */
  readonly configDigest: Digest | null;
  /** The commits without parents that HEAD grew from: equal in every clone. Empty: none, or not known. */
  readonly rootCommits: readonly string[];
}

export function registryText(entries: readonly RegistryEntry[]): string {
  return `${JSON.stringify({ v: 1, trees: entries }, null, 2)}\n`;
}

/** Throws `STORE_NEWER` for a version that is not known: that is no damage. */
export function parseRegistry(
  bytes: Uint8Array,
  path: string,
): { kind: "sound"; entries: RegistryEntry[] } | { kind: "damaged"; why: string } {
  const value = jsonOf(bytes);
  if (!isRecord(value)) return { kind: "damaged", why: "it is no JSON object" };
  if (typeof value["v"] === "number" && value["v"] > 1) {
    throw new HoldfastError("STORE_NEWER", `${path} was written by a newer Holdfast`);
  }
  if (value["v"] !== 1 || !Array.isArray(value["trees"])) return { kind: "damaged", why: "it has no list of trees" };
  const entries = value["trees"].map(entryOf);
  if (!entries.every((entry) => entry !== null)) return { kind: "damaged", why: "an entry is incomplete" };
  return { kind: "sound", entries };
}

/** A state folder's own `tree.json`; `null` when it is damaged. */
export function parseEntry(bytes: Uint8Array): RegistryEntry | null {
  return entryOf(jsonOf(bytes));
}

/** An id is a folder's name: what is none could lead anywhere. */
export function isTreeId(text: unknown): text is TreeId {
  return typeof text === "string" && /^[0-9a-z]{8,64}$/.test(text);
}

function entryOf(value: unknown): RegistryEntry | null {
  if (!isRecord(value)) return null;
  const { id, root, createdAt, device, inode, configDigest, rootCommits } = value;
  if (!isTreeId(id) || typeof root !== "string" || !root.startsWith("/") || typeof createdAt !== "string") return null;
  if (typeof device !== "number" || typeof inode !== "number") return null;
  return {
    id,
    root,
    createdAt,
    device,
    inode,
    configDigest: isDigest(configDigest) ? configDigest : null,
    rootCommits: Array.isArray(rootCommits) ? rootCommits.filter((commit) => typeof commit === "string") : [],
  };
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
