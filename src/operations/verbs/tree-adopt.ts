/**
 * `holdfast tree adopt`: the canonical tree is that folder from now on. Its id, its ledger, its vault and its baselines follow.
 *
 * Asked before, on record after. What stood in the old place is in the vault before anything moves; what is otherwise in the new place is
 * drift like any other, and the guard treats it so.
 * Crash: the registry names the old root or the new one; the record of it is written when the verb runs again.
 */

import { resolve } from "node:path";
import { HoldfastError, printableLine, type TreePath } from "../../base/index.ts";
import { type ComparedCopy, compareCopy } from "../../component/index.ts";
import { lookedOfTree } from "../../guard/index.ts";
import type { LedgerRecord } from "../../ledger/index.ts";
import {
  CONFIG_FILE,
  findTree,
  listWorkspaces,
  relocate,
  type TowardCanonical,
  type Tree,
  towardCanonical,
} from "../../tree/index.ts";
import { applyDurably } from "../../workorder/index.ts";
import { compareWorld, treeOfCopy } from "../copy-at.ts";
import { connectToDaemon } from "../daemon-client.ts";
import { type House, openHouse } from "../house.ts";
import { type CallerContext, operation } from "../operation.ts";
import { refuseAgents } from "../refuse-agents.ts";
import { openWriter, type Writer } from "../writer.ts";

const ROWS_MAX = 10;

export const treeAdopt = operation({
  name: "tree adopt",
  about: "Make another folder the canonical tree: a copy, a worktree, or where the tree was moved to",
  effect: "none",
  input: (z) => z.strictObject({ dir: z.string().optional(), yes: z.boolean().default(false) }),
  command: {
    arguments: [{ name: "dir", about: "the folder (default: the one you are in)", optional: true }],
    options: [{ flags: "-y, --yes", about: "do not ask" }],
    examples: ["holdfast tree adopt ~/moved/mono", "holdfast tree adopt ../clone --yes"],
  },
  async run(context, { dir, yes }) {
    const { ports, actor } = context;
    refuseAgents(actor, "move the canonical tree");
    const start = dir === undefined ? context.located : await findTree(resolve(ports.process.cwd(), dir), ports);
    const toward = start === null ? null : await towardCanonical(start, ports);
    if (toward === null || toward.kind === "none")
      throw new HoldfastError("TREE_NOT_FOUND", `${toward?.root ?? "this folder"} is no copy of any tree`, {
        hint: "holdfast init makes it a tree of its own",
      });
    if (toward.kind === "canonical") return alreadyThere(toward.tree, context);
    await refuseBesideDaemon(toward.tree, context);
    const differences = await differencesOf(toward, context);
    const plan = {
      from: toward.tree.root,
      to: toward.root,
      standing: toward.kind,
      behind: toward.behind,
      components: differences,
    };
    if (!yes && !(await confirmed(plan, context))) return { adopted: false, ...plan, warnings: [] };
    const tree = await move(toward, context);
    const warnings = await settleIn(tree, { from: toward.tree.root, standing: toward.kind }, context);
    return { adopted: true, ...plan, warnings };
  },
  print({ adopted, from, to, warnings }, style) {
    if (!adopted)
      return from === to ? `${style.good("●")} ${printableLine(to)} is the canonical tree` : "nothing was changed";
    return [
      `${style.good("✓")} ${style.bold(printableLine(to))} is the canonical tree now; ledger, vault and baselines followed`,
      ...warnings.map((warning) => `${style.warn("!")} ${printableLine(warning)}`),
      style.dim("  holdfast up guards it from there; holdfast check says what differs from what was accepted"),
    ].join("\n");
  },
});

type Other = Extract<TowardCanonical, { kind: "workspace" | "copy" | "moved" }>;

/** A run before this one may have been cut off between the registry and the ledger. */
async function alreadyThere(tree: Tree, context: CallerContext) {
  const house = await openHouse(tree, context.ports, { readOnly: true });
  const root = lastRootOnRecord(house);
  house.close();
  const warnings =
    root === null || root === tree.root ? [] : await settleIn(tree, { from: root, standing: "moved" }, context);
  return {
    adopted: false,
    from: tree.root,
    to: tree.root,
    standing: "canonical" as const,
    behind: 0,
    components: null,
    warnings,
  };
}

function lastRootOnRecord({ ledger }: House): string | null {
  for (const record of ledger.read({ events: ["tree.adopted", "tree.initialized"], newestFirst: true, limit: 1 })) {
    return record.event === "tree.adopted"
      ? (record as LedgerRecord<"tree.adopted">).data.to
      : (record as LedgerRecord<"tree.initialized">).data.root;
  }
  return null;
}

async function refuseBesideDaemon(tree: Tree, { ports }: CallerContext): Promise<void> {
  const client = await connectToDaemon(tree, ports);
  if (client === null) return;
  const { pid } = client.hello;
  client.close();
  throw new HoldfastError("DAEMON_RUNNING", `holdfast up (pid ${pid}) guards ${tree.root}`, {
    hint: `end it (kill ${pid}), then run this again`,
    data: { pid },
  });
}

/** What the guard will have to say of the new place; `null` when the old one is gone and there is nothing to compare with. */
async function differencesOf(toward: Other, { ports }: CallerContext) {
  if (toward.kind === "moved") return null;
  const house = await openHouse(toward.tree, ports, { readOnly: true });
  try {
    return (await compareCopy(treeOfCopy(toward, ports), false, compareWorld(house))).map(summaryOf);
  } finally {
    house.close();
  }
}

function summaryOf({ component, same, differences }: ComparedCopy) {
  const paths = differences.filter(({ kind }) => kind !== "only-there").map(({ path, kind }) => ({ path, kind }));
  return { name: component ?? "", same, differing: paths.length, paths: paths.slice(0, ROWS_MAX) };
}

/** Never guessed: without a terminal somebody has to have said it. */
async function confirmed(
  { from, to, components }: { from: string; to: string; components: ReturnType<typeof summaryOf>[] | null },
  { ports }: CallerContext,
): Promise<boolean> {
  if (!ports.process.stdinIsTerminal)
    throw new HoldfastError("TREE_ADOPT_ASKS", "the canonical tree is only moved when somebody says so", {
      hint: "run it on a terminal, or add --yes",
    });
  const { confirm, isCancel } = await import("@clack/prompts");
  const differing = (components ?? []).filter((one) => one.differing > 0);
  const rows = differing.map(
    ({ name, differing: count, paths }) => `  ${name}: ${count} differ, ${paths[0]!.path} is ${paths[0]!.kind} there`,
  );
  const lines = [`${from} → ${to}`, ...rows, "Move the canonical tree there?"].map(printableLine);
  const answer = await confirm({ message: lines.join("\n"), initialValue: false });
  return !isCancel(answer) && answer;
}

async function move({ kind, tree, root }: Other, { ports, progress }: CallerContext): Promise<Tree> {
  if (kind === "moved") return relocate(tree.id, root, ports);
  const writer = await openWriter(tree, ports, { command: "holdfast tree adopt" });
  try {
    await writer.house.vault.remember({ progress });
    await writer.projector.flush();
    return await relocate(tree.id, root, ports);
  } finally {
    await writer.close();
  }
}

async function settleIn(
  tree: Tree,
  { from, standing }: { from: string; standing: Other["kind"] },
  { ports, actor, progress }: CallerContext,
): Promise<string[]> {
  const writer = await openWriter(tree, ports, { command: "holdfast tree adopt" });
  try {
    const { house } = writer;
    house.store.transaction(() => {
      const data = { from, to: tree.root, standing };
      house.ledger.append({
        event: "tree.adopted",
        actor,
        data,
        summary: `${tree.root} is the canonical tree now; it was ${from}`,
      });
      forgetOldRoot(house);
    });
    for (const { name } of house.vault.workspaces().filter(({ until }) => until === null))
      if (!listWorkspaces(tree, ports).some((one) => one.name === name) && (await isItself(name, tree, house)))
        await house.vault.endWorkspace(name, () => {});
    await bringConfiguration(writer);
    await house.vault.remember({ progress });
    await writer.projector.rebuild();
    return warningsOf(tree, ports);
  } finally {
    await writer.close();
  }
}

/** Another folder than the one that was guarded stands at the root, rightly. */
function forgetOldRoot({ store }: House): void {
  const looked = lookedOfTree(store);
  const last = looked.load();
  if (last !== null) looked.save({ ...last, root: null });
}

/** A worktree that became the tree is no workspace any more. */
async function isItself(name: string, { git }: Tree, { ports }: House): Promise<boolean> {
  if (git === null) return false;
  const own = ports.disk.lstat(git.gitDir);
  const named = ports.disk.lstat(`${git.commonDir}/worktrees/${name}`);
  return own !== null && named !== null && own.ino === named.ino && own.dev === named.dev;
}

/** An older copy may not have it; one that is there stays, and waits to be accepted. */
async function bringConfiguration({ house, engine }: Writer): Promise<void> {
  const { effects } = await house.vault.planRestore({ paths: [CONFIG_FILE as TreePath], from: "last-present" });
  const changes = effects.filter(({ before }) => before.kind === "absent");
  if (changes.length > 0) await applyDurably({ changes, onForeign: "keep" }, house).finally(() => engine.settle());
}

function warningsOf(tree: Tree, { process }: CallerContext["ports"]): string[] {
  const named = process.env("LUKA_SOT");
  return named && named !== tree.root ? [`LUKA_SOT still names ${named}`] : [];
}
