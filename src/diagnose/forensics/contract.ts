/** What an investigation of a window of time says: `forensics --json`, and the report beside it. Names as other agents' reports have them. */

import type { Diagnosis } from "../contract.ts";

export interface ForensicReport {
  v: 1;
  name: string;
  generated_at: string;
  window: { since: string; until: string };
  components: string[];
  git_events: GitEvent[];
  rollback_scripts: RollbackScript[];
  service_failures: ServiceFailure[];
  ledger_entries: LedgerEntry[];
  /** What became of each component that was asked about, or was hit. */
  findings: Finding[];
  likely_cause: LikelyCause | null;
  recommendation: Recommendation[];
  /** Where evidence is missing: what is not here did not necessarily not happen. */
  gaps: Gap[];
  elapsed_ms: number;
}

export interface GitEvent {
  at: string;
  kind: "commit" | "merge" | "head-moved";
  commit: string | null;
  author: string | null;
  subject: string;
  refs: string[];
  added: number;
  modified: number;
  deleted: string[];
  /** How many were deleted, when `deleted` is cut. */
  deleted_total: number;
  renamed: { from: string; to: string }[];
  components: string[];
}

export interface RollbackScript {
  path: string;
  /** Components and paths that it names. */
  names: string[];
  /** Commands in it that can take something away. */
  commands: string[];
  /** Runs that a log tells of, inside the window. */
  runs: { at: string | null; says: string; file: string }[];
}

export interface ServiceFailure {
  at: string | null;
  file: string;
  says: string;
  kind: "cannot-run" | "missing";
}

export interface LedgerEntry {
  at: string | null;
  source: "holdfast" | "mls";
  says: string;
  ref: string;
}

export type Finding = Pick<Diagnosis, "subject" | "verdict" | "confidence" | "change" | "lastGood" | "says">;

export interface LikelyCause {
  what: string;
  at: string | null;
  actor: string | null;
  commit: string | null;
  components: string[];
  confidence: number;
  why: string;
}

export interface Recommendation {
  title: string;
  command: string;
  risk: "none" | "low" | "high";
}

export interface Gap {
  source: string;
  from: string | null;
  to: string | null;
  why: string;
}
