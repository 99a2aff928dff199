/** The first half of a protected run, where the tree is held; the command itself runs in its caller's process. */

import { beginRun } from "../rollback/index.ts";
import { operation, writerOf } from "./operation.ts";
import { refuseAgents } from "./refuse-agents.ts";
import { rollbackWorld } from "./rollback-world.ts";

export const runBegin = operation({
  name: "run.begin",
  about: "Remember everything, open the guard's window, say what is at stake",
  effect: "write",
  input: (z) =>
    z.strictObject({
      kind: z.enum(["exec", "script"]),
      command: z.array(z.string()).min(1),
      cwd: z.string(),
      home: z.string(),
      workTree: z.string().nullable(),
      force: z.boolean(),
      pid: z.coerce.number().int().positive(),
      tellsRadius: z.boolean(),
    }),
  command: { examples: [] },
  async run(context, input) {
    if (input.force) refuseAgents(context.actor, "take protected components by force");
    const begun = await beginRun({ ...input, actor: context.actor }, rollbackWorld(writerOf(context)));
    const { run, radius, protection } = begun;
    return { id: run.id, what: run.what, point: run.point, log: run.logFile, radius, named: protection.named };
  },
  print: () => "",
});
