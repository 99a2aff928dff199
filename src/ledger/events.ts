/**
 * The closed union of everything that the ledger records. `docs/formats.md` lists it; adding an event is adding it here.
 *
 * Data is what is needed to build every view again: order rows, baselines and the accepted configuration are folds over these
 * records. Bytes are never in a record: they are in the vault, named by digest.
 */

import type { Digest, Entry, SnapshotId, WorkOrderId } from "../base/index.ts";

export interface EventData {
  "tree.initialized": { root: string; treeId: string; rememberedFiles: number; bytes: number };
  "tree.config-accepted": { digest: Digest };
  "tree.uninstalled": Record<string, never>;
  /** A paragraph about Holdfast was added to what agents read. */
  "tree.agents-told": { files: string[] };
  "tree.recovered": { from: "packs-and-segments"; records: number; note: string };

  /** The canonical tree is another folder now: a copy, a workspace, or where it was moved to. */
  "tree.adopted": { from: string; to: string; standing: "workspace" | "copy" | "moved" };
  /** An agent runs in a copy, or orders lie in its inboxes: nobody guards what they do there. */
  "tree.copy-at-work": { root: string; agents: string[]; orders: string[]; why: string };
  /** A git worktree is remembered from now on; `fork`: the vault's version that it began as. */
  "tree.workspace-met": { name: string; root: string; fork: number };
  /** It is not there any more. `since`: before its removal began; `files` it had then, `onlyThere` of them with bytes that exist nowhere else. */
  "tree.workspace-gone": { name: string; root: string; files: number; onlyThere: number; since: string };

  "wo.received": {
    agent: string | null;
    via: "cli" | "socket" | "inbox" | "repair" | "canary";
    /** The original document, in the vault. */
    raw: Digest;
    /** The normal form as JSON, in the vault. */
    order: Digest;
    rawFilename: string | null;
    inboxPath: string | null;
    attempt: number;
    warnings: string[];
    /** Who carries it out: `holdfast`, or an agent. */
    executor: string;
  };
  "wo.held": { reason: string };
  "wo.approved": Record<string, never>;
  "wo.routed": { to: string };
  "wo.planned": { changeSet: Digest; changes: number; dryRun: boolean; point: number };
  "wo.started": Record<string, never>;
  "wo.applied": { changes: number; point: number };
  "wo.steps-ran": { changeSet: Digest; changes: number };
  "wo.verified": { tests: TestOutcome[] };
  /** `changeSet`: every path the order moved, with its state before and after, in the vault. What baselines are rebuilt from. */
  "wo.accepted": { changes: number; changeSet: Digest; branch: string | null };
  "wo.undone": { code: string; message: string; hint: string; tests: TestOutcome[]; retryAtMs: number | null };
  "wo.conflicted": {
    code: string;
    message: string;
    hint: string;
    kept: { path: string; digest: Digest | null }[];
    tests: TestOutcome[];
  };
  "wo.refused": { code: string; message: string; hint: string; line?: number; column?: number };
  "wo.cancelled": { reason: string };
  "wo.completed": { summary: string };
  "wo.failed": { message: string };
  "wo.retried": { attempt: number };
  "wo.set-aside": {
    file: string;
    to: string;
    code: string;
    message: string;
    line?: number;
    column?: number;
    raw: Digest | null;
  };
  "wo.late-writer": { path: string; digest: Digest };

  "component.protected": { paths: string[] };
  "component.accepted": { changeSet: Digest; paths: number; reason: string; branch: string | null };
  "component.removed": Record<string, never>;

  "snapshot.taken": { files: number; bytes: number; newBytes: number; skipped: number; note: string };
  "snapshot.failed": { code: string; message: string };
  "snapshot.restored": { from: string; restored: number; kept: number; snapshotBefore: SnapshotId | null };

  "vault.pruned": { records: number; bytes: number };
  "vault.forgotten": { digests: Digest[]; reason: string };
  "vault.corrupt": { digest: string; pack: string };
  "vault.skipped": { paths: { path: string; why: string }[] };

  "canary.ok": { ms: number };
  "canary.failed": { step: string; message: string };

  /** `key`: what later drift of the same cause joins by; `null` where no cause is known. */
  "incident.opened": { key: string | null };
  "incident.joined": { key: string | null };
  /** Everything that drifted is as it should be again, or was accepted. */
  "incident.resolved": { by: "repair" | "itself" | "accept" | "another" };
  "incident.escalated": { reason: string };
  "incident.dismissed": { falseAlarm: boolean; reason: string };

  /** What was found and decided. `drifts` is `null` where there are too many: then they are in the vault, as `stored`. */
  "drift.detected": {
    drifts: DriftOnRecord[] | null;
    stored: Digest | null;
    total: number;
    components: string[];
    kinds: string[];
    response: string;
    severity: string;
    rows: number[];
    why: string[];
    /** Others that could have done it too. */
    others: string[];
    blind: { from: string; to: string; why: string } | null;
    /** When it can have begun: the first hint, or the last look before. Records of earlier versions lack it. */
    since?: string;
  };
  "drift.deferred": { reason: string; total: number };

  "repair.started": { paths: number };
  "repair.completed": { paths: number; kept: string[]; ms: number };
  /** What git will refuse to do now, and the way out. Asked when all is back: nobody waits for git. */
  "repair.noted": { note: string };
  "repair.failed": { code: string; message: string };

  /** One look at everything that is protected. */
  "guard.checked": { components: number; drifted: string[]; missing: string[]; deep: boolean; ms: number };
  "guard.blind": { from: string; to: string; why: string };
  "guard.evidence-lost": { what: string };
  "guard.brake": { kind: string; why: string };
  "guard.brake-released": { ms: number };
  "guard.paused": { window: string; until: string; reason: string };

  "maintenance.begun": { window: string; until: string; reason: string };
  "maintenance.ended": { window: string; how: "time" | "asked" | "accepted" | "restored" };

  /** A command under `holdfast exec`, a rollback script: what it takes of protected components is put back, unless `force`. */
  "exec.started": RunStarted;
  "exec.completed": RunCompleted;
  "rollback.started": RunStarted;
  "rollback.completed": RunCompleted;

  /** Into the user's own configuration of an agent, or of git. */
  "hook.installed": { target: string; file: string; settings: string[] };
  "hook.removed": { target: string; file: string; settings: string[] };
  /**
   * An agent's command, told by its hook when it had ended: what was noted after version `from`, up to `to`, may be its doing. `writes`:
   * what the agent's own tool, and no command, wrote.
   */
  "hook.ran": {
    id: string;
    what: string;
    cwd: string;
    started: string;
    exitCode: number | null;
    from: number;
    to: number;
    writes: string[] | null;
  };

  /** Units that the operating system runs for this tree; `aside`: other people's that stood in their place. */
  "service.installed": { manager: string; files: string[]; aside: string[]; notStarted: string | null };
  "service.removed": { files: string[]; restored: string[] };

  /** A script starts itself under Holdfast from now on, or (`removed`) no more. `original`: without the line. */
  "rollback.adopted": { removed: boolean; original: Digest; hadBaseline: boolean };
  /** `report`: the file, from the tree's root where it lies in it. */
  "forensics.completed": { name: string; since: string; until: string; cause: string | null; report: string };

  /** `alert`: the notification's id, the same in each attempt. `channel`: by name, without what is secret in it. */
  "alert.sent": { alert: string; channel: string; records: number; attempts: number };
  /** It was given up. */
  "alert.failed": { alert: string; channel: string; records: number; attempts: number; why: string };
  /** A rule says `to: telemetry`. */
  "alert.raised": { alert: string; title: string; severity: string; records: number };
  "alert.tested": { channels: { channel: string; ok: boolean; why: string | null }[] };

  "guard.started": { version: string };
  "guard.stopped": { reason: string };
}

interface RunStarted {
  run: string;
  kind: string;
  what: string;
  cwd: string;
  force: boolean;
  /** The vault's point before: `restore --from V…`. */
  point: number;
  branch: string | null;
  log: string;
  /** Of the command's process; `null` where Holdfast itself goes back. */
  pid: number | null;
  startKey: string | null;
  window: string | null;
  /** It brings back what was, as opposed to a build or an editor. */
  goesBack: boolean;
}

interface RunCompleted {
  run: string;
  kind: string;
  what: string;
  exitCode: number | null;
  signal: string | null;
  /** Its `holdfast` died: closed without force. */
  abandoned: boolean;
  /** Protected paths that were put back, or left out; that somebody else wrote to meanwhile; that were taken by force. */
  putBack: number;
  left: number;
  kept: string[];
  accepted: number;
  /** What is known to be its doing, with how it was before, in the vault: never evicted. Of a command, only what was accepted by force. */
  changeSet: Digest | null;
  /** What of it was accepted by force. */
  acceptedSet: Digest | null;
  point: number;
  log: string;
}

export type EventName = keyof EventData;

/** One drifted path: what is there, what a repair returns, both by digest, and which older state is back. */
export interface DriftOnRecord {
  path: string;
  component: string;
  kind: string;
  change: string;
  goal: Entry;
  present: Entry;
  matches: { version: number | null; seenAtMs: number | null; wo: string | null; commit: string | null } | null;
  note?: string;
  row: number;
  response: string;
}

export interface TestOutcome {
  name: string;
  ok: boolean;
  output: string;
}

export interface Actor {
  kind: "agent" | "human" | "service" | "unknown";
  name: string;
  pid?: number;
  session?: string;
}

/** What a room hands to `Ledger.append`; the ledger adds sequence, id, time, tree and the chain. */
export interface NewRecord<E extends EventName = EventName> {
  event: E;
  actor: Actor;
  ok?: boolean;
  wo?: WorkOrderId;
  component?: string;
  incident?: string;
  snapshot?: SnapshotId;
  paths?: readonly string[];
  cause?: { what: string; actor?: string; pid?: number; confidence: number };
  summary: string;
  data: EventData[E];
}

/** A ledger record as it is hashed, exported and shown; the contract is `docs/formats.md`. */
export interface LedgerRecord<E extends EventName = EventName> {
  v: 1;
  seq: number;
  /** UUIDv7. */
  id: string;
  ts: string;
  tree: string;
  actor: Actor;
  event: E;
  ok: boolean;
  wo?: string;
  component?: string;
  incident?: string;
  snapshot?: string;
  paths?: string[];
  /** How many paths there were, when `paths` was cut at `LIMITS.ledgerPathsMax`. */
  pathsTotal?: number;
  cause?: NewRecord["cause"];
  summary: string;
  data: EventData[E];
  /** How far the wall clock stood before `ts`: it was set back, and `ts` repeats the previous record's. */
  clockBehindMs?: number;
  /** The previous record's `hash`; empty in the first. */
  prev: string;
  /** 64 hexadecimal digits. */
  hash: string;
}

/** The same as a union, so that a `switch` over `event` knows what `data` is. */
export type AnyLedgerRecord = { [E in EventName]: LedgerRecord<E> }[EventName];
