/** The verbs about living on a machine: stages and services. */

import type { CatalogEntry } from "./catalog-entry.ts";

export const HOME_VERBS: readonly CatalogEntry[] = [
  {
    name: "stage",
    area: "orders",
    about: "one stage of the pipeline, for launchers and services",
    load: async () => (await import("./verbs/stage.ts")).stage,
  },
];
