/** What a diagnosis says: the document of `diagnose --json`, field by field (docs/formats.md). */

import type { DriftKind } from "../cause/index.ts";

export type Verdict =
  | "healthy"
  | "never-existed"
  | "never-worked"
  | "never-merged"
  | "worked-then-broke"
  | "moved"
  | "stale-copy"
  | "unknown";

/** `untracked` and `renamed` are no drift: only a diagnosis says them. */
export type ChangeKind = DriftKind | "untracked" | "renamed";

export type EvidenceSource =
  | "git"
  | "reflog"
  | "ledger"
  /** Other agents' ledgers and telemetry. */
  | "mls"
  | "rollback-log"
  | "service-log"
  | "trace"
  | "process"
  | "files";

export interface Diagnosis {
  v: 1;
  subject: { path: string; component: string | null };
  state: { exists: boolean; kind: StateKind | null; mode: string | null };
  verdict: Verdict;
  /** 0 to 1: made of the witnesses, never of prose. */
  confidence: number;
  change: Change | null;
  lastGood: LastGood | null;
  movedTo: string | null;
  /** One sentence for people. */
  says: string;
  /** Oldest first; what has no date stands last. */
  evidence: Evidence[];
  searched: Searched[];
  /** Best first. */
  proposals: Proposal[];
  elapsedMs: number;
}

export type StateKind = "file" | "dir" | "link" | "other";

export interface Change {
  kind: ChangeKind;
  at: string | null;
  by: { what: string; actor: string | null; pid: number | null; confidence: number } | null;
  commit: string | null;
  /** Rewritten twins of `commit`: same author date, same subject. */
  equivalentCommits: string[];
  /** Announced: a commit whose subject says so of exactly this, or an accepted order. No loss. */
  intentional: boolean;
  /** Of a folder, a glob or a component: what it happened to. At most `LIMITS.diagnosePathsShown`. */
  paths?: string[];
}

export interface LastGood {
  at: string | null;
  source: "vault" | "git";
  commit: string | null;
  snapshot: string | null;
  digest: string | null;
}

export interface Evidence {
  at: string | null;
  source: EvidenceSource;
  says: string;
  /** A commit, a ledger record's number, a file and line. */
  ref: string | null;
  /** 0 to 1; 0 for a mention, which proves nothing. */
  weight: number;
}

export interface Searched {
  source: string;
  complete: boolean;
  elapsedMs: number;
  /** Why it could not look, or not everywhere. */
  note: string | null;
}

export interface Proposal {
  title: string;
  command: string;
  risk: "none" | "low" | "high";
}
