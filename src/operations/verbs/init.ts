/**
 * `holdfast init`: makes a folder a tree. Looks first, says what it will do, asks on a terminal, then remembers everything.
 *
 * Idempotent. Crash: at worst a registered tree whose configuration is not accepted yet; the next `init` goes on from there.
 */

import { isAbsolute, join } from "node:path";
import { HoldfastError, humanDuration, type Ports } from "../../base/index.ts";
import {
  CONFIG_FILE,
  type Config,
  configForInit,
  findTree,
  makeFolders,
  orderPlaces,
  parseConfig,
  register,
  type Tree,
} from "../../tree/index.ts";
import { type CallerContext, operation } from "../operation.ts";
import { readConfigText } from "../read-config.ts";
import { type Survey, survey } from "../survey.ts";
import { openWriter, type Writer } from "../writer.ts";

export const init = operation({
  name: "init",
  commandLineOnly: true,
  about: "Make a folder a tree: show what will be done, then remember everything in it",
  effect: "none",
  input: (z) =>
    z.strictObject({
      dir: z.string().optional(),
      orders: z.boolean().default(false),
      yes: z.boolean().default(false),
    }),
  command: {
    arguments: [
      { name: "dir", about: "the folder (default: the git checkout around this one, else this one)", optional: true },
    ],
    options: [
      { flags: "--orders", about: "with inboxes for work orders" },
      { flags: "-y, --yes", about: "do not ask" },
    ],
    examples: ["holdfast init", "holdfast init ~/mono --orders --yes"],
  },
  async run(context, { dir, orders, yes }) {
    const { ports } = context;
    const root = await rootOf(dir, ports);
    const text = readConfigText({ root } as Tree, ports.disk);
    const branch = branchAt(root, ports);
    const written = text ?? configForInit({ orders, branch });
    const config = parseConfig(written);
    const found = await survey(root, config, ports);
    context.emit({ survey: found, config: { isNew: text === null, keepBytes: config.remember.keep.sizeBytes } });
    if (!yes && (await refused(context))) return notDone(found);
    const tree = await register(root, ports);
    if (text === null) writeNew(join(root, CONFIG_FILE), written, ports);
    const writer = await openWriter(tree, ports, { command: "holdfast init" });
    try {
      return await settleIn(writer, { found, written, config, orders }, context);
    } finally {
      await writer.close();
    }
  },
  print(output, style) {
    if (!output.initialized) return "nothing was written";
    const { remembered, warnings, root } = output;
    return [
      `${style.good("✓")} remembered ${remembered.files.toLocaleString("en")} files in ${humanDuration(remembered.elapsedMs)}`,
      ...warnings.map((warning) => `${style.warn("!")} ${warning}`),
      style.dim(`  ${root}: holdfast up keeps watch; holdfast status says how it stands`),
    ].join("\n");
  },
});

async function rootOf(dir: string | undefined, ports: Ports): Promise<string> {
  const start = dir === undefined ? ports.process.cwd() : isAbsolute(dir) ? dir : join(ports.process.cwd(), dir);
  const located = await findTree(start, ports);
  switch (located.standing) {
    case "canonical":
      return dir === undefined ? located.tree.root : ports.disk.realpath(start);
    case "workspace":
      throw new HoldfastError(
        "TREE_UNSUITABLE",
        `${located.root} is a workspace (a git worktree) of ${located.tree.root}`,
        { hint: `holdfast init ${located.tree.root}` },
      );
    case "copy":
      throw new HoldfastError(
        "TREE_IS_COPY",
        `${located.root} is a copy of ${located.of[0]!.root}, which is the canonical tree`,
        { data: { copy: located.root, canonical: located.of[0]!.root } },
      );
    case "moved":
      throw new HoldfastError("TREE_MOVED", `${located.root} was registered as ${located.from.root}`, {
        hint: `holdfast tree adopt ${located.root}, or move it back`,
      });
    case "none":
      return dir === undefined ? located.nearest : ports.disk.realpath(start);
  }
}

function branchAt(root: string, { git }: Ports): string | null {
  const location = git.locate(root);
  return location === null ? null : git.head(location).branch;
}

/** Asks on a terminal only. */
async function refused({ ports }: CallerContext): Promise<boolean> {
  if (!ports.process.stdinIsTerminal) return false;
  const { confirm, isCancel } = await import("@clack/prompts");
  const answer = await confirm({ message: "Proceed?" });
  return isCancel(answer) || !answer;
}

function notDone(found: Survey) {
  return {
    initialized: false as const,
    root: found.root,
    survey: found,
    remembered: { files: 0, bytes: 0, elapsedMs: 0, skipped: 0 },
    warnings: [] as string[],
  };
}

function writeNew(path: string, text: string, { disk }: Ports): void {
  const fd = disk.createNew(path, 0o644);
  try {
    disk.write(fd, Buffer.from(text), null);
    disk.fsync(fd);
  } finally {
    disk.close(fd);
  }
}

async function settleIn(
  { house, projector }: Writer,
  { found, written, config, orders }: { found: Survey; written: string; config: Config; orders: boolean },
  { actor, ports, progress }: CallerContext,
) {
  const isNew = house.configuration.acceptedDigest() === null;
  const warnings: string[] = [];
  if (isNew) await house.configuration.accept(written, actor);
  else if (orders && house.config().layout === null)
    warnings.push(
      `this tree has no inboxes yet: add \`layout: {}\` to ${CONFIG_FILE}, then: holdfast accept ${CONFIG_FILE}`,
    );
  const remembered = await house.vault.remember({ progress });
  if (isNew) {
    house.store.transaction(() =>
      house.ledger.append({
        event: "tree.initialized",
        actor,
        data: { root: found.root, treeId: house.tree.id, rememberedFiles: remembered.files, bytes: remembered.bytes },
        summary: `${found.root} is a tree now: ${remembered.files} files remembered`,
      }),
    );
  }
  const places = orderPlaces(house.tree, config);
  for (const agent of places === null ? [] : Object.keys(config.agents))
    makeFolders(ports.disk, join(places!.inbox, agent), 0o755);
  await projector.rebuild();
  for (const { path, why } of remembered.skipped.slice(0, 5)) warnings.push(`not remembered: ${path} (${why})`);
  if (remembered.skipped.length > 5)
    warnings.push(`… and ${remembered.skipped.length - 5} more are not remembered  → holdfast snapshot --json`);
  const { files, bytes, elapsedMs, skipped } = remembered;
  return {
    initialized: true as const,
    root: found.root,
    survey: found,
    remembered: { files, bytes, elapsedMs, skipped: skipped.length },
    warnings,
  };
}
