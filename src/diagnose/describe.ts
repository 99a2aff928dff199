/** From what was found to the document: the verdict in a sentence, dated evidence, what to do. Pure. */

import { type Digest, isoTime, LIMITS } from "../base/index.ts";
import type { Namesake } from "./collectors/namesakes.ts";
import type { Present } from "./collectors/present.ts";
import type { Change, Diagnosis, LastGood, Searched } from "./contract.ts";
import type { Examined } from "./examination.ts";
import type { Gathered } from "./gather.ts";
import { type Touch, twinKey } from "./git-past/read-log.ts";
import { proposalsFor } from "./proposals.ts";
import { sentenceOf } from "./sentence.ts";
import type { Subject } from "./subject.ts";
import { timelineOf } from "./timeline.ts";
import type { Finding } from "./verdict/finding.ts";

export interface Described {
  readonly subject: Subject;
  readonly present: Present;
  readonly isThere: boolean;
  readonly examined: Examined;
  readonly gathered: Gathered;
  readonly mentions: readonly string[];
  readonly namesakes: readonly Namesake[];
  /** Holdfast guards this tree. */
  readonly hasMemory: boolean;
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
    confidence: confidenceOf(finding, searched),
    change,
    lastGood: goodOf(described),
    movedTo: shown(movedTo, subject),
  };
  return {
    ...bare,
    says: `${sentenceOf(bare, finding)}${namesakeText(described)}`,
    evidence: timelineOf(described),
    searched: [...searched],
    proposals: proposalsFor(bare, {
      hasMemory: described.hasMemory,
      launchers: described.gathered.launchers.found ?? [],
      branches: examined.branches ?? [],
      mentions: described.mentions,
      namesakes: described.namesakes.map(({ path }) => shown(path, subject)!),
    }),
    elapsedMs,
  };
}

/** Whoever asks may have meant it. */
function namesakeText({ namesakes, subject }: Described): string {
  const [first] = namesakes;
  if (first === undefined) return "";
  const more = namesakes.length > 1 ? ` and ${namesakes.length - 1} more` : "";
  return `; ${shown(first.path, subject)}${more} ${first.isThere ? "is there" : "was there once"}`;
}

/** Paths are told from the tree's root, like the question. */
function shown(path: string | null, { prefix }: Subject): string | null {
  return path !== null && prefix !== null && path.startsWith(prefix) ? path.slice(prefix.length) : path;
}

function stateOf({ present, isThere }: Described): Diagnosis["state"] {
  const { kind, mode } = present;
  if (kind === "absent") return { exists: isThere, kind: null, mode: null };
  return { exists: true, kind, mode: kind === "link" ? null : `0${mode.toString(8)}` };
}

/**
 * Each source that could not look takes a little. Where the tree's own memory should be there and is not, nobody can be sure that
 * nothing is missing.
 */
function confidenceOf({ verdict, confidence }: Finding, searched: readonly Searched[]): number {
  const blind = searched.filter(({ complete }) => !complete);
  const isForgetful = blind.some(({ source }) => source === "vault and ledger");
  const doubt = isForgetful && (verdict === "healthy" || verdict === "never-existed") ? 0.6 : 1;
  return Math.round(confidence * doubt * 0.95 ** blind.length * 100) / 100;
}

function changeOf({ examined, touches, present, subject }: Described): Change | null {
  const { finding, isIntentional, paths } = examined;
  const { kind, link } = finding;
  if (kind === null) return null;
  const touch = link?.touch ?? null;
  const twins = touch === null ? [] : twinsOf(touch, touches);
  return {
    kind,
    at: touch !== null ? isoTime(touch.committedMs) : whenSeen(examined, present),
    by:
      touch === null
        ? (examined.memory?.by ?? null)
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

function whenSeen({ memory }: Examined, { kind, changedMs }: Present): string | null {
  if (memory?.atMs != null) return isoTime(memory.atMs);
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
  const kept = examined.memory?.good ?? null;
  const commit = good?.touch?.commit ?? null;
  if (kept !== null)
    return { at: isoTime(kept.atMs), source: "vault", commit, snapshot: kept.point, digest: kept.digest };
  if (good?.touch == null) return null;
  return {
    at: isoTime(good.touch.committedMs),
    source: "git",
    commit: good.touch.commit,
    snapshot: null,
    digest: goodDigest,
  };
}
