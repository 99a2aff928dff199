/** The second half of a protected run: compared, put back or accepted, on record. */

import { HoldfastError } from "../base/index.ts";
import { endRun } from "../rollback/index.ts";
import { operation, writerOf } from "./operation.ts";
import { rollbackWorld } from "./rollback-world.ts";

export const runEnd = operation({
  name: "run.end",
  about: "Put back what the command took of protected components, or accept it",
  effect: "write",
  input: (z) => z.strictObject({ id: z.string(), exitCode: z.coerce.number().int(), signal: z.string().nullable() }),
  command: { examples: [] },
  async run(context, { id, exitCode, signal }) {
    const world = rollbackWorld(writerOf(context));
    const run = world.runs.get(id);
    if (run === null) throw new HoldfastError("RUN_UNKNOWN", `${id} has been ended already`, { data: { id } });
    // All that it changed is its doing, and known as such, whoever wants it undone.
    await world.rememberNow();
    return endRun(run, { exitCode, signal, abandoned: false }, world);
  },
  print: () => "",
});
