/** What became of a tree's services, put on record where the tree is held; the units themselves are the caller's user's. */

import { type CallerContext, operation } from "./operation.ts";
import { perform } from "./perform.ts";

export const serviceRecord = operation({
  name: "service.record",
  about: "Record what was installed or removed",
  effect: "write",
  input: (z) =>
    z.strictObject({
      installed: z
        .strictObject({
          manager: z.string(),
          files: z.array(z.string()),
          aside: z.array(z.string()),
          notStarted: z.string().nullable(),
        })
        .optional(),
      removed: z.strictObject({ files: z.array(z.string()), restored: z.array(z.string()) }).optional(),
    }),
  command: { examples: [] },
  async run({ house, actor }, { installed, removed }) {
    const { store, ledger } = house;
    store.transaction(() => {
      if (installed) {
        const { files, manager, notStarted } = installed;
        const summary = `${files.length} units for ${manager} installed${notStarted === null ? "" : `, not started: ${notStarted}`}`;
        ledger.append({ event: "service.installed", actor, data: installed, summary });
      }
      if (removed) {
        const summary = `${removed.files.length} units removed`;
        ledger.append({ event: "service.removed", actor, data: removed, summary });
      }
    });
    return {};
  },
  print: () => "",
});

/** From a verb that works outside the tree's lock. */
export async function recordServices(
  what: Record<string, unknown>,
  { ports, actor, located, signal, progress, emit, version }: CallerContext,
): Promise<void> {
  const caller = { ports, actor, located, signal, progress, emit, version };
  await perform({ operation: serviceRecord, raw: what, caller });
}
