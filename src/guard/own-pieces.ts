/**
 * Holdfast's own things outside the tree (hooks in agents' configurations, the script that they call, git's trace) are the built-in
 * component `holdfast`: what somebody takes away is an incident, open until it is there again.
 *
 * What is all ours is put back at once; lines in somebody's file are raised, because the file is theirs. Looked at again and again:
 * a few files outside the tree are not worth a watch. Crash: an incident that stands open is found again by its path.
 */

import { ABSENT, isoTime } from "../base/index.ts";
import { OWN } from "../component/index.ts";
import type { DriftOnRecord } from "../ledger/index.ts";
import { type Culprit, causeKey } from "./cause-finder.ts";
import { causeOnRecord } from "./docket.ts";
import type { IncidentRow } from "./incident-row.ts";
import { resolve } from "./resolve.ts";
import { GUARD, type GuardWorld } from "./world.ts";

export interface MissingPiece {
  readonly name: string;
  /** Absolute. */
  readonly file: string;
  readonly kind: "deleted" | "modified";
  readonly next: string;
  readonly mend: (() => void) | null;
}

export interface PieceWatch {
  /** To be called about every second. */
  tick(): Promise<void>;
}

export function watchPieces(look: () => Promise<readonly MissingPiece[]>, world: GuardWorld): PieceWatch {
  let lastWholeMs = world.ports.clock.now();
  /** Missing at the last look: an editor may be saving, an installation under way. */
  let suspected = new Set<string>();
  const told = new Set<string>();
  return {
    async tick() {
      const nowMs = world.ports.clock.now();
      const missing = await look();
      if (missing.length === 0 && suspected.size === 0 && told.size === 0) {
        lastWholeMs = nowMs;
        return;
      }
      for (const piece of missing) {
        if (!suspected.has(keyOf(piece)) || told.has(keyOf(piece))) continue;
        told.add(keyOf(piece));
        if (!isOnRecord(piece, world)) await tell(piece, { sinceMs: lastWholeMs, nowMs }, world);
        piece.mend?.();
      }
      suspected = new Set(missing.map(keyOf));
      settle(missing, world);
      for (const key of told) if (!suspected.has(key)) told.delete(key);
      if (missing.length === 0) lastWholeMs = nowMs;
    },
  };
}

function keyOf({ name, file }: Pick<MissingPiece, "name" | "file">): string {
  return `${name} ${file}`;
}

/** Open, or dismissed by a person who meant it. */
function isOnRecord(piece: MissingPiece, world: GuardWorld): boolean {
  return rowsOf(world).some(({ why }) => why.includes(whyOf(piece)));
}

function rowsOf({ incidents }: GuardWorld): IncidentRow[] {
  return incidents.rows().filter(({ state, components }) => state !== "resolved" && components.includes(OWN));
}

function whyOf({ name, file }: Pick<MissingPiece, "name" | "file">): string {
  return `${name} was taken out of ${file}`;
}

/** What is there again, whoever put it there. */
function settle(missing: readonly MissingPiece[], world: GuardWorld): void {
  const gone = new Set(missing.map(whyOf));
  const over = rowsOf(world).filter(
    ({ state, why }) => state === "open" && isPiece(why) && !why.some((one) => gone.has(one)),
  );
  if (over.length === 0) return;
  const mended = over.filter(({ response }) => response === "repair").map(({ id }) => id);
  const back = over.filter(({ response }) => response !== "repair").map(({ id }) => id);
  world.store.transaction(() => {
    resolve(mended, "repair", world);
    resolve(back, "itself", world);
  });
}

function isPiece(why: readonly string[]): boolean {
  return why.some((one) => / was taken out of \//.test(one));
}

async function tell(piece: MissingPiece, window: { sinceMs: number; nowMs: number }, world: GuardWorld): Promise<void> {
  const { file, kind, next, mend } = piece;
  const { cause, others } = await world.causes.find([{ path: file, kind }], {
    sinceMs: window.sinceMs,
    untilMs: window.nowMs,
  });
  const response = mend === null ? "raise" : "repair";
  const why = whyOf(piece);
  const drift: DriftOnRecord = {
    path: file,
    component: OWN,
    kind,
    change: kind === "deleted" ? "missing" : "new",
    goal: ABSENT,
    present: ABSENT,
    matches: null,
    note: next,
    row: 0,
    response,
  };
  const { incidents, store } = world;
  const incident = incidents.newId();
  const shared = { actor: GUARD, ok: false, incident, component: OWN, ...causeOf(cause) };
  const what = `${why}${cause === null ? "" : ` by ${cause.what}`}`;
  store.transaction(() => {
    const key = causeKey(cause);
    incidents.record({ ...shared, event: "incident.opened", data: { key }, summary: `${incident} opened: ${what}` });
    incidents.record({
      ...shared,
      event: "drift.detected",
      paths: [file],
      data: {
        drifts: [drift],
        stored: null,
        total: 1,
        components: [OWN],
        kinds: [kind],
        response,
        severity: "high",
        rows: [0],
        why: [why],
        others: others.map((other) => other.what),
        blind: null,
        since: isoTime(window.sinceMs),
      },
      summary: `${what}: ${mend === null ? `→ ${next}` : "put back"}`,
    });
  });
}

function causeOf(cause: Culprit | null) {
  return cause === null ? {} : { cause: causeOnRecord(cause) };
}
