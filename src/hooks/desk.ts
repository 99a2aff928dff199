/** What a hook may ask of the trees that it concerns: a daemon answers from what it holds, a process without one from the store. */

import type { HookReport } from "../cause/index.ts";
import type { AgentName } from "./call.ts";

export interface TreeDesk {
  readonly root: string;
  kept(): KeptPaths;
  /** Resolves when everything as it stands is in the vault; with the reason where that cannot be had. */
  remember(): Promise<string | null>;
  /** Who does what; the reason where it cannot be noted. */
  report(report: HookReport): string | null;
  /** A command's end: what it left is remembered, and on record it is as this agent's doing. The reason where that cannot be had. */
  ended(report: HookReport): Promise<string | null>;
  /** Newest first. */
  openIncidents(): Promise<readonly { readonly id: string; readonly says: string }[]>;
  /** What is known of a path (relative to the root); `null`: nothing. */
  knownOf(path: string): Promise<KnownPath | null>;
}

export interface KeptPaths {
  /** What must stay: absolute path → component. */
  readonly places: ReadonlyMap<string, string>;
  /** Of `hooks.onError`. */
  readonly onError: "allow" | "deny";
}

export interface KnownPath {
  readonly path: string;
  readonly isThere: boolean;
  /** Verdict and dated evidence, printable. */
  readonly says: string;
}

export interface HookWorld {
  /** What the user's `~` stands for. */
  readonly home: string;
  /** Where Holdfast keeps everything: taking that away is never harmless. */
  readonly holdfastHome: string;
  /** How an agent's shell starts Holdfast: `holdfast`, or the way to it. */
  readonly program: string;
  /** Without links; the path itself where it is not there. */
  realPath(path: string): string;
  workTreeOf(folder: string): string | null;
  scriptAt(path: string): string | null;
  nowMs(): number;
  /** The tree of a folder, and those that these absolute places reach, each with all below it. */
  desksAt(cwd: string, reached: readonly string[]): Promise<readonly TreeDesk[]>;
  /** The agent's own hook, beside another's that it runs as well. */
  isInstalled(agent: AgentName): boolean;
  /** What a session has done so far, where somebody keeps it in mind. */
  readonly sessions: { hasDiagnosed(session: string): boolean; noteDiagnosis(session: string): void } | null;
}
