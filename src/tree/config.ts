/** `holdfast.yaml` after parsing: every key with its default filled in. Durations are milliseconds, sizes bytes. */

/** At the tree's root. */
export const CONFIG_FILE = "holdfast.yaml";

export interface Config {
  v: 1;
  remember: {
    exclude: string[];
    precious: string[];
    maxFileBytes: number;
    keep: { sizeBytes: number; ageMs: number };
  };
  components: Record<string, ComponentConfig>;
  accept: { on: string[] };
  /** `null`: `init` without `--orders`; projections live in the state folder and there is no inbox. */
  layout: Layout | null;
  agents: Record<string, AgentConfig>;
  orders: {
    commands: "submitted" | "allow" | "deny";
    allowOutside: string[];
    requireSignature: boolean;
    timeoutMs: number;
    retries: number;
    concurrency: number;
  };
  guard: { sweepMs: number; flap: { repairs: number; withinMs: number } };
  canary: { everyMs: number; keepMs: number };
  alerts: { when: string; to: AlertChannel }[];
  vault: { mirror: string | null };
  hooks: { onError: "allow" | "deny" };
  rollback: { before: string[] };
  evidence: { windowMs: number; limitMs: number; rollbackLogs: string[]; serviceLogs: string[]; ledgers: string[] };
}

/** Secrets by reference: `env:NAME`, `file:PATH`. */
export type AlertChannel =
  | "desktop"
  | "telemetry"
  | { webhook: string; authorization?: string | undefined }
  | { slack: string }
  | { discord: string }
  | { ntfy: string; authorization?: string | undefined }
  | { command: [string, ...string[]] };

export interface ComponentConfig {
  paths: string[];
  executable: string[];
  response: "remember" | "observe" | "repair";
  strict: boolean;
  scope: "branch" | "always";
  appendOnly: boolean;
  kind: "directory" | null;
  service: string | null;
  check: string | null;
}

export interface Layout {
  inbox: string;
  outbox: string;
  archive: string;
  failed: string;
  state: string;
  dashboard: string;
  telemetry: string;
  mls: string;
  reports: string;
  logs: string;
}

export type AgentConfig =
  | { run: "builtin" }
  | { run: "command"; command: [string, ...string[]]; timeoutMs: number }
  | { run: "route" }
  | { run: "manual" };

/** What may be said of a component; the rest keeps its default. */
export type ComponentInput = Partial<ComponentConfig> & Pick<ComponentConfig, "paths">;
