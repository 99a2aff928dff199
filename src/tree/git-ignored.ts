/**
 * What git says about ignoring in a tree, asked as seldom as possible: a start of git costs more than a walk of a thousand files.
 *
 * `GitIgnoring` is kept between walks (it is plain data) and given back to `gitIgnoring`, which asks git again only when one of the
 * files that the answer depends on has moved. Not seen: files that a git configuration includes.
 */

import { join, relative } from "node:path";
import { isSystemError, type Ports } from "../base/index.ts";
import type { Tree } from "./tree.ts";
import { ignoreFileSignature, readText } from "./walk.ts";

export interface GitIgnoring {
  /** Of git's configuration files, as they were when `excludesFile` was asked for. */
  readonly configKey: string;
  readonly excludesFile: string;
  /** Of the files behind `outerIgnores`. */
  readonly outerKey: string;
  /** Of the index and of every ignore file, as they were when `tracked` was asked for; `null`: never. */
  readonly trackedKey: string | null;
  /** Tracked paths that an ignore rule matches. */
  readonly tracked: readonly string[];
}

export const NO_GIT_IGNORING: GitIgnoring = {
  configKey: "",
  excludesFile: "",
  outerKey: "",
  trackedKey: null,
  tracked: [],
};

type GitPorts = Pick<Ports, "disk" | "git" | "process">;

/** The texts of ignore files outside the tree's folders, weakest first, and what to keep for the next time. */
export async function outerIgnores(
  tree: Tree,
  ports: GitPorts,
  before: GitIgnoring,
): Promise<{ outerIgnores: { text: string; prefix: string }[]; ignoring: GitIgnoring }> {
  if (tree.git === null) return { outerIgnores: [], ignoring: NO_GIT_IGNORING };
  const configKey = signatures(configFiles(tree, ports), ports);
  const excludesFile = configKey === before.configKey ? before.excludesFile : await askExcludesFile(tree, ports);
  const files = outerFiles(tree, excludesFile);
  const outer = files
    .map(({ path, prefix }) => ({ text: readText(ports.disk, path), prefix }))
    .filter(({ text }) => text !== "");
  const outerKey = signatures(
    files.map(({ path }) => path),
    ports,
  );
  return { outerIgnores: outer, ignoring: { ...before, configKey, excludesFile, outerKey } };
}

/** Identifies everything that the answer of `askTracked` depends on. `ignoreFiles`: signatures of the tree's own, by folder. */
export function trackedKey(
  tree: Tree,
  ports: GitPorts,
  outerKey: string,
  ignoreFiles: ReadonlyMap<string, string>,
): string {
  if (tree.git === null) return "";
  const own = [...ignoreFiles].map(([folder, signature]) => `${folder}\0${signature}`).sort();
  return [signatures([join(tree.git.gitDir, "index")], ports), outerKey, ...own].join("\0");
}

/** The tracked paths that an ignore rule matches. Throws when git cannot say. */
export async function askTracked(tree: Tree, ports: GitPorts): Promise<string[]> {
  if (tree.git === null) return [];
  const listed = await ports.git.run(tree.root, ["ls-files", "-z", "-c", "-i", "--exclude-standard"]);
  return listed
    .toString("utf8")
    .split("\0")
    .filter((path) => path !== "");
}

/** Which of `paths` git tracks. */
export async function askTrackedAmong(tree: Tree, ports: GitPorts, paths: readonly string[]): Promise<Set<string>> {
  if (tree.git === null || paths.length === 0) return new Set();
  const args = ["--literal-pathspecs", "ls-files", "-z", "-c", "--", ...paths];
  return new Set((await ports.git.run(tree.root, args)).toString("utf8").split("\0"));
}

async function askExcludesFile(tree: Tree, ports: GitPorts): Promise<string> {
  const home = ports.process.env("XDG_CONFIG_HOME") ?? join(ports.process.home(), ".config");
  try {
    const args = ["config", "--type=path", "--default", join(home, "git", "ignore"), "--get", "core.excludesFile"];
    return (await ports.git.run(tree.root, args)).toString("utf8").replace(/\n$/, "");
  } catch (error) {
    // No git on this machine, only a repository: then nobody configured a file either.
    if (isSystemError(error, "ENOENT")) return join(home, "git", "ignore");
    throw error;
  }
}

function configFiles(tree: Tree, { process }: GitPorts): string[] {
  const home = process.home();
  const xdg = process.env("XDG_CONFIG_HOME") ?? join(home, ".config");
  return [join(tree.git!.commonDir, "config"), join(home, ".gitconfig"), join(xdg, "git", "config"), "/etc/gitconfig"];
}

function outerFiles(tree: Tree, excludesFile: string): { path: string; prefix: string }[] {
  const { workTree, commonDir } = tree.git!;
  const below = relative(workTree, tree.root);
  const whole = below === "" ? "" : `${below}/`;
  const folders = below === "" ? [] : below.split("/");
  const above = folders.map((_, depth) => ({
    path: join(workTree, ...folders.slice(0, depth), ".gitignore"),
    prefix: `${folders.slice(depth).join("/")}/`,
  }));
  const global = [excludesFile, join(commonDir, "info", "exclude")].map((path) => ({ path, prefix: whole }));
  return [...global, ...above];
}

function signatures(paths: readonly string[], { disk }: GitPorts): string {
  return paths
    .map((path) => {
      const stat = disk.lstat(path);
      return `${path}\0${stat === null ? "absent" : ignoreFileSignature(stat)}`;
    })
    .join("\0");
}
