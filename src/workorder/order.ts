/**
 * The normal form of a work order: what every dialect becomes. Paths are still as the author wrote them; `plan.ts` checks them.
 *
 * Kept as JSON in the vault (`content` as base64), so that every view of an order can be built again.
 */

import type { Digest, Entry, WorkOrderId } from "../base/index.ts";

export interface WorkOrder {
  v: 1;
  id: WorkOrderId;
  title: string;
  summary: string;
  description: string;
  owner: string;
  category: string;
  priority: "High" | "Medium" | "Low";
  tags: string[];
  goal: string;
  dueDate: string | null;
  notes: string;
  progress: number | null;
  createdAt: string | null;
  /** Who it is for, from `target`, `assignee`, `route_hints` …; most specific first. */
  routes: string[];
  notBeforeMs: number | null;
  timeoutMs: number | null;
  retries: number | null;
  dependsOn: WorkOrderId[];
  supersedes: WorkOrderId | null;
  dryRun: boolean;
  /** In the order of execution. Empty: nothing to execute, the order is routed to its agent. */
  operations: Operation[];
  steps: Step[];
  checks: Check[];
  /** Steps may be run again after a crash. */
  idempotent: boolean;
  /** What the steps claim; `null`: everything. */
  touches: string[] | null;
  warnings: string[];
  /** Every key that no field above took, verbatim. */
  extra: Record<string, unknown>;
}

export type Operation =
  | { op: "write"; path: string; content: string; mode: number | null; sha256: Digest | null }
  | { op: "append"; path: string; content: string; mode: number | null }
  /**
   * `count: null`: exactly one match, anything else is an error. `count: n`: exactly n. `"all"`: at least one.
   * With `insert`, `replace` is put beside the match instead of in its place: text that ends in a newline as whole lines after or
   * before the match's lines, any other text right at the match.
   */
  | {
      op: "replace";
      path: string;
      find: string;
      replace: string;
      count: number | "all" | null;
      insert?: "after" | "before";
    }
  | { op: "delete"; path: string }
  | { op: "move"; path: string; to: string }
  | { op: "mkdir"; path: string; mode: number | null }
  | { op: "chmod"; path: string; mode: number }
  | { op: "symlink"; path: string; target: string }
  /**
   * From the vault: `from` is a snapshot id, a digest or `null` for the last known state. A repair says `exactly` which state, content
   * in the vault by its digest, and leaves the path alone when something else stands there than it was judged by.
   */
  | { op: "restore"; path: string; from: string | null; exactly?: { state: Entry; whileStands: Entry } }
  /** Unified diff or `*** Begin Patch`; `path` where the patch itself names none. */
  | { op: "patch"; patch: string; path: string | null; fuzz: number };

/** `content` above is base64 of the bytes, so that a normal form survives JSON. */
export interface Step {
  name: string;
  /** `shell` runs under `bash -c` (`sh` where there is no bash), `node` as a script, `program` (an agent's own command) without a shell. */
  run: { shell: string } | { node: string } | { program: readonly [string, ...string[]] };
  timeoutMs: number | null;
  retries: number;
  retryDelayMs: number;
  alwaysRun: boolean;
}

export interface Check {
  name: string;
  command: string;
  /** What stdout, trimmed, must be; `null`: not compared. */
  expected: string | null;
  exitCode: number;
  timeoutMs: number | null;
}

/** What one document turned out to be. */
export type Classified =
  | { kind: "order"; order: WorkOrder }
  /** An acknowledgement, result, approval, template, manifest, queue entry …: set aside with its reason, never failed. */
  | { kind: "not-an-order"; what: string; reason: string };

/** True when the order changes or runs something; otherwise it is routed. */
export function hasBody(order: WorkOrder): boolean {
  return order.operations.length > 0 || order.steps.length > 0;
}
