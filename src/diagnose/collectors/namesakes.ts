/** Files of the subject's name in other folders, there or once there: who asks may have meant one of them. No proof of anything. */

import { basename } from "node:path";
import type { Repository } from "../git-past/repository.ts";
import type { Subject } from "../subject.ts";

export interface Namesake {
  readonly path: string;
  readonly isThere: boolean;
}

const NAMESAKES_MAX = 3;

/** What is there; only where nothing is, what was. */
export async function findNamesakes(
  repository: Repository,
  { parts }: Subject,
): Promise<{ found: readonly Namesake[]; note: null }> {
  const [part] = parts;
  if (parts.length !== 1 || part!.isGlob) return { found: [], note: null };
  const anywhere = `:(glob)**/${literally(basename(part!.path))}`;
  const list = async (args: readonly string[], isThere: boolean) => {
    const names = (await repository.run([...args, "--", anywhere])).toString("utf8").split("\0");
    const others = names.map((name) => name.trimStart()).filter((name) => name !== "" && name !== part!.path);
    return [...new Set(others)].slice(0, NAMESAKES_MAX).map((path) => ({ path, isThere }));
  };
  const there = await list(["ls-files", "-z"], true);
  if (there.length > 0 || repository.head.commit === null) return { found: there, note: null };
  const once = ["log", "-z", "--format=", "--name-only", "--diff-filter=D", "--no-renames", "--all"];
  return { found: await list(once, false), note: null };
}

/** Of a name that is meant as it stands. */
function literally(name: string): string {
  return name.replace(/[*?[\\]/g, "\\$&");
}
