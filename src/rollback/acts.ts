/**
 * What was done, as far as it is on record: agents' commands and writes, runs, orders, restores and rollbacks, each with the versions of
 * the vault that may be its doing.
 *
 * Of an order or a restore the paths are known exactly. Of a command only what its words allow: what was noted while it ran and lies in
 * their reach is surely its doing, what was noted while a command ran that nobody understands is perhaps.
 */

import { type Entry, LIMITS, sameEntry, type TreePath } from "../base/index.ts";
import {
  type CommandReading,
  describeCommand,
  describeScript,
  judgeCommand,
  reachedBy,
  reportsFolder,
  reportsOfRunning,
} from "../cause/index.ts";
import type { Actor, AnyLedgerRecord, LedgerRecord } from "../ledger/index.ts";
import type { Version } from "../vault/index.ts";
import { type Change, decodeChangeSet } from "../workorder/index.ts";
import type { RollbackWorld } from "./world.ts";

export const NOT_ITS = 0;
export const PERHAPS_ITS = 1;
export const ITS = 2;
export type Ownership = typeof NOT_ITS | typeof PERHAPS_ITS | typeof ITS;

export interface Act {
  readonly what: string;
  readonly actor: Actor;
  /** ISO: when it ended, or was recorded. */
  readonly at: string;
  readonly seq: number;
  readonly isRunning: boolean;
  /** A repair or a canary: never what somebody wants undone, but its doing is nobody else's. */
  readonly isOwn: boolean;
  /** Every path that it can have changed. */
  paths(): Iterable<TreePath>;
  /** `versions`: of one path, oldest first. */
  owns(path: TreePath, versions: readonly Version[], index: number): Ownership;
  /** What it did outside of the tree, where no versions are. */
  outside(): readonly Change[];
}

const EVENTS = ["hook.ran", "exec.completed", "rollback.completed", "snapshot.restored", "wo.accepted"] as const;

/** Newest first, those that still run before all. At most `LIMITS.undoActsMax`. */
export function* actsOf(world: RollbackWorld): Generator<Act> {
  yield* runningActs(world);
  for (const record of world.ledger.read({ events: EVENTS, newestFirst: true, limit: LIMITS.undoActsMax })) {
    const act = actOf(record as AnyLedgerRecord, world);
    if (act !== null) yield act;
  }
}

function* runningActs(world: RollbackWorld): Generator<Act> {
  const { tree, ports, vault, ledger, runs } = world;
  const open = new Set(runs.all().map(({ id }) => id));
  for (const { id, command, cwd, actor, startedMs } of reportsOfRunning(reportsFolder(tree.state), ports)) {
    if (open.has(id)) continue;
    const what = typeof command === "string" ? describeScript(command) : describeCommand(command);
    const window = { from: vault.versionAtTime(startedMs), to: vault.versionHead() };
    const at = new Date(ports.clock.now()).toISOString();
    yield { ...during(window, { what, cwd }, world), what, actor, at, seq: ledger.head().seq, isRunning: true };
  }
}

function actOf(record: AnyLedgerRecord, world: RollbackWorld): Act | null {
  const { actor, ts: at, seq } = record;
  const shared = { actor, at, seq, isRunning: false };
  switch (record.event) {
    case "hook.ran": {
      const { what, cwd, from, to, writes } = record.data;
      const doing = writes === null ? during({ from, to }, { what, cwd }, world) : writing({ from, to }, writes, world);
      return { ...shared, ...doing, what };
    }
    case "exec.completed":
    case "rollback.completed":
      return {
        ...shared,
        ...ofRun(record, world),
        what: record.data.kind === "undo" ? undoOf(record.data.what) : record.data.what,
      };
    case "snapshot.restored": {
      const states = () => (record.paths ?? []).map((path) => ({ path, after: null }));
      return { ...shared, ...exactly(states, record, world), what: record.summary };
    }
    case "wo.accepted": {
      const { changeSet } = record.data;
      const changes = () => decodeChangeSet(world.vault.read(changeSet)).changes;
      const row = world.book.row(record.wo ?? "");
      const isOwn = row?.via === "repair" || row?.via === "canary";
      const by = submitterOf(record, world) ?? actor;
      return { ...shared, ...exactly(changes, record, world), actor: by, isOwn, what: `order ${record.wo ?? ""}` };
    }
    default:
      return null;
  }
}

/** To undo an undo is to do the thing again: that is what it is called, however often. */
function undoOf(what: string): string {
  return what.startsWith(UNDO) ? what.slice(UNDO.length) : `${UNDO}${what}`;
}

const UNDO = "undo of ";

/** An order is accepted by the engine: who wanted it submitted it. */
function submitterOf({ wo, seq }: { wo?: string; seq: number }, { ledger }: RollbackWorld): Actor | null {
  if (wo === undefined) return null;
  const [received] = [...ledger.read({ wo, events: ["wo.received"], beforeSeq: seq, newestFirst: true, limit: 1 })];
  return received?.actor ?? null;
}

type Doing = Pick<Act, "paths" | "owns" | "outside" | "isOwn">;

function ofRun(
  { data, ...record }: LedgerRecord<"exec.completed"> | LedgerRecord<"rollback.completed">,
  world: RollbackWorld,
): Doing {
  const { kind, what, point, changeSet } = data;
  if (kind !== "exec" && kind !== "script") {
    const changes = () => (changeSet === null ? [] : decodeChangeSet(world.vault.read(changeSet)).changes);
    return exactly(changes, record, world);
  }
  const [begun] = [
    ...world.ledger.read({
      beforeSeq: record.seq,
      events: ["exec.started", "rollback.started"],
      newestFirst: true,
      limit: LIMITS.undoRunsMax,
    }),
  ].filter((one) => (one as LedgerRecord<"exec.started">).data.run === data.run) as LedgerRecord<"exec.started">[];
  const window = { from: point, to: world.vault.versionAtTime(Date.parse(record.ts)) };
  return during(window, { what, cwd: begun?.data.cwd ?? world.tree.root }, world);
}

interface Window {
  readonly from: number;
  readonly to: number;
}

/** Read from its words as they are shown: what was cut off or hidden there is not understood. */
function during({ from, to }: Window, { what, cwd }: { what: string; cwd: string }, world: RollbackWorld): Doing {
  const { vault, tree, ports } = world;
  const isCut = what.endsWith("…");
  const workTreeOf = (folder: string) => ports.git.locate(folder)?.workTree ?? null;
  const { reading, touches } = judgeCommand(what, { cwd, home: ports.process.home(), workTreeOf });
  const isKnown = reading.understood && !isCut;
  const makes = leavesOf(reading).some(({ tool }) => MAKERS.has(tool));
  return {
    outside: () => [],
    isOwn: false,
    paths: () => vault.pathsBetween(from, to),
    owns(path, versions, index) {
      const { number } = versions[index]!;
      if (number <= from || number > to) return NOT_ITS;
      const { sure, perhaps } = reachedBy({ touches }, [`${tree.root}/${path}`]);
      if (sure.length > 0) return ITS;
      const isMade = makes && (versions[index - 1]?.entry.kind ?? "absent") === "absent";
      return perhaps.length > 0 || !isKnown || isMade ? PERHAPS_ITS : NOT_ITS;
    },
  };
}

/** They only make what was not there, and so take nothing: their words name no reach. */
const MAKERS = new Set(["touch", "mkdir", "ln", "git"]);

function leavesOf(reading: CommandReading): CommandReading[] {
  return reading.parts.length === 0 ? [reading] : reading.parts.flatMap(leavesOf);
}

function writing({ from, to }: Window, writes: readonly string[], { vault }: RollbackWorld): Doing {
  const named = new Set(writes);
  return {
    outside: () => [],
    isOwn: false,
    paths: () => vault.pathsBetween(from, to).filter((path) => named.has(path)),
    owns: (path, versions, index) => {
      const { number } = versions[index]!;
      return number > from && number <= to && named.has(path) ? ITS : NOT_ITS;
    },
  };
}

/** The version that was noted in the commit of its record. What it changed is read when it is asked for. */
function exactly(
  read: () => readonly { readonly path: string; readonly after: Entry | null }[],
  { ts, paths: named = [], pathsTotal }: Pick<LedgerRecord, "ts" | "paths" | "pathsTotal">,
  { places }: RollbackWorld,
): Doing {
  const untilMs = Date.parse(ts) + NOTED_LATE_MS;
  const onRecord = pathsTotal === undefined && named.length < LIMITS.ledgerPathsMax ? new Set(named) : null;
  let known: ReturnType<typeof read> | null = null;
  let after: Map<string, Entry | null> | null = null;
  const states = () => (known ??= read());
  const goalOf = (path: TreePath) => {
    if (onRecord?.has(path) === false) return undefined;
    after ??= new Map(states().map((state) => [state.path, state.after]));
    return after.get(path);
  };
  return {
    isOwn: false,
    outside: () => states().filter((state): state is Change => "before" in state && !places.isInside(state.path)),
    paths: () =>
      states()
        .map(({ path }) => path as TreePath)
        .filter((path) => places.isInside(path)),
    owns(path, versions, index) {
      if (versions[index]!.seenAtMs > untilMs) return NOT_ITS;
      const goal = goalOf(path);
      if (goal === undefined) return NOT_ITS;
      const its = versions.findLastIndex(
        ({ seenAtMs, entry }) => seenAtMs <= untilMs && (goal === null || sameEntry(entry, goal)),
      );
      return its === index ? ITS : NOT_ITS;
    },
  };
}

const NOTED_LATE_MS = 20;
