/** A workspace as the vault sees it: met, opened, remembered once. The same with a daemon and without. */

import { join } from "node:path";
import { LIMITS } from "../../base/index.ts";
import { isAtOrBelow, listWorkspaces, makeFolders, type Tree, type Workspace } from "../../tree/index.ts";
import type { Vault } from "../../vault/index.ts";
import { lookedOfWorkspace } from "../looked.ts";
import { GUARD, type GuardWorld } from "../world.ts";

type MeetWorld = Pick<GuardWorld, "vault" | "store" | "ledger" | "ports" | "tree">;

/** From now on it lives, and stands there. */
export async function meet({ name, root }: Pick<Workspace, "name" | "root">, world: MeetWorld): Promise<void> {
  const { vault, store, ledger } = world;
  const looked = lookedOfWorkspace(store, name);
  await vault.beginWorkspace(name, root, (fork) => {
    looked.begin(root);
    const summary = `workspace ${name} (${root}) is remembered from now on`;
    ledger.append({ event: "tree.workspace-met", actor: GUARD, data: { name, root, fork }, summary });
  });
  if (looked.root() === null) looked.begin(root);
  else if (looked.root() !== root) looked.moved(root);
}

/** The tree as it is in the workspace, or in another folder for what the workspace had: a root of its own, the same state folder. */
export function treeAt(name: string, root: string, { tree, ports }: Pick<MeetWorld, "tree" | "ports">): Tree {
  const folder = join(tree.state.dir, "workspaces", name);
  makeFolders(ports.disk, folder, 0o700);
  return {
    ...tree,
    root,
    git: ports.git.locate(root),
    state: { ...tree.state, signatures: join(folder, "signatures") },
  };
}

/**
 * Every workspace that is there, by a look at all of it, where no daemon has watched them: the one that somebody stands in first, then as
 * many as there is time for.
 */
export async function rememberWorkspaces(world: MeetWorld): Promise<void> {
  const { clock, process, log } = world.ports;
  const untilMs = clock.monotonicMs() + LIMITS.workspacesRememberMsMax;
  const isHere = ({ root }: Workspace) => isAtOrBelow(process.cwd(), root);
  const there = listWorkspaces(world.tree, world.ports).filter(({ isThere }) => isThere);
  for (const workspace of there.sort((a, b) => Number(isHere(b)) - Number(isHere(a)))) {
    const { name, root } = workspace;
    if (!isHere(workspace) && clock.monotonicMs() > untilMs) {
      log.warn("a workspace was not remembered: there was no time for it", { name, root });
      continue;
    }
    await meet({ name, root }, world);
    const vault: Vault = world.vault.workspace(name, treeAt(name, root, world));
    try {
      await vault.remember({});
    } finally {
      vault.close();
    }
  }
}
