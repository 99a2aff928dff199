/** Documents, scripts, plists that name the subject. Mentions, told apart from proof: what is written of a thing does not make it be. */

import type { Repository } from "../git-past/repository.ts";
import type { Subject } from "../subject.ts";

const MENTIONS_MAX = 20;

/** Files that git tracks, as they stand in the work tree. */
export async function findMentions(
  repository: Repository,
  { parts }: Subject,
): Promise<{ found: readonly string[]; note: null }> {
  const paths = parts.filter(({ isGlob }) => !isGlob).map(({ path }) => path);
  if (paths.length === 0) return { found: [], note: null };
  const patterns = paths.flatMap((path) => ["-e", path.replaceAll("\n", " ")]);
  const output = await grep(repository, ["grep", "-I", "-l", "-z", "-F", "--full-name", ...patterns]);
  const files = output.split("\0").filter((file) => file !== "" && !paths.includes(file));
  return { found: files.slice(0, MENTIONS_MAX), note: null };
}

async function grep(repository: Repository, args: readonly string[]): Promise<string> {
  try {
    return (await repository.run(args)).toString("utf8");
  } catch (error) {
    // 1 says "nowhere".
    if (error instanceof Error && "code" in error && error.code === 1) return "";
    throw error;
  }
}
