/** Every source that may know something of a subject, asked side by side, each with its limit. */

import { LIMITS, type Ports } from "../base/index.ts";
import { type GitLog, type OtherRefs, readGitLog, readOtherRefs } from "./collectors/git-log.ts";
import { type Memory, type Remembered, remembered } from "./collectors/holdfast.ts";
import { findLaunchers, type Launcher } from "./collectors/launchers.ts";
import { type ForeignSighting, readLedgers } from "./collectors/ledgers.ts";
import { type LogSighting, readLogs } from "./collectors/logs.ts";
import { type Looked, look } from "./collectors/looked.ts";
import type { PastOptions } from "./git-past/kept-past.ts";
import { openRepository, type Repository } from "./git-past/repository.ts";
import type { Subject } from "./subject.ts";

export type DiagnosePorts = Pick<Ports, "disk" | "git" | "clock" | "process">;

/** `evidence` of `holdfast.yaml`. */
export interface EvidencePlaces {
  readonly limitMs: number;
  readonly rollbackLogs: readonly string[];
  readonly serviceLogs: readonly string[];
  readonly ledgers: readonly string[];
}

export const USUAL_PLACES: EvidencePlaces = {
  limitMs: 30_000,
  rollbackLogs: ["logs/rollback_*.log"],
  serviceLogs: [],
  ledgers: [],
};

export interface Gathered {
  readonly repository: Repository | null;
  readonly log: Looked<GitLog>;
  readonly others: Looked<OtherRefs>;
  readonly ledgers: Looked<ForeignSighting[]>;
  readonly logs: Looked<LogSighting[]>;
  readonly launchers: Looked<Launcher[]>;
  /** `null`: Holdfast keeps no memory of this place. */
  readonly remembered: Looked<Remembered> | null;
}

export interface GatherRequest {
  readonly subject: Subject;
  readonly places: EvidencePlaces;
  /** `null`: there is none here; a text: there should be one, and it cannot be opened. */
  readonly memory: Memory | string | null;
  readonly past: PastOptions | null;
}

export async function gather(
  { subject, places, memory, past }: GatherRequest,
  ports: DiagnosePorts,
): Promise<Gathered> {
  const nearest = openRepository(subject.root, ports, past);
  const repository = nearest?.root === subject.root ? nearest : null;
  const { limitMs } = places;
  const launchersLooked = look(
    { source: "launchers", limitMs, work: async (time) => findLaunchers(subject, ports, time) },
    ports,
  );
  const logsLooked = launchersLooked.then(({ found }) =>
    look(
      { source: "logs", limitMs, work: (time) => readLogs({ subject, launchers: found ?? [], places }, ports, time) },
      ports,
    ),
  );
  const [log, others, launchers, logs, ledgers, known] = await Promise.all([
    lookInGit(repository, "git", ports, (one) => readGitLog(one, subject)),
    lookInGit(repository, "git refs", ports, (one) => readOtherRefs(one, subject)),
    launchersLooked,
    logsLooked,
    look({ source: "ledgers", limitMs, work: (time) => readLedgers(subject, places.ledgers, ports, time) }, ports),
    memory === null ? null : lookInMemory(memory, subject, limitMs, ports),
  ]);
  return { repository, log, others, launchers, logs, ledgers, remembered: known };
}

export function lookInGit<T>(
  repository: Repository | null,
  source: string,
  ports: Pick<Ports, "clock">,
  work: (repository: Repository) => Promise<{ found: T; note: string | null }>,
): Promise<Looked<T>> {
  const limitMs = LIMITS.diagnoseGitMs;
  if (repository === null) return Promise.resolve(notLooked<T>(source, "no git repository is here"));
  return look({ source, limitMs, work: () => work(repository) }, ports);
}

function lookInMemory(
  memory: Memory | string,
  subject: Subject,
  limitMs: number,
  ports: Pick<Ports, "clock">,
): Promise<Looked<Remembered>> {
  if (typeof memory === "string") return Promise.resolve(notLooked<Remembered>("vault and ledger", memory));
  return look({ source: "vault and ledger", limitMs, work: () => remembered(memory, subject) }, ports);
}

function notLooked<T>(source: string, note: string): Looked<T> {
  return { found: null, searched: { source, complete: false, elapsedMs: 0, note } };
}
