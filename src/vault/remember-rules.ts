/**
 * The rules of this moment, made anew only when something that they are made of has moved: a look at one path must not cost what a
 * thousand protected paths cost.
 */

import { foldersApart, type GitIgnoring, type ProtectedPaths, RememberRules } from "../tree/index.ts";
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
  #made: (RulesOfNow & { others: string; protectedPaths: ProtectedPaths }) | null = null;

  constructor(parts: Pick<VaultParts, "tree" | "ports" | "config" | "protectedPaths">) {
    this.#parts = parts;
  }

  now(outerIgnores: OuterIgnores, { outerKey, tracked }: GitIgnoring): RulesOfNow {
    const { tree, ports, config, protectedPaths } = this.#parts;
    const { exclude, precious } = config().remember;
    const named = protectedPaths();
    const apart = foldersApart(tree, ports);
    const others = JSON.stringify([exclude, precious, outerKey, tracked, apart]);
    const key = `${others} ${named.key}`;
    // The protected paths are asked one by one: whatever moves among them, the rules stay.
    if (this.#made?.others === others && this.#made.protectedPaths === named) return { rules: this.#made.rules, key };
    const rules = new RememberRules({
      exclude,
      precious,
      protectedPaths: named,
      apart: new Set(apart),
      outerIgnores: [...outerIgnores],
      trackedIgnored: new Set(tracked),
      ignoreCase: ports.process.platform === "darwin",
    });
    this.#made = { rules, key, others, protectedPaths: named };
    return { rules, key };
  }
}
