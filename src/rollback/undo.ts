/** Undoing: whose doings are meant, and the plan that takes them back. */

import { HoldfastError } from "../base/index.ts";
import type { Actor } from "../ledger/index.ts";
import { type Act, actsOf } from "./acts.ts";
import { planUndo, type UndoPlan } from "./undo-plan.ts";
import type { RollbackWorld } from "./world.ts";

export interface Undoing {
  readonly plan: UndoPlan;
  /** Oldest first. */
  readonly acts: readonly Act[];
}

/** All that is on record of one session. `text`: its name, or an unambiguous beginning. `ROLLBACK_UNKNOWN`, `ROLLBACK_NOTHING`. */
export function undoSession(text: string, world: RollbackWorld): Undoing {
  const all = [...actsOf(world)].reverse();
  const sessions = [...new Set(all.map(({ actor }) => actor.session).filter((one) => one !== undefined))];
  const named = sessions.includes(text) ? [text] : sessions.filter((one) => text !== "" && one.startsWith(text));
  const [session] = named;
  if (session === undefined || named.length > 1) throw unknownSession(text, named.length > 1 ? named : sessions);
  const acts = all.filter(({ actor }) => actor.session === session);
  const others = all.filter(({ actor }) => actor.session !== session);
  return { acts, plan: planUndo({ acts, others, what: `session ${session}` }, world) };
}

/** The last act that left something behind; an agent's own, where an agent asks. `ROLLBACK_NOTHING`. */
export function undoLast(asking: Actor, world: RollbackWorld): Undoing {
  const newer: Act[] = [];
  const all = [...actsOf(world)];
  for (const [index, act] of all.entries()) {
    const isMeant = !act.isOwn && (asking.kind !== "agent" || isSame(act.actor, asking));
    if (isMeant && newer.length < TRIED_MAX) {
      const others = all.filter((_, at) => at !== index);
      const plan = planUndo({ acts: [act], others, what: act.what }, world);
      if (plan.changes.length + plan.overlaps.length + plan.missing.length > 0) return { acts: [act], plan };
      newer.push(act);
    }
  }
  throw new HoldfastError("ROLLBACK_NOTHING", "nothing that is on record left anything behind that could be undone", {
    hint: "holdfast history, holdfast restore <path> --from <time>",
  });
}

const TRIED_MAX = 200;

function isSame(actor: Actor, asking: Actor): boolean {
  return asking.session === undefined ? actor.name === asking.name : actor.session === asking.session;
}

function unknownSession(text: string, sessions: readonly string[]): HoldfastError {
  const known = sessions.slice(-SESSIONS_NAMED).reverse();
  const why = known.length === 0 ? "no session is on record yet" : `on record: ${known.join(", ")}`;
  return new HoldfastError("ROLLBACK_UNKNOWN", `nothing is on record of one session "${text}"; ${why}`, {
    hint: known.length === 0 ? "holdfast hooks install <agent>" : `holdfast undo --session ${known[0]} --dry-run`,
    data: { session: text, sessions: known },
  });
}

const SESSIONS_NAMED = 10;
