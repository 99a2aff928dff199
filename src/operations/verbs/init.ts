/**
 * `holdfast init`: makes a folder a tree. Looks first, says what it will do, asks on a terminal, then remembers everything.
 *
 * Idempotent. Crash: at worst a registered tree whose configuration is not accepted yet; the next `init` goes on from there.
 */

import { isAbsolute, join } from "node:path";
import { HoldfastError, humanDuration, type Ports } from "../../base/index.ts";
import type { Actor } from "../../ledger/index.ts";
import {
  CONFIG_FILE,
  type Config,
  configForInit,
  findTree,
  makeFolders,
  orderPlaces,
  type Preset,
  parseConfig,
  register,
  type Tree,
} from "../../tree/index.ts";
import { noteForAgents, noteLines } from "../agents-note.ts";
import { takeFirstBaselines } from "../first-baselines.ts";
import { type CallerContext, operation } from "../operation.ts";
import { pointingNowhere } from "../pointing-nowhere.ts";
import { readConfigText } from "../read-config.ts";
import { presetLines, settlePreset } from "../settle-preset.ts";
import { type Survey, survey } from "../survey.ts";
import { installServices } from "../tree-services.ts";
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
      preset: z.enum(["02luka"]).optional(),
      replace: z.boolean().default(false),
      agentsNote: z.boolean().default(false),
      yes: z.boolean().default(false),
    }),
  command: {
    arguments: [
      { name: "dir", about: "the folder (default: the git checkout around this one, else this one)", optional: true },
    ],
    options: [
      { flags: "--orders", about: "with inboxes for work orders" },
      {
        flags: "--preset <name>",
        about: "02luka: inboxes, the components, launchers and services of that kind of tree",
      },
      {
        flags: "--replace",
        about: "with a preset: launchers take the place of files that are there (those go to the vault)",
      },
      { flags: "--agents-note", about: "add a paragraph for agents to AGENTS.md and CLAUDE.md" },
      { flags: "-y, --yes", about: "do not ask" },
    ],
    examples: ["holdfast init", "holdfast init ~/mono --orders --yes", "holdfast init ~/02luka --preset 02luka"],
  },
  async run(context, { dir, orders, preset, replace, agentsNote, yes }) {
    const { ports } = context;
    const root = await rootOf(dir, ports);
    const text = readConfigText({ root } as Tree, ports.disk);
    const branch = branchAt(root, ports);
    const wish: Wish = { orders, preset: preset ?? null, replace };
    const written = text ?? configForInit({ ...wish, branch });
    const config = parseConfig(written);
    const found = await survey(root, config, ports);
    const keepBytes = config.remember.keep.sizeBytes;
    context.emit({ survey: found, config: { isNew: text === null, keepBytes, preset: wish.preset } });
    if (!yes && (await refused(context))) return notDone(found);
    const tree = await register(root, ports);
    if (text === null) writeNew(join(root, CONFIG_FILE), written, ports);
    const writer = await openWriter(tree, ports, { command: "holdfast init" });
    let settled: Awaited<ReturnType<typeof settleIn>> & { agentsNote: Awaited<ReturnType<typeof noteForAgents>> };
    try {
      const done = await settleIn(writer, { found, written, config, wish }, context);
      settled = { ...done, agentsNote: await noteForAgents(writer, agentsNote, context.actor) };
    } finally {
      await writer.close();
    }
    // They want the lock themselves.
    if (settled.preset === null || settled.preset.services === null) return settled;
    const services = await installServices(tree, writer.house.config(), STARTED, ports);
    return { ...settled, preset: { ...settled.preset, services } };
  },
  print(output, style) {
    if (!output.initialized) return "nothing was written";
    const { remembered, warnings, root, preset, agentsNote } = output;
    return [
      `${style.good("✓")} remembered ${remembered.files.toLocaleString("en")} files in ${humanDuration(remembered.elapsedMs)}`,
      ...(preset === null ? [] : presetLines(preset, style)),
      ...warnings.map((warning) => `${style.warn("!")} ${warning}`),
      ...noteLines(agentsNote, style),
      style.dim(`  ${root}: holdfast up keeps watch; holdfast status says how it stands`),
    ].join("\n");
  },
});

const STARTED = { split: true, start: true, replace: false };

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
    preset: null,
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

interface Wish {
  readonly orders: boolean;
  readonly preset: Preset | null;
  readonly replace: boolean;
}

async function settleIn(
  writer: Writer,
  { found, written, config, wish }: { found: Survey; written: string; config: Config; wish: Wish },
  { actor, ports, progress }: CallerContext,
) {
  const { house, projector } = writer;
  const isNew = house.configuration.acceptedDigest() === null;
  const warnings: string[] = [];
  if (isNew) await house.configuration.accept(written, actor);
  else if (wish.orders && wish.preset === null && house.config().layout === null)
    warnings.push(
      `this tree has no inboxes yet: add \`layout: {}\` to ${CONFIG_FILE}, then: holdfast accept ${CONFIG_FILE}`,
    );
  const remembered = await house.vault.remember({ progress });
  if (isNew) noteBegin(house, found.root, { files: remembered.files, bytes: remembered.bytes, actor });
  const preset =
    wish.preset === null ? null : await settlePreset(wish.preset, writer, { actor, replace: wish.replace });
  await takeFirstBaselines(house, { actor });
  const places = orderPlaces(house.tree, preset === null ? config : house.config());
  for (const agent of places === null ? [] : Object.keys(house.config().agents))
    makeFolders(ports.disk, join(places!.inbox, agent), 0o755);
  await projector.rebuild();
  warnings.push(...(await pointingNowhere(house)), ...notRemembered(remembered.skipped));
  const { files, bytes, elapsedMs, skipped } = remembered;
  return {
    initialized: true as const,
    root: found.root,
    survey: found,
    remembered: { files, bytes, elapsedMs, skipped: skipped.length },
    preset,
    warnings,
  };
}

function noteBegin(
  { store, ledger, tree }: Writer["house"],
  root: string,
  { files, bytes, actor }: { files: number; bytes: number; actor: Actor },
): void {
  store.transaction(() =>
    ledger.append({
      event: "tree.initialized",
      actor,
      data: { root, treeId: tree.id, rememberedFiles: files, bytes },
      summary: `${root} is a tree now: ${files} files remembered`,
    }),
  );
}

function notRemembered(skipped: readonly { path: string; why: string }[]): string[] {
  const lines = skipped.slice(0, SKIPPED_SHOWN).map(({ path, why }) => `not remembered: ${path} (${why})`);
  const more = skipped.length - SKIPPED_SHOWN;
  return more > 0 ? [...lines, `… and ${more} more are not remembered  → holdfast snapshot --json`] : lines;
}

const SKIPPED_SHOWN = 5;
