/** What holds where `holdfast.yaml` says nothing, as far as it is more than a number. */

import type { Layout } from "./config.ts";

/** Made by tools, made again by tools, large. `.gitignore`'s syntax. */
export const DEFAULT_EXCLUDE: readonly string[] = [
  "node_modules",
  "dist",
  "build",
  "target",
  "coverage",
  ".next",
  ".nuxt",
  ".turbo",
  ".cache",
  ".gradle",
  ".venv",
  "venv",
  "__pycache__",
  ".pytest_cache",
  ".mypy_cache",
  ".tox",
  "*.pyc",
  "*.log",
  ".DS_Store",
];

/** Ignored by git, made by hand, and gone for good with one `git clean -fdx`. */
export const DEFAULT_PRECIOUS: readonly string[] = [".env*", "*.local.*", "*.sqlite*", "*.db"];

/** What `init --orders` writes, and what fills the gaps of a partial `layout:`. */
export const DEFAULT_LAYOUT: Readonly<Layout> = {
  inbox: "bridge/inbox",
  outbox: "bridge/outbox",
  archive: "bridge/archive",
  failed: "bridge/failed",
  state: "g/followup/state",
  dashboard: "apps/dashboard/data/followup.json",
  telemetry: "g/telemetry/unified.jsonl",
  mls: "mls/ledger",
  reports: "g/reports",
  logs: "logs",
};
