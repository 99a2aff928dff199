/** Puts the installation or removal of a hook on record in every tree of this user: hooks are the user's, ledgers are a tree's. */

import { HoldfastError, isSystemError, LIMITS, type Ports } from "../base/index.ts";
import { OWN } from "../component/index.ts";
import type { HookPlan } from "../hooks/index.ts";
import type { Actor } from "../ledger/index.ts";
import { listTrees, type Tree } from "../tree/index.ts";
import type { House } from "./house.ts";

export interface HookNote {
  readonly actor: Actor;
  readonly action: HookPlan["action"];
  readonly target: string;
  readonly file: string;
  readonly settings: string[];
}

export function noteHook(
  { actor, action, target, file, settings }: HookNote,
  { store, ledger }: Pick<House, "store" | "ledger">,
): void {
  const event = action === "install" ? "hook.installed" : "hook.removed";
  const summary = `hook ${target} ${action === "install" ? "installed into" : "removed from"} ${file}`;
  store.transaction(() => ledger.append({ event, actor, component: OWN, data: { target, file, settings }, summary }));
}

/** The roots of the trees where it could not be put on record. */
export async function noteHookEverywhere(
  { changes, target, action }: HookPlan,
  actor: Actor,
  ports: Ports,
): Promise<string[]> {
  const [first] = changes;
  if (first === undefined) return [];
  const note = { actor, action, target, file: first.file, settings: changes.map(({ setting }) => setting) };
  const unheard: string[] = [];
  for (const tree of await listTrees(ports)) {
    if (ports.disk.lstat(tree.root) === null || ports.disk.lstat(tree.state.db) === null) continue;
    try {
      await noteIn(tree, note, ports);
    } catch (error) {
      if (!(error instanceof HoldfastError) && !isSystemError(error)) throw error;
      unheard.push(tree.root);
    }
  }
  return unheard;
}

async function noteIn(tree: Tree, note: HookNote, ports: Ports): Promise<void> {
  const { connectToDaemon } = await import("./daemon-client.ts");
  const client = await connectToDaemon(tree, ports);
  if (client !== null) {
    try {
      await client.call("note-hook", note, { timeoutMs: LIMITS.requestTimeoutMs });
    } finally {
      client.close();
    }
    return;
  }
  const { openWriter } = await import("./writer.ts");
  const writer = await openWriter(tree, ports, { command: "holdfast hooks", waitMs: LIMITS.connectTimeoutMs });
  try {
    noteHook(note, writer.house);
  } finally {
    await writer.close();
  }
}
