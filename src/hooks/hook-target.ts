/** What can be hooked into. Each target says first what it would change, as data; then that plan is applied, and nothing else. */

import type { Ports } from "../base/index.ts";

export type HookPorts = Pick<Ports, "disk" | "process" | "clock">;

export interface HookChange {
  readonly file: string;
  readonly setting: string;
  /** `null`: not set. */
  readonly from: string | null;
  readonly to: string | null;
}

export interface HookPlan {
  readonly target: string;
  readonly action: "install" | "remove";
  /** Empty: there is nothing to do. */
  readonly changes: readonly HookChange[];
  /** The same as a unified diff, where whole lines are put into a file. */
  readonly diff: string | null;
  /** What a person should know before it is done. */
  readonly notes: readonly string[];
}

export interface HookStatus {
  readonly target: string;
  readonly about: string;
  readonly installed: boolean;
  /** Whether the agent runs it; `null` where that is no question. */
  readonly trusted: "yes" | "no" | "unknown" | null;
  /** ISO time of its last call; `null` where it never was called, or is never called (`git-trace`). */
  readonly lastFired: string | null;
  /** What keeps it from working, or makes it work less well. */
  readonly problems: readonly string[];
  readonly facts: Readonly<Record<string, string | number | null>>;
}

export interface HookOptions {
  /** Also look at what an agent says at the end of a turn. */
  readonly claimCheck: boolean;
}

export interface HookTarget {
  readonly name: string;
  readonly about: string;
  status(ports: HookPorts): Promise<HookStatus>;
  /** Throws `HOOK_CONFLICT` where something else is in its place. */
  plan(action: HookPlan["action"], ports: HookPorts, options?: HookOptions): Promise<HookPlan>;
  /** Applies `plan`; what changed since it was made is noticed, and refused with `HOOK_CONFLICT`. */
  apply(plan: HookPlan, ports: HookPorts): Promise<void>;
}
