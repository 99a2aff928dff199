/** Examines one path: gathers what the rules ask for, decides, then asks whether the change was announced and where it went. */

import { LIMITS } from "../base/index.ts";
import type { GitLog } from "./collectors/git-log.ts";
import type { Present } from "./collectors/present.ts";
import type { Examined } from "./examination.ts";
import { type CommitFiles, filesOf } from "./git-past/commit-files.ts";
import { type History, type Step, stepsTo } from "./git-past/history.ts";
import type { GitState } from "./git-past/read-log.ts";
import { isIgnored, type Repository, readBlobs, readFacts } from "./git-past/repository.ts";
import { type Elsewhere, sameElsewhere, type Went, wentWhere } from "./git-past/went-where.ts";
import { isAnnounced } from "./verdict/announced.ts";
import { type Contents, type FileCase, lineOf, NO_CONTENTS, type Trouble } from "./verdict/file-case.ts";
import { FILE_RULES } from "./verdict/file-rules.ts";
import { type Finding, firstFinding } from "./verdict/finding.ts";
import { isEmpty } from "./verdict/good-states.ts";
import type { ServiceTrouble } from "./verdict/service.ts";

export interface FileRequest {
  readonly path: string;
  readonly present: Present;
  readonly log: GitLog | null;
  readonly trustsModes: boolean;
  readonly service: ServiceTrouble | null;
  /** Asked only when nothing else is wrong: it may start a parser. */
  findTrouble(steps: readonly Step[], contents: Contents): Promise<Trouble | null>;
}

/** `null`: it is not there, and HEAD's line never had it. */
export async function examineFile(request: FileRequest): Promise<Examined | null> {
  const { path, log, present } = request;
  const steps = log === null ? [] : stepsOf(log.history, path);
  if (present.kind === "absent" && steps.length === 0 && log?.index.get(path) === undefined) return null;
  const one = caseOf(request, steps, log === null ? NO_CONTENTS : await contentsOf(log.repository, present, steps));
  const finding = await withTrouble(request, one, steps);
  if (finding === null) return null;
  const line = steps.map(({ touch }) => touch);
  const plain: Examined = {
    finding,
    isIntentional: false,
    movedTo: null,
    paths: [path],
    line,
    files: null,
    remarks: [],
    // When it failed is told by a log, and by nothing in the tree.
    ...(finding.kind === "service-failed"
      ? { memory: { atMs: request.service?.failedAtMs ?? null, by: null, good: null } }
      : {}),
  };
  if (log === null || finding.link?.touch == null) return plain;
  const files = await filesOf(log.repository, finding.link.touch, path);
  return refined(plain, { path, log, files });
}

async function withTrouble(request: FileRequest, one: FileCase, steps: readonly Step[]): Promise<Finding | null> {
  const finding = firstFinding(FILE_RULES, one);
  if (finding?.verdict !== "healthy") return finding;
  const trouble = await request.findTrouble(steps, one.contents);
  return trouble === null ? finding : firstFinding(FILE_RULES, { ...one, trouble });
}

function caseOf(
  { path, present, log, trustsModes, service }: FileRequest,
  steps: readonly Step[],
  contents: Contents,
): FileCase {
  const inHead = steps[0]?.to ?? null;
  const line = lineOf({ present, inHead, steps }, trustsModes);
  return {
    path,
    present,
    line,
    hasPast: log !== null,
    inHead,
    index: log?.index.get(path) ?? null,
    contents,
    trouble: null,
    service,
  };
}

const TREE: GitState = { mode: "040000", oid: "" };

/** Git keeps no folders: where one stands or stood in the path's place, it is put into the steps. */
export function stepsOf(history: History, path: string): Step[] {
  const steps = stepsTo(history, path);
  const below = [...history.paths].filter((one) => one.startsWith(`${path}/`));
  if (below.length === 0 || steps.length === 0) return steps;
  return steps.map((step) => ({
    ...step,
    from: step.from ?? (leftBelow(step, below, "gone") ? TREE : null),
    to: step.to ?? (leftBelow(step, below, "there") ? TREE : null),
  }));
}

function leftBelow({ touch }: Step, below: readonly string[], what: "gone" | "there"): boolean {
  return below.some((path) => {
    const left = touch.left.get(path);
    return left !== undefined && (left === null) === (what === "gone");
  });
}

/** Only what is there can have grown, shrunk or been emptied. */
async function contentsOf(repository: Repository, present: Present, steps: readonly Step[]): Promise<Contents> {
  if (present.kind !== "file" || steps.length === 0) return NO_CONTENTS;
  const oids = steps
    .slice(0, LIMITS.diagnoseVersionsMax)
    .flatMap(({ from, to }) => [from, to])
    .flatMap((state) => (state === null || state.mode === "160000" || state.oid === "" ? [] : [state.oid]));
  const wanted = [...new Set(oids)];
  const sizes = new Map<string, number>();
  for (const facts of await readFacts(repository, wanted)) if (facts !== null) sizes.set(facts.oid, facts.sizeBytes);
  const blobs =
    wanted.length < 2 ? new Map<string, Buffer>() : await readBlobs(repository, wanted, LIMITS.diagnoseBlobBytesMax);
  if (present.oid !== null && !sizes.has(present.oid)) {
    sizes.set(present.oid, present.sizeBytes);
    if (present.head.length === present.sizeBytes) blobs.set(present.oid, present.head);
  }
  return { sizeOf: (oid) => sizes.get(oid) ?? null, bytesOf: (oid) => blobs.get(oid) ?? null };
}

interface Refining {
  readonly path: string;
  readonly log: GitLog;
  readonly files: CommitFiles;
}

/** Where it went, whether git was told to let go of it, and whether any of that was announced. */
async function refined(plain: Examined, refining: Refining): Promise<Examined> {
  const { path, log } = refining;
  const isGone = plain.finding.kind === "deleted";
  const went = isGone ? await wentWhere(log.repository, path, refining.files) : null;
  const found = went !== null ? moved(plain.finding, went) : await untracked(plain.finding, refining);
  const same = isGone && went === null ? await sameContent(found, refining) : null;
  const finding = same?.isMove === true ? movedInSteps(found, same.path) : found;
  const touch = finding.link!.touch!;
  const isLater = touch !== plain.finding.link!.touch;
  const names = [path, ...(went?.by ?? []), ...(same?.isMove === true ? [same.path] : [])];
  const files = isLater ? await filesOf(log.repository, touch, names.at(-1)!) : refining.files;
  const isIntentional = isAnnounced({ touch, kind: finding.kind!, paths: names, files, ...namesOf(log.history) });
  return {
    ...plain,
    finding: isIntentional ? meant(finding) : finding,
    isIntentional,
    movedTo: went?.to ?? (same?.isMove === true ? same.path : null),
    files,
    remarks: same?.isMove === false ? [{ source: "git", says: `the same content stands at ${same.path}` }] : [],
  };
}

async function sameContent({ good, link }: Finding, { path, log }: Refining): Promise<Elsewhere | null> {
  const state = good?.to;
  if (state?.kind !== "file" || isEmpty(state, NO_CONTENTS)) return null;
  const goneMs = link!.touch!.committedMs;
  return sameElsewhere(log.repository, { path, state: { mode: "100644", oid: state.oid }, goneMs });
}

function movedInSteps(finding: Finding, to: string): Finding {
  return {
    ...finding,
    rule: "moved in two steps",
    verdict: "moved",
    kind: "renamed",
    confidence: 0.8,
    because: `the very same content came to ${to} within the hour`,
  };
}

export function namesOf({ nodes }: History): { isOfThese: (commit: string) => boolean; subjects: Set<string> } {
  return {
    isOfThese: (commit) => nodes.some((touch) => touch.commit.startsWith(commit)),
    subjects: new Set(nodes.map(({ subject }) => subject)),
  };
}

function moved(finding: Finding, { to, by, likeness, lostBy }: Went): Finding {
  if (to === null && lostBy !== null) {
    return {
      ...finding,
      link: { ...finding.link!, touch: lostBy },
      because: `it was renamed to ${by.join(", then ")}, and deleted there`,
    };
  }
  return {
    ...finding,
    rule: "renamed",
    verdict: "moved",
    kind: "renamed",
    confidence: likeness === 100 ? 0.97 : 0.9,
    because: likeness === 100 ? "" : `the contents are ${likeness} % alike`,
  };
}

/** Git let go of it: it is ignored now, and the commit says so, in its subject or by what it did to git's ignore files. */
async function untracked(finding: Finding, { path, log, files }: Refining): Promise<Finding> {
  if (finding.kind !== "deleted") return finding;
  const toldToIgnore = files.files.some(
    ({ path: changed, letter }) => letter !== "D" && isIgnoreFileFor(changed, path),
  );
  if (!toldToIgnore && !LET_GO.test(finding.link!.touch!.subject)) return finding;
  if (!(await isIgnored(log.repository, path))) return finding;
  return {
    ...finding,
    rule: "let go by git",
    kind: "untracked",
    because: "git was told to let go of it and to ignore it",
  };
}

const LET_GO = /untrack|ignore|stop(s|ped)? track|--cached/i;

function isIgnoreFileFor(file: string, path: string): boolean {
  const match = /^(.*\/)?\.gitignore$/.exec(file);
  return match !== null && path.startsWith(match[1] ?? "");
}

/** What was announced is no loss; what is there is as it was meant to be. */
export function meant(finding: Finding): Finding {
  const isHere = !["deleted", "renamed", "untracked"].includes(finding.kind ?? "");
  return isHere ? { ...finding, verdict: "healthy", good: finding.link ?? finding.good } : finding;
}
