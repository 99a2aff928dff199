/** A look at a folder before it becomes a tree: what would be remembered, what not. Reads names and sizes only, writes nothing. */

import { posix } from "node:path";
import { isSystemError, type Ports, type TreeId } from "../base/index.ts";
import {
  type Config,
  holdfastHome,
  PathSet,
  RememberRules,
  ruleSourcesOf,
  stateFolder,
  type Tree,
  walkTree,
} from "../tree/index.ts";

export interface Survey {
  root: string;
  branch: string | null;
  isGit: boolean;
  /** Remembered, without the precious ones. */
  files: number;
  /** Ignored by git, remembered all the same. */
  precious: string[];
  bytes: number;
  scripts: number;
  launchAgents: number;
  instructions: string[];
  /** Top-most excluded folders by name, and the files in all of them. */
  skipped: { names: string[]; files: number };
}

const SCRIPT = /\.(sh|bash|zsh|fish)$/;
const INSTRUCTIONS = ["AGENTS.md", "CLAUDE.md", "GEMINI.md"];
const SLICE_FOLDERS = 64;

export async function survey(root: string, config: Config, ports: Ports): Promise<Survey> {
  const tree = unregistered(root, ports);
  const rules = await rulesFor(tree, config, ports);
  const kept = new Set<string>();
  const precious: string[] = [];
  const found: Survey = {
    root,
    branch: tree.git === null ? null : ports.git.head(tree.git).branch,
    isGit: tree.git !== null,
    files: 0,
    precious: [],
    bytes: 0,
    scripts: 0,
    launchAgents: 0,
    instructions: [],
    skipped: { names: [], files: 0 },
  };
  let folders = 0;
  for (const folder of walkTree({ root, disk: ports.disk, rules: rules.all, useIgnoreFiles: tree.git !== null })) {
    for (const { path, stat, verdict } of folder.names) {
      kept.add(path);
      if (stat.kind === "dir" || verdict !== "keep") continue;
      countFile(found, path, stat.sizeBytes);
      // Nothing is protected yet: only what is precious has no limit of size.
      if (rules.all.isOfAnySize(path)) precious.push(path);
    }
    if (++folders % SLICE_FOLDERS === 0) await ports.clock.breathe();
  }
  if (precious.length > 0) countPrecious(found, precious, tree, rules.plain, ports);
  await countSkipped(found, kept, root, ports);
  return found;
}

function countFile(found: Survey, path: string, sizeBytes: number): void {
  found.files += 1;
  found.bytes += sizeBytes;
  if (SCRIPT.test(path)) found.scripts += 1;
  if (path.endsWith(".plist")) found.launchAgents += 1;
  if (INSTRUCTIONS.includes(path)) found.instructions.push(path);
}

/** What the rules keep only because it is precious: a second walk, without that word, does not meet it. */
function countPrecious(
  found: Survey,
  precious: readonly string[],
  tree: Tree,
  plainRules: RememberRules,
  { disk }: Ports,
): void {
  const plain = new Set<string>();
  for (const folder of walkTree({ root: tree.root, disk, rules: plainRules, useIgnoreFiles: tree.git !== null }))
    for (const { path, stat } of folder.names) if (stat.kind !== "dir") plain.add(path);
  found.precious.push(...precious.filter((path) => !plain.has(path)));
  found.files -= found.precious.length;
}

async function rulesFor(tree: Tree, config: Config, ports: Ports) {
  const sources = await ruleSourcesOf(tree, config.remember, new PathSet(), ports);
  return { all: new RememberRules(sources), plain: new RememberRules({ ...sources, precious: [] }) };
}

async function countSkipped(found: Survey, kept: ReadonlySet<string>, root: string, ports: Ports): Promise<void> {
  const names = new Map<string, number>();
  const stack = [""];
  for (let folder = stack.pop(); folder !== undefined; folder = stack.pop()) {
    for (const { name, kind } of list(posix.join(root, folder), ports)) {
      const path = folder === "" ? name : `${folder}/${name}`;
      if (kind !== "dir" || name === ".git") continue;
      if (kept.has(path)) stack.push(path);
      else names.set(name, (names.get(name) ?? 0) + (await countFiles(posix.join(root, path), ports)));
    }
  }
  const byFiles = [...names].sort(([, a], [, b]) => b - a);
  found.skipped = { names: byFiles.map(([name]) => name), files: byFiles.reduce((sum, [, files]) => sum + files, 0) };
}

async function countFiles(folder: string, ports: Ports): Promise<number> {
  let files = 0;
  let folders = 0;
  const stack = [folder];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    for (const { name, kind } of list(next, ports)) {
      if (kind === "dir") stack.push(posix.join(next, name));
      else files += 1;
    }
    if (++folders % SLICE_FOLDERS === 0) await ports.clock.breathe();
  }
  return files;
}

function list(folder: string, { disk }: Ports): ReturnType<Ports["disk"]["list"]>["names"] {
  try {
    return disk.list(folder).names;
  } catch (error) {
    // A folder that may not be read, or that went meanwhile, holds nothing that would be remembered.
    if (isSystemError(error)) return [];
    throw error;
  }
}

/** Stands in for a tree that is not registered yet: only what the rules ask of it. */
function unregistered(root: string, ports: Ports): Tree {
  const id = "unregistered" as TreeId;
  return { id, root, git: ports.git.locate(root), state: stateFolder(holdfastHome(ports), id, ports.process) };
}
