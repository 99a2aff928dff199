/** Where a folder's content came from, as far as git and its configuration tell: what makes a folder a copy of a tree. */

import { join } from "node:path";
import { DefectError, type Digest, digestOf, LIMITS, type Ports } from "../base/index.ts";
import { CONFIG_FILE } from "./config.ts";
import { readWhole } from "./durable-file.ts";
import type { RegistryEntry } from "./registry-file.ts";

const ROOT_COMMITS_MAX = 64;
const ROOT_COMMITS_TIMEOUT_MS = 10_000;

export interface Origin {
  readonly rootCommits: readonly string[];
  /** `null`: there is no configuration, or only the one that `init` gives to everybody, which tells nothing. */
  readonly configDigest: Digest | null;
}

/** True when both grew from the same commits; where one of them has none, when they have the same configuration. */
export function haveOneOrigin(a: Origin, b: Origin): boolean {
  if (a.rootCommits.length > 0 && b.rootCommits.length > 0)
    return a.rootCommits.some((commit) => b.rootCommits.includes(commit));
  return a.configDigest !== null && a.configDigest === b.configDigest;
}

/** Of a folder on the disk. Starts git. */
export async function originAt(root: string, ports: Pick<Ports, "disk" | "git" | "log">): Promise<Origin> {
  return { rootCommits: await rootCommits(root, ports), configDigest: await configDigest(root, ports) };
}

/** Of a registered tree: as kept, and looked up where it had no commit yet when it was registered. */
export async function originOf(entry: RegistryEntry, ports: Pick<Ports, "disk" | "git" | "log">): Promise<Origin> {
  const isThere = ports.disk.lstat(entry.root)?.kind === "dir";
  const commits = entry.rootCommits.length > 0 || !isThere ? entry.rootCommits : await rootCommits(entry.root, ports);
  return { rootCommits: commits, configDigest: entry.configDigest };
}

/** Empty for a folder that is no repository's root, a repository without a commit, and a shallow clone, whose root is arbitrary. */
export async function rootCommits(root: string, ports: Pick<Ports, "disk" | "git" | "log">): Promise<string[]> {
  const location = ports.git.locate(root);
  if (location === null || location.workTree !== root || ports.git.head(location).commit === null) return [];
  if (ports.disk.lstat(join(location.commonDir, "shallow")) !== null) return [];
  try {
    const output = await ports.git.run(root, ["rev-list", "--max-parents=0", "HEAD"], {
      timeoutMs: ROOT_COMMITS_TIMEOUT_MS,
    });
    return output.toString("utf8").split("\n").filter(Boolean).slice(0, ROOT_COMMITS_MAX);
  } catch (error) {
    // "Not known" is a legal answer here; a defect is not.
    if (!(error instanceof Error) || error instanceof DefectError) throw error;
    ports.log.warn("git could not name the root commits", { root, error: error.message });
    return [];
  }
}

/** Of a shallow clone: the commits that it was cut off at. Its origin is whatever repository has them. */
export function shallowCommits(root: string, ports: Pick<Ports, "disk" | "git">): string[] {
  const location = ports.git.locate(root);
  if (location === null || location.workTree !== root) return [];
  const bytes = readWhole(ports.disk, join(location.commonDir, "shallow"));
  return bytes === null ? [] : bytes.toString("utf8").split("\n").filter(Boolean).slice(0, ROOT_COMMITS_MAX);
}

/** The place among `commits` of the first that the repository at `root` has; -1: none. A look into its objects, not a walk. */
export async function firstKnownCommit(
  root: string,
  commits: readonly string[],
  ports: Pick<Ports, "git">,
): Promise<number> {
  if (commits.length === 0) return -1;
  const told = await ports.git.run(root, ["cat-file", "--batch-check=%(objecttype)"], {
    timeoutMs: LIMITS.copyGitMs,
    stdin: `${commits.join("\n")}\n`,
  });
  return told.toString("utf8").split("\n").indexOf("commit");
}

async function configDigest(root: string, ports: Pick<Ports, "disk">): Promise<Digest | null> {
  const bytes = readWhole(ports.disk, join(root, CONFIG_FILE));
  if (bytes === null) return null;
  // Brings a YAML library along, which the ordinary case, a registered tree, does not need.
  const { isUntouchedInitText } = await import("./init-text.ts");
  return isUntouchedInitText(bytes.toString("utf8")) ? null : digestOf(bytes);
}
