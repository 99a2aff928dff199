/** Going back by Holdfast's own hand, where the tree is held. */

import { HoldfastError, type TreePath } from "../base/index.ts";
import { goBack, planTarget, planTime } from "../rollback/index.ts";
import { literalPath, treePathOf } from "../tree/index.ts";
import { componentPaths } from "./component-paths.ts";
import { type OperationContext, operation, writerOf } from "./operation.ts";
import { refuseAgents } from "./refuse-agents.ts";
import { rollbackWorld } from "./rollback-world.ts";

export const rollbackGo = operation({
  name: "rollback.go",
  about: "Go back to a snapshot, a point or a moment, or undo an order or a rollback",
  effect: "write",
  input: (z) =>
    z.strictObject({
      target: z.string().optional(),
      at: z.strictObject({ ms: z.coerce.number(), said: z.string() }).optional(),
      subjects: z.array(z.string()),
      force: z.boolean(),
      dryRun: z.boolean(),
      cwd: z.string(),
    }),
  command: { examples: [] },
  async run(context, { target, at, subjects, force, dryRun, cwd }) {
    if (force) refuseAgents(context.actor, "take protected components by force");
    const world = rollbackWorld(writerOf(context));
    await world.rememberNow();
    const paths = subjects.length === 0 ? null : subjects.flatMap((subject) => pathsOf(subject, cwd, context));
    const planned =
      at === undefined
        ? await planTarget(target ?? "", world)
        : await planTime({ atMs: at.ms, said: at.said, paths }, world);
    return goBack({ ...planned, actor: context.actor, force, dryRun }, world);
  },
  print: () => "",
});

/** A component's are those that it names, too: what was there once may be neither there nor accepted now. */
function pathsOf(subject: string, cwd: string, { house, tree, ports }: OperationContext): TreePath[] {
  const component = house.config().components[subject];
  if (component !== undefined)
    return [...component.paths.flatMap((path) => literalPath(path) ?? []), ...componentPaths(subject, house)];
  const path = treePathOf(tree, subject, { disk: ports.disk, cwd });
  if (house.vault.latest(path) !== null) return [path];
  throw new HoldfastError("COMPONENT_UNKNOWN", `${subject} is no component, and no path that was ever there`, {
    data: { subject },
  });
}
