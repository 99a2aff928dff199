/** The verbs that go back on purpose, as the command line lists them. */

import type { CatalogEntry } from "./catalog-entry.ts";

export const BACK_VERBS: readonly CatalogEntry[] = [
  {
    name: "exec",
    area: "going back",
    first: true,
    about: "run a command that must not take what is protected",
    load: async () => (await import("./verbs/exec.ts")).exec,
  },
  {
    name: "rollback",
    area: "going back",
    about: "go back on purpose: a script, an order, a snapshot, a time",
    load: async () => (await import("./verbs/rollback.ts")).rollback,
  },
  {
    name: "rollback scan",
    area: "going back",
    about: "what a script would do",
    load: async () => (await import("./verbs/rollback-scan.ts")).rollbackScan,
  },
  {
    name: "rollback adopt",
    area: "going back",
    about: "make a script protected however it is started",
    load: async () => (await import("./verbs/rollback-adopt.ts")).rollbackAdopt,
  },
  {
    name: "undo",
    area: "going back",
    about: "take back what a session, or the last act, did",
    load: async () => (await import("./verbs/undo.ts")).undo,
  },
];
