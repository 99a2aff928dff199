/** `holdfast maintenance end`: the window closes; what changed is judged, accepted, or put back. */

import { HoldfastError, type TreePath } from "../../base/index.ts";
import { acceptPaths } from "../../component/index.ts";
import { check, repairByHand } from "../../guard/index.ts";
import { type OperationContext, operation, writerOf } from "../operation.ts";

export const maintenanceEnd = operation({
  name: "maintenance end",
  about: "Close the maintenance window: what changed is judged now, or accepted, or put back",
  effect: "write",
  input: (z) =>
    z.strictObject({
      id: z.string().optional(),
      accept: z.boolean().default(false),
      restore: z.boolean().default(false),
    }),
  command: {
    arguments: [{ name: "id", about: "the window's id (default: the newest)", optional: true }],
    options: [
      { flags: "--accept", about: "what components are now is what must hold" },
      { flags: "--restore", about: "what differs from before is put back" },
    ],
    examples: ["holdfast maintenance end --accept"],
  },
  async run(context, { id, accept, restore }) {
    if (accept && restore) throw new HoldfastError("USAGE", "accept or restore, not both");
    const { guard } = writerOf(context);
    const how = accept ? "accepted" : restore ? "restored" : "asked";
    const window = guard.windows.find(id ?? null);
    // While it is still open, so that nothing is judged in between; refused, it stays open.
    const changed = accept ? await acceptAll(window.id, context) : restore ? await restoreAll(context) : [];
    guard.windows.end(window.id, context.actor, how);
    return { id: window.id, how, paths: changed };
  },
  print: ({ how, paths }, style) =>
    `${style.good("✓")} maintenance ended${how === "asked" ? ": what changed is judged now" : `, ${paths.length} paths ${how}`}`,
});

async function acceptAll(window: string, context: OperationContext): Promise<string[]> {
  const { guard, house } = writerOf(context);
  const { components } = await check({ names: null, deep: false, actor: context.actor }, guard);
  const changed = components.flatMap(({ drift, unaccepted }) => [
    ...drift.filter(({ elsewhere }) => elsewhere === undefined).map(({ path }) => path),
    ...unaccepted,
  ]);
  if (changed.length === 0) return [];
  const paths = [...new Set(changed)] as TreePath[];
  const reason = `maintenance ${window}`;
  await acceptPaths({ paths, component: null, reason, actor: context.actor }, house);
  return paths;
}

async function restoreAll(context: OperationContext): Promise<string[]> {
  return (await repairByHand(() => true, context.actor, writerOf(context).guard)).repaired;
}
