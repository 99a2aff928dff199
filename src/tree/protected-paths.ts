/** Paths that are remembered whatever the rules leave out. */

import { digestOf } from "../base/index.ts";

export interface ProtectedPaths {
  has(path: string): boolean;
  /** True for a folder above one. */
  leads(folder: string): boolean;
  /** The same for the same paths, whoever holds them, and in whatever order they came. */
  readonly key: string;
}

/** Adding and removing cost the same however many there are. */
export class PathSet implements ProtectedPaths {
  readonly #paths = new Set<string>();
  /** Folder → how many are below. Made when somebody asks: of a tree in which nothing has moved nobody does. */
  #leading: Map<string, number> | null = null;
  #sum = 0n;

  constructor(paths: Iterable<string> = []) {
    for (const path of paths) this.add(path);
  }

  has(path: string): boolean {
    return this.#paths.has(path);
  }

  leads(folder: string): boolean {
    if (this.#leading === null) {
      this.#leading = new Map();
      for (const path of this.#paths) this.#count(path, 1);
    }
    return this.#leading.has(folder);
  }

  get key(): string {
    return `${this.#paths.size} ${this.#sum.toString(16)}`;
  }

  add(path: string): void {
    if (this.#paths.has(path)) return;
    this.#paths.add(path);
    this.#sum ^= numberOf(path);
    this.#count(path, 1);
  }

  remove(path: string): void {
    if (!this.#paths.delete(path)) return;
    this.#sum ^= numberOf(path);
    this.#count(path, -1);
  }

  #count(path: string, by: 1 | -1): void {
    if (this.#leading === null) return;
    for (const folder of foldersAbove(path)) {
      const below = (this.#leading.get(folder) ?? 0) + by;
      if (below > 0) this.#leading.set(folder, below);
      else this.#leading.delete(folder);
    }
  }
}

const HEX_DIGITS = 16;

function numberOf(path: string): bigint {
  return BigInt(`0x${digestOf(path).slice("sha256:".length, "sha256:".length + HEX_DIGITS)}`);
}

/** The nearest first. */
export function foldersAbove(path: string): string[] {
  const folders: string[] = [];
  for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) folders.push(path.slice(0, at));
  return folders;
}
