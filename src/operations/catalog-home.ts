/** The verbs about living on a machine: stages and services. */

import type { CatalogEntry } from "./catalog-entry.ts";

export const HOME_VERBS: readonly CatalogEntry[] = [
  {
    name: "stage",
    area: "orders",
    about: "one stage of the pipeline, for launchers and services",
    load: async () => (await import("./verbs/stage.ts")).stage,
  },
  {
    name: "service install",
    area: "housekeeping",
    about: "let the operating system run it: launchd, or systemd's user manager",
    load: async () => (await import("./verbs/service-install.ts")).serviceInstall,
  },
  {
    name: "service uninstall",
    area: "housekeeping",
    about: "take its services away again",
    load: async () => (await import("./verbs/service-uninstall.ts")).serviceUninstall,
  },
  {
    name: "service status",
    area: "housekeeping",
    about: "do the services run, and does what they start exist",
    load: async () => (await import("./verbs/service-status.ts")).serviceStatus,
  },
];
