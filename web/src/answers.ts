/** What the daemon answers, as far as the page shows it; the contracts are in docs/formats.md. */

export interface Status {
  tree: { id: string; root: string; branch: string | null };
  daemon: {
    pid: number | null;
    version: string | null;
    since: string | null;
    trouble: { code: string; message: string; hint: string }[];
    eyes: {
      watched: { folders: number; files: number };
      unwatchedTotal: number;
      swept: { atMs: number; why: string } | null;
      root: { why: string } | null;
    } | null;
  };
  orders: { pending: number; running: number; done: number; failed: number; held: number };
  components: { healthy: number; drifted: number };
  incidents: { open: number };
  canary: { ok: boolean; at: string } | null;
  config: { accepted: string | null; differs: boolean };
}

export interface Span {
  from: string;
  to: string;
}

export interface Percentiles {
  p50: number | null;
  p95: number | null;
  max: number | null;
}

export interface Slo extends Span {
  window: string;
  uptime: number | null;
  components: { name: string; uptime: number | null; downMs: number }[];
  down: Span[];
  gaps: (Span & { why: string })[];
  notMeasuredMs: number;
  detectionMs: Percentiles;
  recoveryMs: Percentiles;
  incidents: number;
  falsePositives: number;
  checks: number;
  canary: { ok: number; failed: number };
}

export interface Cause {
  what: string;
  actor?: string | null;
  pid?: number | null;
  confidence: number;
}

export interface Incident {
  id: string;
  state: "open" | "resolved" | "dismissed";
  openedAt: string;
  resolvedAt: string | null;
  resolvedBy: string | null;
  components: string[];
  kinds: string[];
  paths: string[];
  pathsTotal: number;
  cause: Cause | null;
  others: string[];
  response: string;
  severity: string;
  why: string[];
  escalated: string | null;
  falseAlarm: boolean;
  orders: string[];
  blind: (Span & { why: string })[];
}

export interface StateText {
  state: string;
  digest: string | null;
  mode: string | null;
  version: number | null;
}

export interface IncidentStory {
  incident: Incident;
  timeline: { at: string; event: string; says: string; seq: number }[];
  drifts: {
    path: string;
    component: string;
    kind: string;
    response: string;
    note: string | null;
    was: StateText;
    became: StateText;
    diff: string | null;
  }[];
}

export interface Order {
  id: string;
  status: "pending" | "running" | "done" | "failed" | "cancelled";
  stage: string;
  title: string;
  agent: string | null;
  attempts: number;
  paths: string[];
  tests: { name: string; ok: boolean; output: string }[];
  error: { code: string; message: string; hint: string } | null;
  snapshot: string | null;
  ledgerSeq: number;
  createdAt: string;
  acceptedAt: string | null;
  priority: string;
  executor: string;
  heldBecause: string | null;
  warnings: string[];
  isStale: boolean;
}

export interface Component {
  name: string;
  paths: string[];
  response: string;
  strict: boolean;
  scope: string;
  files: number;
  drift: { path: string; kind: string }[];
  unaccepted: string[];
}

export interface LedgerRecord {
  seq: number;
  ts: string;
  event: string;
  ok: boolean;
  actor: { kind: "agent" | "human" | "service" | "unknown"; name: string; pid?: number; session?: string };
  wo?: string;
  component?: string;
  incident?: string;
  paths?: string[];
  cause?: Cause;
  summary: string;
}

export interface Diagnosis {
  subject: { path: string | null; component: string | null };
  state: { exists: boolean; kind: string | null; mode: string | null };
  verdict: string;
  confidence: number;
  change: {
    kind: string;
    at: string | null;
    by: { what: string | null; actor: string | null; pid: number | null; confidence: number } | null;
    commit: string | null;
    intentional?: boolean;
  } | null;
  lastGood: { at: string | null; source: string; commit: string | null; digest: string | null } | null;
  movedTo: string | null;
  evidence: { at: string | null; source: string; says: string; ref: string | null; weight: number }[];
  searched: { source: string; complete: boolean; elapsedMs: number; note: string | null }[];
  proposals: { title: string; command: string; risk: "none" | "low" | "high" }[];
  elapsedMs: number;
}
