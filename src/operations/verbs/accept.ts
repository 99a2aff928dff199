/** `holdfast accept`: makes the present state the baseline. */

import { HoldfastError, type TreePath } from "../../base/index.ts";
import { acceptPaths } from "../../component/index.ts";
import { settleIncidents } from "../../guard/index.ts";
import { CONFIG_FILE, isAtOrBelow, parseConfig, treePathOf } from "../../tree/index.ts";
import { componentPaths } from "../component-paths.ts";
import { checkConfiguration } from "../edit-configuration.ts";
import { takeFirstBaselines } from "../first-baselines.ts";
import { type OperationContext, operation, writerOf } from "../operation.ts";
import { readConfigText } from "../read-config.ts";

export const accept = operation({
  name: "accept",
  about: "Make the present state of components or paths the baseline",
  effect: "write",
  input: (z) =>
    z.strictObject({
      subjects: z.array(z.string()).min(1),
      cwd: z.string(),
      reason: z.string().default("accepted by hand"),
    }),
  command: {
    arguments: [
      {
        name: "subjects",
        about: "components or paths; holdfast.yaml makes a changed configuration run",
        variadic: true,
      },
    ],
    options: [{ flags: "--reason <text>", about: "goes on record" }],
    examples: ["holdfast accept apply-patch-processor", "holdfast accept holdfast.yaml"],
  },
  namesPaths: true,
  async run(context, { subjects, cwd, reason }) {
    const { house, tree, ports, actor } = context;
    const accepted: string[] = [];
    const removed: string[] = [];
    for (const subject of subjects) {
      if (isConfiguration(subject, cwd, context)) {
        await acceptConfiguration(context);
        accepted.push(CONFIG_FILE);
        continue;
      }
      const component = subject in house.config().components ? subject : null;
      // What a component covers is told by what is remembered: files that came just now count.
      if (component !== null) await house.vault.remember({});
      const paths = component
        ? componentPaths(component, house)
        : [treePathOf(tree, subject, { disk: ports.disk, cwd })];
      if (component === null) mustBeKnown(paths[0]!, context);
      const result = await acceptPaths({ paths, component, reason, actor }, writerOf(context).house);
      accepted.push(...result.accepted);
      removed.push(...result.removed);
    }
    await settleIncidents(writerOf(context).guard);
    return { accepted, removed };
  },
  print: ({ accepted, removed }, style) => {
    const gone = removed.length > 0 ? `, ${removed.length} accepted as gone` : "";
    return `${style.good("✓")} ${accepted.length} paths accepted${gone}`;
  },
});

function isConfiguration(subject: string, cwd: string, { tree, ports }: OperationContext): boolean {
  return subject === CONFIG_FILE || treePathOf(tree, subject, { disk: ports.disk, cwd }) === CONFIG_FILE;
}

/** A new component's first baseline is what is there now; the ones that were accepted before stay as they are. */
async function acceptConfiguration(context: OperationContext): Promise<void> {
  const { house, tree, ports, actor } = context;
  const text = readConfigText(tree, ports.disk);
  if (text === null)
    throw new HoldfastError("CONFIG_INVALID", `${CONFIG_FILE} is missing`, { hint: `holdfast restore ${CONFIG_FILE}` });
  checkConfiguration(tree, parseConfig(text));
  const before = new Set(Object.keys(house.config().components));
  await house.configuration.accept(text, actor);
  await takeFirstBaselines(writerOf(context).house, { actor, but: before });
}

function mustBeKnown(path: TreePath, { house, ports, tree }: OperationContext): void {
  const isThere = ports.disk.lstat(`${tree.root}/${path}`) !== null;
  if (isThere || house.baselines.paths().some((known) => isAtOrBelow(known, path))) return;
  throw new HoldfastError("PATH_UNKNOWN", `${path} is neither there nor part of a baseline`, {
    hint: "holdfast components",
    data: { path },
  });
}
