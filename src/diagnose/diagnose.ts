/**
 * A question: what became of this? Collectors look, each for itself and with a limit; pure rules decide; the answer is data.
 *
 * Invariant: nothing is written, neither in the tree nor in git's folder nor in the store. What could not be looked at is said, and
 * makes the answer less certain, never another one.
 */

import { join } from "node:path";
import { type Digest, digestOf, LIMITS, type Ports } from "../base/index.ts";
import { lookElsewhere } from "./collectors/elsewhere.ts";
import { type GitLog, type OtherRefs, readGitLog, readOtherRefs } from "./collectors/git-log.ts";
import { type Looked, look, notHere } from "./collectors/looked.ts";
import { lookAt, NOTHING, type Present } from "./collectors/present.ts";
import type { Diagnosis, Searched } from "./contract.ts";
import { describeDiagnosis } from "./describe.ts";
import type { Examined } from "./examination.ts";
import { examineFile, stepsOf } from "./examine-file.ts";
import { examineFolder } from "./examine-folder.ts";
import { openRepository, type Repository, readBlobs } from "./git-past/repository.ts";
import { type Place, type Subject, subjectOf } from "./subject.ts";
import { ABSENT_RULES, type AbsentCase } from "./verdict/absent-case.ts";
import { type FileCase, lineOf, NO_CONTENTS } from "./verdict/file-case.ts";
import { firstFinding } from "./verdict/finding.ts";

export interface Question {
  readonly text: string;
  readonly place: Place;
}

export type DiagnosePorts = Pick<Ports, "disk" | "git" | "clock" | "process">;

/** Throws only for what can be no question: an empty path, one with NUL. */
export async function diagnose(question: Question, ports: DiagnosePorts): Promise<Diagnosis> {
  const beganMs = ports.clock.monotonicMs();
  const subject = subjectOf(question.text, question.place, ports);
  const repository = openRepository(subject.root, ports);
  const [log, others] = await Promise.all([
    lookIn(repository, "git", ports, (one) => readGitLog(one, subject)),
    lookIn(repository, "git refs", ports, (one) => readOtherRefs(one, subject)),
  ]);
  const searched: Searched[] = [log.searched, others.searched];
  const sight = lookAtSubject(subject, repository, log.found, ports);
  searched.push({ source: "files", complete: true, elapsedMs: sight.elapsedMs, note: null });
  const examined =
    (await examine(subject, sight, log.found, ports)) ??
    (await absent(subject, { repository, log, others, searched }, ports));
  return describeDiagnosis({
    subject,
    present: sight.present,
    examined,
    touches: [...(log.found?.history.nodes ?? []), ...(others.found?.touches ?? [])],
    goodDigest: await goodDigest(examined, sight.present, repository),
    searched,
    elapsedMs: Math.round(ports.clock.monotonicMs() - beganMs),
  });
}

/** Of the last good content, as the vault would name it. `null` where it is no file, or too large to read for its name alone. */
async function goodDigest(
  { finding }: Examined,
  present: Present,
  repository: Repository | null,
): Promise<Digest | null> {
  const good = finding.good?.to ?? null;
  if (good?.kind !== "file" || good.oid === "" || repository === null) return null;
  if (good.oid === present.oid) return present.digest;
  const bytes = (await readBlobs(repository, [good.oid], LIMITS.diagnoseBlobBytesMax)).get(good.oid);
  return bytes === undefined ? null : digestOf(bytes);
}

const NO_REPOSITORY = "no git repository is here";

function lookIn<T>(
  repository: Repository | null,
  source: string,
  ports: DiagnosePorts,
  work: (repository: Repository) => Promise<{ found: T; note: string | null }>,
): Promise<Looked<T>> | Looked<T | null> {
  if (repository === null)
    return {
      ...notHere<T | null>(source, null),
      searched: { source, complete: false, elapsedMs: 0, note: NO_REPOSITORY },
    };
  return look({ source, limitMs: LIMITS.diagnoseGitMs, work: () => work(repository) }, ports);
}

// -------------------------------------------------------------------------------------------------------- what is there

interface Sight {
  /** Of the subject itself; of a glob or a component whether anything is there. */
  readonly present: Present;
  /** Every path below it, or that the pattern names. `null` for a single path. */
  readonly below: readonly string[] | null;
  readonly trustsModes: boolean;
  readonly elapsedMs: number;
  lookAt(path: string): Present;
}

function lookAtSubject(
  { root, parts }: Subject,
  repository: Repository | null,
  log: GitLog | null,
  ports: DiagnosePorts,
): Sight {
  const beganMs = ports.clock.monotonicMs();
  const hash = (repository?.head.commit?.length ?? 40) === 64 ? "sha256" : "sha1";
  const at = (path: string) => lookAt({ root, path, hash }, ports.disk);
  const [part] = parts;
  const known = new Set([...(log?.history.paths ?? []), ...(log?.index.keys() ?? [])]);
  const single = parts.length === 1 && !part!.isGlob ? part!.path : null;
  const present = single === null ? { ...NOTHING, path: parts.map(({ path }) => path).join(" ") } : at(single);
  const below = single === null ? [...known] : [...known].filter((path) => path.startsWith(`${single}/`));
  const isFolder =
    single === null || (below.length > 0 && !known.has(single)) || (present.kind === "dir" && !known.has(single));
  return {
    present,
    below: isFolder ? below : null,
    trustsModes: repository?.trustsModes ?? true,
    elapsedMs: Math.round(ports.clock.monotonicMs() - beganMs),
    lookAt: at,
  };
}

async function examine(
  subject: Subject,
  sight: Sight,
  log: GitLog | null,
  ports: DiagnosePorts,
): Promise<Examined | null> {
  const { present, below, trustsModes } = sight;
  const [part] = subject.parts;
  if (below === null) return examineFile({ path: part!.path, present, log, trustsModes, trouble: null });
  const cases = below.slice(0, LIMITS.diagnoseFilesMax).map((path) => caseOf(path, sight, log));
  return examineFolder({
    name: part!.path,
    isFolder: subject.parts.length === 1 && !part!.isGlob,
    isThere: isThere(subject, sight, cases, ports),
    cases,
    log,
  });
}

function caseOf(path: string, sight: Sight, log: GitLog | null): FileCase {
  const present = sight.lookAt(path);
  const steps = log === null ? [] : stepsOf(log.history, path);
  const inHead = steps[0]?.to ?? null;
  const line = lineOf({ present, inHead, steps }, sight.trustsModes);
  return {
    path,
    present,
    line,
    hasPast: log !== null,
    inHead,
    index: log?.index.get(path) ?? null,
    contents: NO_CONTENTS,
    trouble: null,
  };
}

function isThere(
  { root, parts }: Subject,
  { present }: Sight,
  cases: readonly FileCase[],
  { disk }: DiagnosePorts,
): boolean {
  if (present.kind !== "absent" || cases.some((one) => one.present.kind !== "absent")) return true;
  return parts.some(({ path, isGlob }) => !isGlob && disk.lstat(join(root, path)) !== null);
}

// ------------------------------------------------------------------------------------------------------ what is not there

async function absent(
  subject: Subject,
  {
    repository,
    log,
    others,
    searched,
  }: {
    repository: Repository | null;
    log: Looked<GitLog | null>;
    others: Looked<OtherRefs | null>;
    searched: Searched[];
  },
  ports: DiagnosePorts,
): Promise<Examined> {
  const elsewhere = await lookIn(repository, "git lost commits", ports, (one) =>
    lookElsewhere({ repository: one, subject, others: others.found?.touches ?? [] }, ports),
  );
  searched.push(elsewhere.searched);
  const one: AbsentCase = {
    ...(elsewhere.found ?? { tips: [], newest: null, stash: null, dropped: null }),
    vaulted: null,
    ran: null,
    blind: [log, others, elsewhere].flatMap(({ searched: { source, complete, note } }) =>
      complete ? [] : [`${source}: ${note}`],
    ),
  };
  const finding = firstFinding(ABSENT_RULES, one)!;
  const touches = others.found?.touches ?? [];
  return {
    finding,
    isIntentional: false,
    movedTo: null,
    paths: subject.parts.map(({ path }) => path),
    line: touches,
    files: null,
    remarks: [],
  };
}
