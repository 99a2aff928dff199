/**
 * A question: what became of this? Collectors look, each for itself and with a limit; pure rules decide; the answer is data.
 *
 * Invariant: nothing is written, neither in the tree nor in git's folder nor in the store. What could not be looked at is said, and
 * makes the answer less certain, never another one.
 */

import { type Digest, digestOf, LIMITS } from "../base/index.ts";
import type { Memory } from "./collectors/holdfast.ts";
import { look } from "./collectors/looked.ts";
import { findMentions } from "./collectors/mentions.ts";
import { findNamesakes, type Namesake } from "./collectors/namesakes.ts";
import { lookAt, type Present } from "./collectors/present.ts";
import type { Diagnosis, Searched } from "./contract.ts";
import { describeDiagnosis } from "./describe.ts";
import type { Examined } from "./examination.ts";
import { examine } from "./examine.ts";
import { type DiagnosePorts, type EvidencePlaces, type Gathered, gather, USUAL_PLACES } from "./gather.ts";
import { isGitFailure, type Repository, readBlobs } from "./git-past/repository.ts";
import { lookAtSubject, type Sight } from "./sight.ts";
import { type Place, type Subject, subjectOf } from "./subject.ts";

export interface Question {
  readonly text: string;
  readonly place: Place;
  readonly places?: EvidencePlaces;
  /** Holdfast's own memory of the tree. A text: why it cannot be opened, where there should be one. */
  readonly memory?: Memory | string | null;
  /** The tree that this one is a copy of. */
  readonly canonical?: string | null;
}

/** Throws only for what can be no question: an empty path, one with NUL. */
export async function diagnose(question: Question, ports: DiagnosePorts): Promise<Diagnosis> {
  const beganMs = ports.clock.monotonicMs();
  const { memory = null, places = USUAL_PLACES } = question;
  const subject = subjectOf(question.text, question.place, ports);
  const gathered = await gather({ subject, places, memory, past: question.place.past ?? null }, ports);
  const { repository, log, others } = gathered;
  const sight = lookAtSubject(subject, repository, log.found, ports);
  const { examined: found, searched } = await examine({ subject, sight, gathered, memory }, ports);
  const examined = asCopy(found, { subject, sight, canonical: question.canonical ?? null }, ports);
  const [mentions, namesakes] = await Promise.all([
    mentionsOf(subject, repository, examined, ports),
    namesakesOf(subject, repository, examined, ports),
  ]);
  return describeDiagnosis({
    subject,
    present: sight.present,
    isThere: sight.isThere,
    examined,
    touches: [...(log.found?.history.nodes ?? []), ...(others.found?.touches ?? [])],
    goodDigest: await goodDigest(examined, sight.present, repository),
    gathered,
    mentions: mentions.files,
    namesakes: namesakes.found,
    hasMemory: memory !== null && typeof memory !== "string",
    searched: [
      ...searchedIn(gathered),
      ...searched,
      { source: "files", complete: sight.note === null, elapsedMs: sight.elapsedMs, note: sight.note },
      ...mentions.searched,
      ...namesakes.searched,
    ],
    elapsedMs: Math.round(ports.clock.monotonicMs() - beganMs),
  });
}

/** In a copy the canonical tree's state is what counts: what differs from it here is neither lost nor right. */
function asCopy(
  examined: Examined,
  { subject, sight, canonical }: { subject: Subject; sight: Sight; canonical: string | null },
  { disk }: DiagnosePorts,
): Examined {
  const [part] = subject.parts;
  if (canonical === null || sight.below !== null || subject.prefix === null) return examined;
  const { kind, oid } = lookAt({ root: canonical, path: part!.path.slice(subject.prefix.length), hash: "sha1" }, disk);
  const here = sight.present;
  if (kind === here.kind && (oid === here.oid || here.oid?.length === 64)) return examined;
  const there = kind === "absent" ? "has nothing there" : here.kind === "absent" ? "has it" : "has another version";
  const finding = {
    rule: "another state than in the canonical tree",
    verdict: "stale-copy" as const,
    kind: null,
    link: null,
    good: null,
    confidence: 0.9,
    because: `this is a copy of ${canonical}, which ${there}`,
  };
  return { ...examined, finding, isIntentional: false, movedTo: null };
}

function searchedIn({ log, others, ledgers, logs, launchers, remembered }: Gathered): Searched[] {
  const all = [log, others, ...(remembered === null ? [] : [remembered]), ledgers, logs, launchers];
  return all.map(({ searched }) => searched);
}

/** Only where nothing is there are they worth a look: they tell who counts on it. */
async function mentionsOf(
  subject: Subject,
  repository: Repository | null,
  { finding }: Examined,
  ports: DiagnosePorts,
): Promise<{ files: readonly string[]; searched: Searched[] }> {
  if (repository === null || !["never-existed", "never-merged", "unknown"].includes(finding.verdict))
    return { files: [], searched: [] };
  const { found, searched } = await look(
    { source: "documents", limitMs: LIMITS.diagnoseMentionsMs, work: () => findMentions(repository, subject) },
    ports,
  );
  return { files: found ?? [], searched: [searched] };
}

async function namesakesOf(
  subject: Subject,
  repository: Repository | null,
  { finding }: Examined,
  ports: DiagnosePorts,
): Promise<{ found: readonly Namesake[]; searched: Searched[] }> {
  if (repository === null || finding.verdict !== "never-existed") return { found: [], searched: [] };
  const { found, searched } = await look(
    { source: "names", limitMs: LIMITS.diagnoseMentionsMs, work: () => findNamesakes(repository, subject) },
    ports,
  );
  return { found: found ?? [], searched: [searched] };
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
  const bytes = await readBlobs(repository, [good.oid], LIMITS.diagnoseBlobBytesMax).then(
    (blobs) => blobs.get(good.oid),
    // The verdict does not stand on it.
    (error: unknown) => {
      if (!isGitFailure(error)) throw error;
    },
  );
  return bytes === undefined ? null : digestOf(bytes);
}
