/** What examining a subject came to, before it is put into words: shared by single paths and folders. */

import type { Change, EvidenceSource } from "./contract.ts";
import type { CommitFiles } from "./git-past/commit-files.ts";
import type { Touch } from "./git-past/read-log.ts";
import type { Finding } from "./verdict/finding.ts";

export interface Remark {
  readonly source: EvidenceSource;
  readonly says: string;
}

/** What Holdfast's own memory adds: when exactly, by whom, and what can be put back. */
export interface FromMemory {
  readonly atMs: number | null;
  readonly by: Change["by"];
  /** The version in the vault that was good. */
  readonly good: { readonly atMs: number; readonly point: string; readonly digest: string | null } | null;
}

export interface Examined {
  readonly finding: Finding;
  readonly isIntentional: boolean;
  readonly movedTo: string | null;
  /** Paths that it happened to; the subject alone when it is one. */
  readonly paths: readonly string[];
  /** Commits that changed the subject, newest first. */
  readonly line: readonly Touch[];
  /** What else the commit that changed it did. */
  readonly files: CommitFiles | null;
  /** Things worth a line of evidence that no rule is made of. */
  readonly remarks: readonly Remark[];
  readonly memory?: FromMemory;
  /** Branches that have it, where HEAD never had it. */
  readonly branches?: readonly string[];
}
