/**
 * Every verb: where it lives and how it is introduced. A verb's code is loaded when it is called; only this table is always there.
 *
 * `first`: shown first by `holdfast --help`, in this order.
 */

import { BACK_VERBS } from "./catalog-back.ts";
import type { CatalogEntry } from "./catalog-entry.ts";
import { HOME_VERBS } from "./catalog-home.ts";
import { HOOK_ENTRIES } from "./catalog-hooks.ts";
import { SURFACE_VERBS } from "./catalog-surfaces.ts";
import { TREE_VERBS } from "./catalog-trees.ts";
import type { Operation } from "./operation.ts";
import { PARTS } from "./parts.ts";

export const CATALOG: readonly CatalogEntry[] = [
  {
    name: "init",
    area: "start",
    first: true,
    about: "make a folder a tree: remember everything in it",
    load: async () => (await import("./verbs/init.ts")).init,
  },
  {
    name: "up",
    area: "start",
    first: true,
    about: "run orders and keep watch, in the foreground",
    load: async () => (await import("./verbs/up.ts")).up,
  },
  {
    name: "status",
    area: "start",
    first: true,
    about: "is everything as it should be",
    load: async () => (await import("./verbs/status.ts")).status,
  },
  {
    name: "protect",
    area: "protection",
    first: true,
    about: "make a component of some paths: what is there now must stay",
    load: async () => (await import("./verbs/protect.ts")).protect,
  },
  {
    name: "accept",
    area: "protection",
    first: true,
    about: "make the present state the baseline",
    load: async () => (await import("./verbs/accept.ts")).accept,
  },
  {
    name: "diagnose",
    area: "explaining",
    first: true,
    about: "what became of it: never there, worked and then broke, moved",
    load: async () => (await import("./verbs/diagnose.ts")).diagnose,
  },
  {
    name: "forensics",
    area: "explaining",
    about: "what happened in a window of time, and the likely cause",
    load: async () => (await import("./verbs/forensics.ts")).forensics,
  },
  {
    name: "restore",
    area: "vault",
    first: true,
    about: "put paths back as the vault remembers them",
    load: async () => (await import("./verbs/restore.ts")).restore,
  },
  {
    name: "submit",
    area: "orders",
    first: true,
    about: "take a work order",
    load: async () => (await import("./verbs/submit.ts")).submit,
  },
  {
    name: "history",
    area: "explaining",
    first: true,
    about: "what changed, and when",
    load: async () => (await import("./verbs/history.ts")).history,
  },
  {
    name: "slo",
    area: "explaining",
    about: "uptime, detection and recovery times, measured",
    load: async () => (await import("./verbs/slo.ts")).slo,
  },
  ...SURFACE_VERBS,
  {
    name: "doctor",
    area: "housekeeping",
    about: "what is wrong with the installation, and the command that fixes it",
    load: async () => (await import("./verbs/doctor.ts")).doctor,
  },
  {
    name: "wo list",
    area: "orders",
    about: "orders, by priority and arrival",
    load: async () => (await import("./verbs/wo-list.ts")).woList,
  },
  {
    name: "wo show",
    area: "orders",
    about: "one order, its checks and what to do next",
    load: async () => (await import("./verbs/wo-show.ts")).woShow,
  },
  {
    name: "wo approve",
    area: "orders",
    about: "let a held order run its commands",
    load: async () => (await import("./verbs/wo-approve.ts")).woApprove,
  },
  {
    name: "wo cancel",
    area: "orders",
    about: "end an order that is not over",
    load: async () => (await import("./verbs/wo-cancel.ts")).woCancel,
  },
  {
    name: "wo retry",
    area: "orders",
    about: "try a failed order again",
    load: async () => (await import("./verbs/wo-retry.ts")).woRetry,
  },
  {
    name: "wo complete",
    area: "orders",
    about: "say how a routed order ended",
    load: async () => (await import("./verbs/wo-complete.ts")).woComplete,
  },
  {
    name: "canary",
    area: "orders",
    about: "send a tiny order the whole way",
    load: async () => (await import("./verbs/canary.ts")).canary,
  },
  {
    name: "components",
    area: "protection",
    about: "what is protected, and whether it is as accepted",
    load: async () => (await import("./verbs/components.ts")).components,
  },
  {
    name: "check",
    area: "protection",
    about: "compare everything that must hold, now",
    load: async () => (await import("./verbs/check.ts")).check,
  },
  {
    name: "repair",
    area: "protection",
    about: "put back what drifted",
    load: async () => (await import("./verbs/repair.ts")).repair,
  },
  {
    name: "incidents",
    area: "protection",
    about: "what went wrong lately",
    load: async () => (await import("./verbs/incidents.ts")).incidents,
  },
  {
    name: "incidents show",
    area: "protection",
    about: "one incident, whole",
    load: async () => (await import("./verbs/incidents-show.ts")).incidentsShow,
  },
  {
    name: "incidents dismiss",
    area: "protection",
    about: "let an incident be",
    load: async () => (await import("./verbs/incidents-dismiss.ts")).incidentsDismiss,
  },
  {
    name: "maintenance begin",
    area: "protection",
    about: "announce changes",
    load: async () => (await import("./verbs/maintenance-begin.ts")).maintenanceBegin,
  },
  {
    name: "maintenance end",
    area: "protection",
    about: "judge, accept or put back what changed",
    load: async () => (await import("./verbs/maintenance-end.ts")).maintenanceEnd,
  },
  {
    name: "pause",
    area: "protection",
    about: "keep the guard quiet for a while",
    load: async () => (await import("./verbs/pause.ts")).pause,
  },
  {
    name: "snapshot",
    area: "vault",
    about: "remember everything now, and name the state",
    load: async () => (await import("./verbs/snapshot.ts")).snapshot,
  },
  {
    name: "snapshots",
    area: "vault",
    about: "named states",
    load: async () => (await import("./verbs/snapshots.ts")).snapshots,
  },
  {
    name: "versions",
    area: "vault",
    about: "every remembered state of a path",
    load: async () => (await import("./verbs/versions.ts")).versions,
  },
  {
    name: "diff",
    area: "vault",
    about: "what differs between a snapshot and the tree",
    load: async () => (await import("./verbs/diff.ts")).diff,
  },
  {
    name: "vault verify",
    area: "vault",
    about: "read every byte and compare it with its digest",
    load: async () => (await import("./verbs/vault-verify.ts")).vaultVerify,
  },
  {
    name: "vault stats",
    area: "vault",
    about: "what the vault holds and costs",
    load: async () => (await import("./verbs/vault-stats.ts")).vaultStats,
  },
  {
    name: "vault prune",
    area: "vault",
    about: "let go of old versions",
    load: async () => (await import("./verbs/vault-prune.ts")).vaultPrune,
  },
  {
    name: "forget",
    area: "vault",
    about: "remove a leaked secret from the vault",
    load: async () => (await import("./verbs/forget.ts")).forget,
  },
  ...TREE_VERBS,
  ...BACK_VERBS,
  {
    name: "ledger verify",
    area: "housekeeping",
    about: "prove the record",
    load: async () => (await import("./verbs/ledger-verify.ts")).ledgerVerify,
  },
  {
    name: "ledger export",
    area: "housekeeping",
    about: "the record as JSONL",
    load: async () => (await import("./verbs/ledger-export.ts")).ledgerExport,
  },
  ...HOME_VERBS,
  ...HOOK_ENTRIES,
  {
    name: "drill",
    area: "explaining",
    about: "prove the promise on this machine, in a scratch copy",
    load: async () => (await import("./verbs/drill.ts")).drill,
  },
  {
    name: "uninstall",
    area: "housekeeping",
    about: "leave this tree; vault and ledger stay",
    load: async () => (await import("./verbs/uninstall.ts")).uninstall,
  },
];

export async function findOperation(name: string): Promise<Operation | null> {
  return (await [...CATALOG, ...PARTS].find((entry) => entry.name === name)?.load()) ?? null;
}
