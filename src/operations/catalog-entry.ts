/** How a verb is introduced, before its code is loaded. */

import type { Operation } from "./operation.ts";

export type Area = "start" | "orders" | "protection" | "going back" | "vault" | "explaining" | "trees" | "housekeeping";

export interface CatalogEntry {
  readonly name: string;
  readonly area: Area;
  readonly first?: boolean;
  readonly about: string;
  load(): Promise<Operation>;
}
