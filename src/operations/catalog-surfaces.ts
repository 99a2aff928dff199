/** The verbs by which others reach Holdfast, or are reached: the page, agents, alerts. */

import type { CatalogEntry } from "./catalog-entry.ts";

export const SURFACE_VERBS: readonly CatalogEntry[] = [
  {
    name: "dashboard",
    area: "housekeeping",
    about: "a link to the page",
    load: async () => (await import("./verbs/dashboard.ts")).dashboard,
  },
  {
    name: "alerts",
    area: "housekeeping",
    about: "which events are told to whom, and what waits",
    load: async () => (await import("./verbs/alerts.ts")).alerts,
  },
  {
    name: "alerts test",
    area: "housekeeping",
    about: "send a test through every channel",
    load: async () => (await import("./verbs/alerts-test.ts")).alertsTest,
  },
  {
    name: "mcp",
    area: "housekeeping",
    about: "serve a coding agent: diagnose, changes, status, restore, submit",
    load: async () => (await import("./verbs/mcp.ts")).mcp,
  },
  {
    name: "completion",
    area: "housekeeping",
    about: "verbs, options, ids and paths at Tab: bash, zsh, fish",
    load: async () => (await import("./verbs/completion.ts")).completion,
  },
];
