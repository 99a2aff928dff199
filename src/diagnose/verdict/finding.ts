/** What a rule found of one path. */

import type { ChangeKind, Verdict } from "../contract.ts";
import type { FileCase, Link } from "./file-case.ts";

export interface Finding {
  /** The rule that found it. */
  readonly rule: string;
  readonly verdict: Verdict;
  readonly kind: ChangeKind | null;
  /** What changed it; `null` where nothing did, or nobody knows. */
  readonly link: Link | null;
  /** The link whose `to` is the last good state; `null` where none is known. */
  readonly good: Link | null;
  readonly confidence: number;
  /** A sentence without its subject: "was deleted by …" is made of kind and link; this says more. */
  readonly because: string;
}

export interface Rule<Case> {
  readonly name: string;
  find(one: Case): Omit<Finding, "rule"> | null;
}

export type FileRule = Rule<FileCase>;

/** The first rule that finds something decides. */
export function firstFinding<Case>(rules: readonly Rule<Case>[], one: Case): Finding | null {
  for (const rule of rules) {
    const found = rule.find(one);
    if (found !== null) return { rule: rule.name, ...found };
  }
  return null;
}
