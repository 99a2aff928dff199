/** `holdfast repair`: puts back what drifted, of a component, an incident or a path. */

import { HoldfastError, printableLine, type TreePath } from "../../base/index.ts";
import { ACCEPTED, OWN } from "../../component/index.ts";
import { repairByHand } from "../../guard/index.ts";
import { isAtOrBelow, treePathOf } from "../../tree/index.ts";
import { type OperationContext, operation, writerOf } from "../operation.ts";

const ROWS_MAX = 20;

export const repair = operation({
  name: "repair",
  about: "Put back what drifted, of a component, an incident or a path; new content stays",
  effect: "write",
  input: (z) => z.strictObject({ subject: z.string(), cwd: z.string() }),
  command: {
    arguments: [{ name: "subject", about: "a component, an incident's id, or a path" }],
    examples: ["holdfast repair apply-patch-processor", "holdfast repair INC-20261122-224307-3fa9c2"],
  },
  namesPaths: true,
  run: async (context, input) => repairByHand(wantedBy(input, context), context.actor, writerOf(context).guard),
  print({ repaired, kept, orders }, style) {
    if (repaired.length === 0 && kept.length === 0) return "nothing to repair: it is as it should be";
    const lines = [`${style.good("✓")} ${repaired.length} paths back ${style.dim(orders.join(", "))}`];
    for (const path of repaired.slice(0, ROWS_MAX)) lines.push(`  ${printableLine(path)}`);
    if (repaired.length > ROWS_MAX) lines.push(`  … and ${repaired.length - ROWS_MAX} more`);
    for (const path of kept)
      lines.push(`  ${style.warn("kept")} ${printableLine(path)}: somebody wrote to it meanwhile`);
    return lines.join("\n");
  },
  exitCode: ({ kept }) => (kept.length > 0 ? 1 : 0),
});

function wantedBy(
  { subject, cwd }: { subject: string; cwd: string },
  context: OperationContext,
): (path: TreePath, component: string) => boolean {
  const { house, tree, ports } = context;
  const { incidents } = writerOf(context).guard;
  if (subject in house.config().components || subject === ACCEPTED || subject === OWN)
    return (_path, component) => component === subject;
  if (subject.startsWith("INC-")) {
    const { id } = incidents.find(subject);
    const standing = new Set(incidents.standing({ incident: id }).map(({ drift }) => drift.path));
    return (path) => standing.has(path);
  }
  const wanted = treePathOf(tree, subject, { disk: ports.disk, cwd });
  if (!house.baselines.paths().some((path) => isAtOrBelow(path, wanted))) {
    throw new HoldfastError(
      "COMPONENT_UNKNOWN",
      `${printableLine(subject)} is no component, incident or accepted path`,
      {
        data: { subject },
      },
    );
  }
  return (path) => isAtOrBelow(path, wanted);
}
