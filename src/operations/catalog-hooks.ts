/** The verbs that hook Holdfast into agents, git and shells, as the command line lists them. */

import type { CatalogEntry } from "./catalog-entry.ts";

export const HOOK_ENTRIES: readonly CatalogEntry[] = [
  {
    name: "hooks install",
    area: "housekeeping",
    about: "let agents ask first, and git say who did what",
    load: async () => (await import("./verbs/hooks-install.ts")).hooksInstall,
  },
  {
    name: "hooks remove",
    area: "housekeeping",
    about: "take a hook out again",
    load: async () => (await import("./verbs/hooks-remove.ts")).hooksRemove,
  },
  {
    name: "hooks status",
    area: "housekeeping",
    about: "what is hooked in, and whether it works",
    load: async () => (await import("./verbs/hooks-status.ts")).hooksStatus,
  },
  {
    name: "hooks shell",
    area: "housekeeping",
    about: "for eval: a shell's git, rsync, rm, mv, protected",
    load: async () => (await import("./verbs/hooks-shell.ts")).hooksShell,
  },
];
