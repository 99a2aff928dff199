/** Decides what became of the subject: by git, by Holdfast's memory, by everybody else who saw it. */

import { lookElsewhere } from "./collectors/elsewhere.ts";
import type { Memory } from "./collectors/holdfast.ts";
import { type Looked, whyNot } from "./collectors/looked.ts";
import { troubleOf } from "./collectors/trouble.ts";
import type { Searched } from "./contract.ts";
import type { Examined } from "./examination.ts";
import { examineFile, stepsOf } from "./examine-file.ts";
import { examineFolder, NO_PAST } from "./examine-folder.ts";
import { examineMemory } from "./examine-memory.ts";
import { type DiagnosePorts, type Gathered, lookInGit } from "./gather.ts";
import { isGitFailure } from "./git-past/repository.ts";
import type { Sight } from "./sight.ts";
import type { Subject } from "./subject.ts";
import { ABSENT_RULES, type AbsentCase, type Sighting } from "./verdict/absent-case.ts";
import { type FileCase, lineOf, NO_CONTENTS } from "./verdict/file-case.ts";
import { firstFinding } from "./verdict/finding.ts";
import { serviceOf } from "./verdict/service.ts";

export interface Examination {
  readonly subject: Subject;
  readonly sight: Sight;
  readonly gathered: Gathered;
  readonly memory: Memory | string | null;
}

export async function examine(
  request: Examination,
  ports: DiagnosePorts,
): Promise<{ examined: Examined; searched: Searched[] }> {
  try {
    const byGit = await examineByGit(request, ports);
    const known = withMemory(request, byGit);
    if (known !== null) return { examined: known, searched: [] };
  } catch (error) {
    if (!isGitFailure(error)) throw error;
    return undecided(request, error);
  }
  return examineAbsent(request, ports);
}

/** Git told half of it, and then failed: what the other half would have made of it, nobody knows. */
function undecided({ subject }: Examination, error: Error): { examined: Examined; searched: Searched[] } {
  const why = whyNot(error);
  const finding = {
    rule: "git could not tell all of it",
    verdict: "unknown" as const,
    kind: null,
    link: null,
    good: null,
    confidence: 0.4,
    because: `git could not tell all of it: ${why}`,
  };
  const paths = subject.parts.map(({ path }) => path);
  return {
    examined: { finding, isIntentional: false, movedTo: null, paths, line: [], files: null, remarks: [] },
    searched: [{ source: "git details", complete: false, elapsedMs: 0, note: why }],
  };
}

async function examineByGit({ subject, sight, gathered }: Examination, ports: DiagnosePorts): Promise<Examined | null> {
  const { present, below, trustsModes, isThere } = sight;
  const log = gathered.log.found;
  const [part] = subject.parts;
  if (below === null) {
    const path = part!.path;
    return examineFile({
      path,
      present,
      log,
      trustsModes,
      service: serviceOf(gathered.logs.found ?? []),
      findTrouble: (steps, contents) => troubleOf({ path, present, steps, contents }, ports),
    });
  }
  const isFolder = subject.parts.length === 1 && !part!.isGlob;
  const cases = below.map((path) => caseOf(path, sight, gathered));
  return examineFolder({ name: part!.path, isFolder, isThere, cases, log });
}

function caseOf(path: string, { lookAt, trustsModes }: Sight, { log }: Gathered): FileCase {
  const present = lookAt(path);
  const steps = log.found === null ? [] : stepsOf(log.found.history, path);
  const inHead = steps[0]?.to ?? null;
  return {
    path,
    present,
    line: lineOf({ present, inHead, steps }, trustsModes),
    hasPast: log.found !== null,
    inHead,
    index: log.found?.index.get(path) ?? null,
    contents: NO_CONTENTS,
    trouble: null,
    service: null,
  };
}

function withMemory({ subject, sight, gathered, memory }: Examination, byGit: Examined | null): Examined | null {
  const found = gathered.remembered?.found ?? null;
  const path = subject.prefix === null ? null : subject.parts[0]!.path.slice(subject.prefix.length);
  if (found === null || memory === null || typeof memory === "string" || path === null) return byGit;
  if (sight.below !== null) return byGit === null ? null : withLost(byGit, found.lost);
  const history = gathered.log.found?.history ?? null;
  return examineMemory({
    path,
    present: sight.present,
    byGit,
    isInGit: (oid) => history?.nodes.some(({ left }) => left.get(subject.parts[0]!.path)?.oid === oid) ?? false,
    remembered: found,
    memory,
  });
}

/** What was below a folder, and only the vault still has. Where there is no git, the vault alone decides. */
function withLost(byGit: Examined, lost: readonly string[]): Examined {
  if (byGit.finding.rule === NO_PAST) {
    const isLost = lost.length > 0;
    const because = isLost
      ? `${lost.length} paths below it are gone; the vault has them`
      : "it is there, as it was remembered";
    const verdict = isLost ? ("worked-then-broke" as const) : ("healthy" as const);
    const kind = isLost ? ("deleted" as const) : null;
    return { ...byGit, finding: { ...byGit.finding, verdict, kind, confidence: 0.85, because }, paths: lost };
  }
  const remarks = lost
    .slice(0, LOST_SHOWN)
    .map((path) => ({ source: "ledger" as const, says: `${path} is gone; the vault has it` }));
  return { ...byGit, remarks: [...byGit.remarks, ...remarks] };
}

const LOST_SHOWN = 3;

// ------------------------------------------------------------------------------------------------------ what is not there

async function examineAbsent(
  { subject, gathered }: Examination,
  ports: DiagnosePorts,
): Promise<{ examined: Examined; searched: Searched[] }> {
  const { repository, log, others, ledgers, remembered } = gathered;
  const touches = others.found?.touches ?? [];
  const elsewhere = await lookInGit(repository, "git lost commits", ports, (one) =>
    lookElsewhere({ repository: one, subject, others: touches }, ports),
  );
  const sources: Looked<unknown>[] = [log, others, elsewhere, ledgers, ...(remembered === null ? [] : [remembered])];
  const one: AbsentCase = {
    ...(elsewhere.found ?? { tips: [], newest: null, stash: null, dropped: null, isIgnored: false }),
    knowsHead: log.found !== null,
    vaulted: vaultedOf(gathered),
    ran: ranOf(gathered),
    isIgnored: elsewhere.found?.isIgnored === true && remembered?.found == null,
    blind: sources.flatMap(({ searched: { source, complete, note } }) => (complete ? [] : [`${source}: ${note}`])),
  };
  return {
    examined: {
      finding: firstFinding(ABSENT_RULES, one)!,
      isIntentional: false,
      movedTo: null,
      paths: subject.parts.map(({ path }) => path),
      line: touches,
      files: null,
      remarks: [],
      branches: one.tips.map(({ ref }) => ref),
      ...(one.dropped === null
        ? {}
        : {
            memory: {
              atMs: one.dropped.at,
              by: { what: one.dropped.by, actor: null, pid: null, confidence: 0.8 },
              good: null,
            },
          }),
    },
    searched: [elsewhere.searched],
  };
}

/** Of a folder: what was below it, and could be put back. */
function vaultedOf({ remembered }: Gathered): Sighting | null {
  const lost = remembered?.found?.lost ?? [];
  if (lost.length === 0) return null;
  const more = lost.length > 1 ? ` and ${lost.length - 1} more` : "";
  return { at: null, touch: null, wentAway: true, says: `the vault remembers ${lost[0]}${more}` };
}

function ranOf({ ledgers }: Gathered): Sighting | null {
  const seen = (ledgers.found ?? []).findLast(({ kind }) => kind === "ran" || kind === "seen");
  if (seen === undefined) return null;
  const what = seen.kind === "ran" ? "it ran" : "it was seen to change";
  return { at: seen.atMs, touch: null, wentAway: false, says: `${what} (${seen.file}), and was never committed` };
}
