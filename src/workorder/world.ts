/** What the way of an order needs around it. Wired once, in the composition root. */

import type { Ports, Store } from "../base/index.ts";
import type { Baselines, Membership } from "../component/index.ts";
import type { Actor, Ledger } from "../ledger/index.ts";
import type { Config, Tree } from "../tree/index.ts";
import type { Vault } from "../vault/index.ts";
import type { Journal } from "./journal.ts";
import type { OrderBook } from "./order-book.ts";
import type { Places } from "./target.ts";

export interface OrderWorld {
  ports: Ports;
  tree: Tree;
  /** The accepted configuration. */
  config(): Config;
  store: Store;
  ledger: Ledger;
  vault: Vault;
  book: OrderBook;
  journal: Journal;
  places: Places;
  baselines: Baselines;
  membership(): Membership;
  /** The branch that is checked out; `null` outside git or detached. */
  branch(): string | null;
}

/** Holdfast itself, where nobody else acts. */
export const EXECUTOR: Actor = { kind: "service", name: "wo_executor" };
