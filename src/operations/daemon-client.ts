/** The way to a tree's daemon, when there is one. */

import type { Ports } from "../base/index.ts";
import { type Client, connect } from "../protocol/index.ts";
import { proveSocketFolder, type Tree } from "../tree/index.ts";
import { readHolder } from "./holder.ts";

/** `null`: no daemon runs. `DAEMON_WEDGED` names the one that holds the tree and does not answer. */
export async function connectToDaemon(tree: Tree, ports: Ports): Promise<Client | null> {
  // The ordinary case without a daemon costs a look, not the loading of a network library.
  if (ports.disk.lstat(tree.state.socket) === null) return null;
  proveSocketFolder(tree.state, ports.disk);
  const holder = readHolder(tree, ports);
  return connect(tree.state.socket, { ports, ...(holder ? { holderPid: holder.pid } : {}) });
}
