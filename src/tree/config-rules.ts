/** What the schema cannot say of a configuration: names that are taken, paths that collide. Pure; problems are returned, not thrown. */

import { HoldfastError, LIMITS } from "../base/index.ts";
import { CONFIG_FILE, type Config, type Layout } from "./config.ts";
import { isAtOrBelow } from "./path.ts";
import { ownFolders } from "./path-check.ts";
import { mayOverlap, patternProblem } from "./path-pattern.ts";
import type { Tree } from "./tree.ts";

/** `path` is the key's path in the file. */
export interface RuleProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Components that exist without being written down. */
export const BUILT_IN_COMPONENTS: readonly string[] = ["accepted", "holdfast"];

export function componentProblems(config: Config): RuleProblem[] {
  const problems: RuleProblem[] = [];
  const taken: { name: string; pattern: string }[] = [];
  const patterns = Object.values(config.components).reduce((sum, component) => sum + component.paths.length, 0);
  if (patterns > LIMITS.configPatternsMax) {
    return [
      {
        path: ["components"],
        message: `all components together name more than ${LIMITS.configPatternsMax} paths; name folders`,
      },
    ];
  }
  for (const [name, component] of Object.entries(config.components)) {
    const say = (message: string, ...below: (string | number)[]) =>
      problems.push({ path: ["components", name, ...below], message: `component ${name}: ${message}` });
    if (BUILT_IN_COMPONENTS.includes(name)) say("the name belongs to a component that is built in");
    if (component.kind === "directory" && component.appendOnly)
      say("kind: directory has no content to append to", "appendOnly");
    for (const [index, glob] of component.executable.entries()) {
      const problem = patternProblem(glob);
      if (problem !== null) say(`"${glob}" ${problem}`, "executable", index);
    }
    for (const [index, pattern] of component.paths.entries()) {
      const problem = patternProblem(pattern);
      if (problem !== null) say(`"${pattern}" ${problem}`, "paths", index);
      if (pattern === CONFIG_FILE) say(`${CONFIG_FILE} belongs to the built-in component holdfast`, "paths", index);
      const other = taken.find((entry) => entry.name !== name && mayOverlap(entry.pattern, pattern));
      if (other) say(`"${pattern}" overlaps "${other.pattern}" of component ${other.name}`, "paths", index);
    }
    taken.push(...component.paths.map((pattern) => ({ name, pattern })));
  }
  return problems;
}

/** Folders whose files have one meaning each: none may be, or lie in, another. */
const SEPARATE = ["inbox", "outbox", "archive", "failed", "state"] as const satisfies readonly (keyof Layout)[];

export function layoutProblems(config: Config): RuleProblem[] {
  const { layout } = config;
  if (layout === null) return [];
  const problems: RuleProblem[] = [];
  for (const [index, key] of SEPARATE.entries()) {
    for (const other of SEPARATE.slice(0, index)) {
      if (!isAtOrBelow(layout[key], layout[other]) && !isAtOrBelow(layout[other], layout[key])) continue;
      problems.push({ path: ["layout", key], message: `layout.${key} and layout.${other} lie in one another` });
    }
  }
  for (const key of Object.keys(layout) as (keyof Layout)[]) {
    if (layout[key] === CONFIG_FILE)
      problems.push({ path: ["layout", key], message: `layout.${key} is ${CONFIG_FILE}` });
  }
  if (layout.dashboard === layout.telemetry) {
    problems.push({ path: ["layout", "telemetry"], message: "layout.telemetry and layout.dashboard are one file" });
  }
  return problems;
}

/**
 * The rules that need the tree itself: no component covers the state folder. Throws `COMPONENT_INVALID` naming the component. Asked
 * when a configuration is accepted.
 */
export function checkComponents(tree: Tree, config: Pick<Config, "components">): void {
  const own = ownFolders(tree)
    .filter((folder) => folder !== tree.root && isAtOrBelow(folder, tree.root))
    .map((folder) => folder.slice(tree.root.length + 1))
    .filter((folder) => !folder.split("/").includes(".git"));
  for (const [name, component] of Object.entries(config.components)) {
    for (const pattern of component.paths) {
      const folder = own.find((candidate) => mayOverlap(pattern, candidate));
      if (folder === undefined) continue;
      throw new HoldfastError(
        "COMPONENT_INVALID",
        `component ${name}: "${pattern}" covers ${folder}, which belongs to Holdfast or git`,
        {
          data: { component: name, pattern, folder },
        },
      );
    }
  }
}
