/** What alerts need of a house. */

import type { AlertsWorld } from "../alerts/index.ts";
import type { House } from "./house.ts";

export function alertsWorld({ store, ledger, ports, tree, config }: House): AlertsWorld {
  return {
    store,
    ledger,
    ports,
    place: { root: tree.root, host: ports.process.hostname() },
    rules: () => config().alerts,
  };
}
