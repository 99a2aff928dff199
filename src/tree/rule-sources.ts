/** What decides which paths of a folder are remembered, gathered anew: for a look at a folder that no vault keeps answers of. */

import type { Ports } from "../base/index.ts";
import type { Config } from "./config.ts";
import { askTracked, NO_GIT_IGNORING, outerIgnores } from "./git-ignored.ts";
import type { RuleSources } from "./ignore-rules.ts";
import type { ProtectedPaths } from "./protected-paths.ts";
import type { Tree } from "./tree.ts";
import { foldersApart } from "./workspaces.ts";

/** Starts git. */
export async function ruleSourcesOf(
  tree: Tree,
  { exclude, precious }: Pick<Config["remember"], "exclude" | "precious">,
  protectedPaths: ProtectedPaths,
  ports: Pick<Ports, "disk" | "git" | "process">,
): Promise<RuleSources> {
  const outer = await outerIgnores(tree, ports, NO_GIT_IGNORING);
  return {
    exclude,
    precious,
    protectedPaths,
    apart: new Set(foldersApart(tree, ports)),
    outerIgnores: outer.outerIgnores,
    trackedIgnored: new Set(tree.git === null ? [] : await askTracked(tree, ports)),
    ignoreCase: ports.process.platform === "darwin",
  };
}
