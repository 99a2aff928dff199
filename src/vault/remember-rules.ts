/**
 * The rules of this moment, made anew only when something that they are made of has moved: a look at one path must not cost what a
 * thousand protected paths cost.
 */

import type { TreePath } from "../base/index.ts";
import { foldersApart, type GitIgnoring, RememberRules } from "../tree/index.ts";
import type { VaultParts } from "./vault.ts";

export interface RulesOfNow {
  readonly rules: RememberRules;
  /** Of everything that they are made of. */
  readonly key: string;
}

/** The texts of ignore files outside the tree's folders, as `tree` gives them. */
type OuterIgnores = readonly { text: string; prefix: string }[];

export class RulesKeeper {
  readonly #parts: Pick<VaultParts, "tree" | "ports" | "config" | "protectedPaths">;
  #protected: { paths: readonly TreePath[]; key: string } = { paths: [], key: "[]" };
  #made: RulesOfNow | null = null;

  constructor(parts: Pick<VaultParts, "tree" | "ports" | "config" | "protectedPaths">) {
    this.#parts = parts;
  }

  now(outerIgnores: OuterIgnores, { outerKey, tracked }: GitIgnoring): RulesOfNow {
    const { tree, ports, config, protectedPaths } = this.#parts;
    const { exclude, precious } = config().remember;
    const paths = protectedPaths();
    if (paths !== this.#protected.paths) this.#protected = { paths, key: JSON.stringify(paths) };
    const apart = foldersApart(tree, ports);
    const others = JSON.stringify([exclude, precious, outerKey, tracked, apart]);
    const key = `${others.slice(0, -1)},${this.#protected.key}]`;
    if (this.#made?.key === key) return this.#made;
    const rules = new RememberRules({
      exclude,
      precious,
      protectedPaths: paths,
      apart: new Set(apart),
      outerIgnores: [...outerIgnores],
      trackedIgnored: new Set(tracked),
      ignoreCase: ports.process.platform === "darwin",
    });
    this.#made = { rules, key };
    return this.#made;
  }
}
