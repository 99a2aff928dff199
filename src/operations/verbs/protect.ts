/** `holdfast protect`: makes a component of some paths, and their present state its baseline. */

import { basename } from "node:path";
import { HoldfastError, printableLine, type TreePath } from "../../base/index.ts";
import { acceptPaths } from "../../component/index.ts";
import {
  CONFIG_FILE,
  isGlob,
  literalPath,
  patternMatcher,
  patternOf,
  treePathOf,
  withComponent,
} from "../../tree/index.ts";
import { editConfiguration } from "../edit-configuration.ts";
import { type OperationContext, operation, writerOf } from "../operation.ts";

export const protect = operation({
  name: "protect",
  about: "Make a component of some paths: what is there now must stay",
  effect: "write",
  input: (z) =>
    z.strictObject({
      paths: z.array(z.string()).min(1),
      /** Where relative paths start; the caller's folder. */
      cwd: z.string(),
      name: z.string().optional(),
      response: z.enum(["remember", "observe", "repair"]).default("repair"),
      strict: z.boolean().default(false),
      scope: z.enum(["branch", "always"]).optional(),
      appendOnly: z.boolean().default(false),
    }),
  command: {
    arguments: [{ name: "paths", about: "files, folders or patterns", variadic: true }],
    options: [
      { flags: "--name <name>", about: "the component's name (default: the last part of the first path)" },
      { flags: "--response <response>", about: "remember, observe or repair (default)" },
      { flags: "--strict", about: "older content is always undone" },
      { flags: "--scope <scope>", about: "branch (default) or always" },
      { flags: "--append-only", about: "it only ever grows" },
    ],
    examples: ["holdfast protect agents/apply_patch_processor", "holdfast protect .env --name secrets --strict"],
  },
  namesPaths: true,
  async run(context, input) {
    const { house, actor } = context;
    const patterns = input.paths.map((path) => patternIn(path, input.cwd, context));
    const name = input.name ?? nameFor(patterns[0]!);
    if (name in house.config().components) {
      throw new HoldfastError("COMPONENT_INVALID", `there is a component ${name} already`, {
        hint: "holdfast protect … --name <another>",
        data: { component: name },
      });
    }
    const covered = await coveredPaths(patterns, context);
    await editConfiguration(context, (text) =>
      withComponent(text, name, {
        paths: patterns,
        response: input.response,
        ...(input.strict ? { strict: true } : {}),
        ...(input.scope ? { scope: input.scope } : {}),
        ...(input.appendOnly ? { appendOnly: true } : {}),
      }),
    );
    const { accepted } = await acceptPaths(
      { paths: covered, component: name, reason: "protected", actor },
      writerOf(context).house,
    );
    return { component: name, response: input.response, paths: accepted, config: CONFIG_FILE };
  },
  print: ({ component, response, paths }, style) =>
    `${style.good("✓")} ${component}: ${paths.length} paths protected (${response})`,
});

function patternIn(text: string, cwd: string, { tree, ports }: OperationContext): string {
  return isGlob(text) ? text : patternOf(treePathOf(tree, text, { disk: ports.disk, cwd }));
}

/** A component that matches nothing protects nothing: that is a typing error, and said. */
async function coveredPaths(
  patterns: readonly string[],
  { house, ports, tree }: OperationContext,
): Promise<TreePath[]> {
  await house.vault.remember({});
  const matchers = patterns.map(patternMatcher);
  // What is left out as a rule, and named here, is remembered from now on.
  const named = patterns.flatMap((pattern) => literalPath(pattern) ?? []);
  const isThere = (path: TreePath) => ports.disk.lstat(`${tree.root}/${path}`) !== null;
  const remembered = [...house.vault.statesAt()].map(({ path }) => path);
  const present = [...new Set([...remembered, ...named.filter(isThere)])].sort();
  for (const [index, matches] of matchers.entries()) {
    if (present.some(matches)) continue;
    throw new HoldfastError("COMPONENT_INVALID", `${printableLine(patterns[index]!)} matches nothing in the tree`, {
      hint: "holdfast protect <an existing path>",
      data: { pattern: patterns[index] },
    });
  }
  const covered = present.filter((path) => matchers.some((matches) => matches(path)));
  return covered.filter((path, index) => index === 0 || !path.startsWith(`${covered[index - 1]}/`));
}

function nameFor(pattern: string): string {
  const plain = basename(pattern)
    .replace(/\.[a-z]+$/i, "")
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[-.]+|-+$/g, "");
  return plain === "" ? "component" : plain;
}
