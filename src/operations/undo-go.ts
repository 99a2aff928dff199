/** Undoing, where the tree is held. */

import { HoldfastError, printableLine } from "../base/index.ts";
import { goBack, type Undoing, undoLast, undoSession, type WentBack } from "../rollback/index.ts";
import { operation, writerOf } from "./operation.ts";
import { refuseAgents } from "./refuse-agents.ts";
import { rollbackWorld } from "./rollback-world.ts";

export interface Undone extends WentBack {
  /** What is undone, oldest first. */
  readonly acts: readonly {
    readonly what: string;
    readonly actor: string;
    readonly session: string | null;
    readonly at: string;
  }[];
  /** Changed by others since: left as they are. */
  readonly overlaps: readonly { readonly path: string; readonly by: string }[];
  /** Something of it still runs. */
  readonly isRunning: boolean;
}

export const undoGo = operation({
  name: "undo.go",
  about: "Take back what a session, or the last act, did",
  effect: "write",
  input: (z) =>
    z.strictObject({
      session: z.string().optional(),
      rest: z.boolean(),
      force: z.boolean(),
      dryRun: z.boolean(),
    }),
  command: { examples: [] },
  async run(context, { session, rest, force, dryRun }): Promise<Undone> {
    const { actor } = context;
    if (force) refuseAgents(actor, "take protected components by force");
    const world = rollbackWorld(writerOf(context));
    await world.rememberNow();
    const undoing = session === undefined ? undoLast(actor, world) : undoSession(session, world);
    const { plan, acts } = undoing;
    if (!rest && !dryRun && plan.overlaps.length > 0) throw overlapping(undoing, session);
    const request = { kind: "undo", actor, force, dryRun, isWhole: false, points: plan.points } as const;
    const went = await goBack({ ...request, plan: { ...plan, overlaps: [] } }, world);
    return {
      ...went,
      overlaps: plan.overlaps,
      isRunning: acts.some(({ isRunning }) => isRunning),
      acts: acts.map(({ what, actor, at }) => ({ what, actor: actor.name, session: actor.session ?? null, at })),
    };
  },
  print: () => "",
});

/** Named, with the command for the rest. */
function overlapping({ plan }: Undoing, session: string | undefined): HoldfastError {
  const { what, overlaps, changes } = plan;
  const lines = overlaps.slice(0, NAMED_MAX).map(({ path, by }) => `${path} was changed since by ${by}`);
  const more = overlaps.length > NAMED_MAX ? `, and ${overlaps.length - NAMED_MAX} more paths` : "";
  const scope = session === undefined ? "--last" : `--session ${session}`;
  const others = `the other ${changes.length} ${changes.length === 1 ? "path" : "paths"}: holdfast undo ${scope} --rest`;
  return new HoldfastError(
    "ROLLBACK_OVERLAPS",
    printableLine(`${what}: ${lines.join("; ")}${more}; nothing was changed`),
    {
      hint: changes.length === 0 ? "holdfast restore <path> --from <state>" : others,
      data: { overlaps: overlaps.slice(0, DATA_MAX), total: overlaps.length, rest: changes.length },
    },
  );
}

const NAMED_MAX = 5;
const DATA_MAX = 100;
