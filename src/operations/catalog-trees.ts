/** The verbs about one source of truth: which tree is canonical, and what else there is of it. */

import type { CatalogEntry } from "./catalog-entry.ts";

export const TREE_VERBS: readonly CatalogEntry[] = [
  {
    name: "tree which",
    area: "trees",
    about: "which tree is canonical, and how far this folder is from it",
    load: async () => (await import("./verbs/tree-which.ts")).treeWhich,
  },
  {
    name: "tree list",
    area: "trees",
    about: "every working copy of this project on this machine",
    load: async () => (await import("./verbs/tree-list.ts")).treeList,
  },
  {
    name: "tree compare",
    area: "trees",
    about: "how a copy differs from the canonical tree",
    load: async () => (await import("./verbs/tree-compare.ts")).treeCompare,
  },
  {
    name: "tree adopt",
    area: "trees",
    about: "make another folder the canonical tree",
    load: async () => (await import("./verbs/tree-adopt.ts")).treeAdopt,
  },
];
