/**
 * What somebody who hands in an order of his own making has to put on record with it, in the order's very commits.
 *
 * Known to this process only: after a crash he looks himself what became of it. A commit that fails runs again, and so does this.
 */

import type { TargetPath } from "./change-set.ts";
import type { OrderRow } from "./order-row.ts";

export interface Beside {
  /** Kept in the vault by the commit that takes the order in. */
  readonly bytes: readonly Uint8Array[];
  /** In that commit, before the order's own record. */
  taken(): void;
  /** In the commit that ends it; `changed`: what it brought about. Not called for an order that somebody cancels while it waits. */
  over(row: OrderRow, changed: readonly TargetPath[]): void;
}
