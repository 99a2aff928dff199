/**
 * A run: one command or script between its beginning, when everything was remembered and the guard was told, and its end, when what it
 * took of protected components is put back or accepted.
 *
 * A run is open from the commit of its `started` record to that of its `completed` record. Crash: it stays in the store, and whoever
 * writes next ends it without force, once neither its `holdfast` nor its command lives any more.
 */

import type { Migration, Store, TreePath } from "../base/index.ts";
import type { Actor, Ledger, LedgerRecord } from "../ledger/index.ts";
import type { RunReach } from "./run-reach.ts";

export interface Run {
  /** `R-1f2e3d4c`. */
  readonly id: string;
  /** `script`: a rollback script, which goes back whatever it does. */
  readonly kind: "exec" | "script";
  /** As it was given. Kept only while the run is open. */
  readonly command: readonly string[];
  /** For people: quoted, without credentials. */
  readonly what: string;
  readonly cwd: string;
  readonly actor: Actor;
  readonly force: boolean;
  /** Of the `holdfast` that runs it. */
  readonly pid: number;
  /** Tells two processes of one id apart; `null` where the system does not say. */
  readonly startKey: string | null;
  readonly startedMs: number;
  /** The vault's point before. */
  readonly point: number;
  /** The ledger's head before. */
  readonly seq: number;
  readonly branch: string | null;
  readonly reach: RunReach;
  /** The guard's window. */
  readonly window: string;
  /** Absolute. */
  readonly logFile: string;
  /** What the log begins with. */
  readonly logHead: string;
  /** What was put back already, should its end have been interrupted. */
  readonly putBack: readonly TreePath[];
}

export const rollbackMigrations: readonly Migration[] = [
  {
    room: "rollback",
    version: 1,
    sql: "CREATE TABLE rollback_run (id TEXT PRIMARY KEY, started_ms INTEGER NOT NULL, run TEXT NOT NULL) STRICT",
  },
];

/** Those that are open. */
export interface Runs {
  /** Oldest first. */
  all(): Run[];
  get(id: string): Run | null;
  /** Inside the caller's transaction, as the next. */
  add(run: Run): void;
  remove(id: string): void;
  /** Makes the rows again from the ledger: after a lost database. */
  rebuild(ledger: Ledger): void;
}

export function openRuns(store: Store): Runs {
  const parse = ({ run }: { run: string }) => JSON.parse(run) as Run;
  return {
    all: () => store.all<{ run: string }>("SELECT run FROM rollback_run ORDER BY started_ms, id").map(parse),
    get(id) {
      const row = store.get<{ run: string }>("SELECT run FROM rollback_run WHERE id = ?", id);
      return row === undefined ? null : parse(row);
    },
    add: (run) =>
      void store.run(
        "INSERT OR REPLACE INTO rollback_run (id, started_ms, run) VALUES (?, ?, ?)",
        run.id,
        run.startedMs,
        JSON.stringify(run),
      ),
    remove: (id) => void store.run("DELETE FROM rollback_run WHERE id = ?", id),
    rebuild(ledger) {
      store.transaction(() => {
        store.exec("DELETE FROM rollback_run");
        for (const record of ledger.read({ events: STARTED })) {
          const run = runFrom(record as LedgerRecord<"exec.started">);
          if (run !== null) this.add(run);
        }
        for (const record of ledger.read({ events: COMPLETED }))
          this.remove((record as LedgerRecord<"exec.completed">).data.run);
      });
    },
  };
}

const STARTED = ["exec.started", "rollback.started"] as const;
const COMPLETED = ["exec.completed", "rollback.completed"] as const;

/** The reading is not in the ledger: what goes back counts as having reached everything. `null` for what had no command. */
function runFrom({ data, actor, ts, seq }: LedgerRecord<"exec.started">): Run | null {
  const { run: id, what, cwd, force, point, pid, startKey, window, branch, log, goesBack } = data;
  if (pid === null || window === null) return null;
  const reach = { understood: false, touches: [], back: goesBack ? ("anything" as const) : [], discards: goesBack };
  const known = { id, what, cwd, force, point, pid, startKey, window, branch, actor, seq };
  const kind = data.kind === "script" ? "script" : "exec";
  const startedMs = Date.parse(ts);
  return { ...known, kind, command: [what], startedMs, reach, logFile: log, logHead: "", putBack: [] };
}
