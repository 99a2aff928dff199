/**
 * Every path that some baseline names, kept in memory: who looks at the tree asks for them with each look.
 *
 * What moved is looked up in the store when they are next asked for, so that a transaction that was rolled back leaves no trace.
 */

import type { Store } from "../base/index.ts";
import { PathSet, type ProtectedPaths } from "../tree/index.ts";

export class NamedPaths {
  readonly #store: Store;
  readonly #moved = new Set<string>();
  #known: PathSet | null = null;
  /** Changes when another process has written. */
  #dataVersion = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  moved(path: string): void {
    if (this.#known !== null) this.#moved.add(path);
  }

  forget(): void {
    this.#known = null;
    this.#moved.clear();
  }

  current(): ProtectedPaths {
    if (this.#store.inTransaction) return this.#read();
    const { data_version: version } = this.#store.get<{ data_version: number }>("PRAGMA data_version")!;
    if (this.#known === null || version !== this.#dataVersion) {
      this.#moved.clear();
      this.#dataVersion = version;
      this.#known = this.#read();
    }
    for (const path of this.#moved) {
      if (this.#store.get("SELECT 1 FROM baseline WHERE path = ?", path) === undefined) this.#known.remove(path);
      else this.#known.add(path);
    }
    this.#moved.clear();
    return this.#known;
  }

  #read(): PathSet {
    return new PathSet(this.#store.all<{ path: string }>("SELECT DISTINCT path FROM baseline").map(({ path }) => path));
  }
}
