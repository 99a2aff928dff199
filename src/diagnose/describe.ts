/** From what was found to the document: the verdict in a sentence, dated evidence, what to do. Pure. */

import { type Digest, isoTime, LIMITS } from "../base/index.ts";
import type { Present } from "./collectors/present.ts";
import type { Change, Diagnosis, Evidence, LastGood, Searched } from "./contract.ts";
import type { Examined } from "./examination.ts";
import { type Touch, twinKey } from "./git-past/read-log.ts";
import { proposalsFor } from "./proposals.ts";
import { sentenceOf } from "./sentence.ts";
import type { Subject } from "./subject.ts";

export interface Described {
  readonly subject: Subject;
  readonly present: Present;
  readonly examined: Examined;
  /** Every commit that touched it, on whatever ref: where rewritten twins are. */
  readonly touches: readonly Touch[];
  readonly goodDigest: Digest | null;
  readonly searched: readonly Searched[];
  readonly elapsedMs: number;
}

export function describeDiagnosis(described: Described): Diagnosis {
  const { subject, examined, searched, elapsedMs } = described;
  const { finding, movedTo } = examined;
  const change = changeOf(described);
  const bare = {
    v: 1 as const,
    subject: { path: subject.path, component: subject.component },
    state: stateOf(described),
    verdict: finding.verdict,
    confidence: confidenceOf(finding.confidence, searched),
    change,
    lastGood: goodOf(described),
    movedTo: shown(movedTo, subject),
  };
  return {
    ...bare,
    says: sentenceOf(bare, finding),
    evidence: evidenceOf(described),
    searched: [...searched],
    proposals: proposalsFor(bare, described),
    elapsedMs,
  };
}

/** Paths are told from the tree's root, like the question. */
function shown(path: string | null, { prefix }: Subject): string | null {
  return path !== null && prefix !== null && path.startsWith(prefix) ? path.slice(prefix.length) : path;
}

function stateOf({ present, examined }: Described): Diagnosis["state"] {
  const { kind, mode } = present;
  if (kind === "absent") return { exists: examined.paths.length === 0, kind: null, mode: null };
  return { exists: true, kind, mode: kind === "link" ? null : `0${mode.toString(8)}` };
}

/** Each source that could not look takes a little: less than a verdict is worth, more than nothing. */
function confidenceOf(confidence: number, searched: readonly Searched[]): number {
  const blind = searched.filter(({ complete }) => !complete).length;
  return Math.round(confidence * 0.95 ** blind * 100) / 100;
}

function changeOf({ examined, touches, present, subject }: Described): Change | null {
  const { finding, isIntentional, paths } = examined;
  const { kind, link } = finding;
  if (kind === null) return null;
  const touch = link?.touch ?? null;
  const twins = touch === null ? [] : twinsOf(touch, touches);
  return {
    kind,
    at: touch !== null ? isoTime(touch.committedMs) : whenSeen(present),
    by:
      touch === null
        ? null
        : {
            what: `commit ${touch.commit.slice(0, 9)} "${touch.subject}"`,
            actor: touch.author,
            pid: null,
            confidence: 0.95,
          },
    commit: touch?.commit ?? null,
    equivalentCommits: twins,
    intentional: isIntentional,
    ...(paths.length > 1
      ? { paths: paths.slice(0, LIMITS.diagnosePathsShown).map((path) => shown(path, subject)!) }
      : {}),
  };
}

function whenSeen({ kind, changedMs }: Present): string | null {
  return kind === "absent" || changedMs === null ? null : isoTime(changedMs);
}

function twinsOf(touch: Touch, all: readonly Touch[]): string[] {
  const key = twinKey(touch);
  const commits = all
    .filter((one) => one.commit !== touch.commit && one.left.size > 0 && twinKey(one) === key)
    .map(({ commit }) => commit);
  return [...new Set(commits)];
}

function goodOf({ examined, goodDigest }: Described): LastGood | null {
  const { good } = examined.finding;
  if (good?.touch == null) return null;
  return {
    at: isoTime(good.touch.committedMs),
    source: "git",
    commit: good.touch.commit,
    snapshot: null,
    digest: goodDigest,
  };
}

function evidenceOf({ examined, present }: Described): Evidence[] {
  const { line, remarks, finding } = examined;
  const key = new Set([finding.link?.touch?.commit, finding.good?.touch?.commit]);
  const chosen = line
    .filter(({ commit }, index) => key.has(commit) || index < 5)
    .slice(0, LIMITS.diagnoseEvidenceShown);
  const told = chosen.map((touch) => ({
    at: isoTime(touch.committedMs),
    source: "git" as const,
    says: `${touch.author}: ${touch.subject}`,
    ref: touch.commit,
    weight: key.has(touch.commit) ? 0.95 : 0.5,
  }));
  const undated = remarks.map((says) => ({ at: null, source: "git" as const, says, ref: null, weight: 0.3 }));
  return [...told.sort((a, b) => a.at.localeCompare(b.at)), filesLine(present), ...undated];
}

function filesLine({ kind, sizeBytes, mode, linkTarget }: Present): Evidence {
  const says =
    kind === "absent"
      ? "nothing is there now"
      : kind === "file"
        ? `a file of ${sizeBytes} bytes, mode 0${mode.toString(8)}`
        : kind === "link"
          ? `a symbolic link to ${linkTarget}`
          : kind === "dir"
            ? "a folder"
            : "a device, fifo or socket";
  return { at: null, source: "files", says, ref: null, weight: 1 };
}
