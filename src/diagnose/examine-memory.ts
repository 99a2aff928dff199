/**
 * Joins what git says of a path with what Holdfast remembers of it.
 *
 * Git decides about what was committed. The vault decides about what git never had, and about work that was lost before it could be
 * committed: content that was there, is in no commit, and was replaced by something older. Pure but for reading contents.
 */

import { digestOf, LIMITS, sameEntry } from "../base/index.ts";
import type { DriftOnRecord, LedgerRecord } from "../ledger/index.ts";
import type { Version } from "../vault/index.ts";
import { type Memory, type Remembered, type VaultLine, vaultLine } from "./collectors/holdfast.ts";
import { blobName, type Present } from "./collectors/present.ts";
import type { Examined, FromMemory, Remark } from "./examination.ts";
import { type FileCase, type Link, sameStates } from "./verdict/file-case.ts";
import { FILE_RULES } from "./verdict/file-rules.ts";
import { type Finding, firstFinding } from "./verdict/finding.ts";

export interface MemoryRequest {
  readonly path: string;
  readonly present: Present;
  /** What git says; `null`: nothing is there, and HEAD's line never had it. */
  readonly byGit: Examined | null;
  /** True for a blob that some commit has. */
  readonly isInGit: (oid: string) => boolean;
  readonly remembered: Remembered;
  readonly memory: Memory;
}

export function examineMemory(request: MemoryRequest): Examined | null {
  const { byGit, remembered } = request;
  const vault = vaultLine(remembered.versions);
  const one = caseOf(request, vault);
  const byVault = one === null ? null : firstFinding(FILE_RULES, one);
  const knownToGit = byGit !== null && byGit.line.length > 0;
  if (byVault !== null && one !== null && (!knownToGit || isLostWork(byVault, byGit, request, vault)))
    return ofVault(byVault, request, vault);
  if (byGit === null) return null;
  if (byGit.finding.verdict === "healthy") return { ...byGit, remarks: [...byGit.remarks, ...backSince(request)] };
  return withMemory(byGit, request, byVault, vault);
}

/** What is there on top of what was remembered. `null` where nothing was. */
function caseOf({ path, present }: MemoryRequest, { line, contents }: VaultLine): FileCase | null {
  const newest = line[0];
  if (newest === undefined) return null;
  const { kind, digest, mode, linkTarget } = present;
  const now =
    kind === "absent"
      ? null
      : kind === "file"
        ? { kind, oid: digest ?? newest.to?.oid ?? "", isExecutable: (mode & 0o100) !== 0 }
        : { kind, oid: kind === "link" ? digestOf(linkTarget ?? "") : "", isExecutable: false };
  const top: Link[] = sameStates(now, newest.to) ? [] : [{ from: newest.to, to: now, touch: null, byMerge: false }];
  return {
    path,
    present,
    line: [...top, ...line],
    hasPast: true,
    inHead: null,
    index: null,
    contents: { sizeOf: (oid) => (oid === digest ? present.sizeBytes : contents.sizeOf(oid)), bytesOf: () => null },
    trouble: null,
    service: null,
  };
}

/** Git sees nothing wrong, because what was lost was never committed. */
function isLostWork(
  byVault: Finding,
  byGit: Examined,
  { isInGit, memory, remembered, present }: MemoryRequest,
  vault: VaultLine,
): boolean {
  if (byVault.verdict !== "worked-then-broke" || byGit.finding.verdict !== "healthy") return false;
  if (acceptedSince(byVault, remembered, vault)) return false;
  const entry = byVault.good === null ? null : (vault.versionOf(byVault.good)?.entry ?? null);
  if (entry?.kind !== "file" || entry.sizeBytes > LIMITS.diagnoseBlobBytesMax || !memory.vault.has(entry.digest))
    return false;
  return !isInGit(blobName(memory.vault.read(entry.digest), present.oid?.length === 64 ? "sha256" : "sha1"));
}

function ofVault(finding: Finding, request: MemoryRequest, vault: VaultLine): Examined {
  const isIntentional = finding.kind !== null && acceptedSince(finding, request.remembered, vault) !== null;
  const isHere = request.present.kind !== "absent";
  return {
    finding: isIntentional && isHere ? { ...finding, verdict: "healthy" } : finding,
    isIntentional,
    movedTo: null,
    paths: [request.path],
    line: [],
    files: null,
    remarks: finding.verdict === "healthy" ? backSince(request) : [],
    memory: fromMemory(finding, request, vault),
  };
}

function withMemory(byGit: Examined, request: MemoryRequest, byVault: Finding | null, vault: VaultLine): Examined {
  const { finding } = byGit;
  const isUncommitted = finding.kind !== null && finding.link?.touch == null;
  if (!isUncommitted || byVault === null) return byGit;
  const accepted = acceptedSince(byVault, request.remembered, vault) !== null;
  return {
    ...byGit,
    isIntentional: byGit.isIntentional || accepted,
    memory: fromMemory(byVault, request, vault),
  };
}

function fromMemory(finding: Finding, { path, remembered }: MemoryRequest, vault: VaultLine): FromMemory {
  const version = finding.good === null ? null : vault.versionOf(finding.good);
  const changed = finding.link === null ? null : vault.versionOf(finding.link);
  const accepted = acceptedSince(finding, remembered, vault);
  const drift = driftOf(path, remembered.records, { finding, changed });
  return {
    atMs: drift?.atMs ?? changed?.seenAtMs ?? null,
    by: accepted ?? drift?.by ?? null,
    good:
      version === null
        ? null
        : {
            atMs: version.seenAtMs,
            point: `V${version.number}`,
            digest: version.entry.kind === "file" ? version.entry.digest : null,
          },
  };
}

type By = FromMemory["by"];

/** The accepted order, or the acceptance by hand, that the present state comes from. */
function acceptedSince(finding: Finding, { records }: Remembered, vault: VaultLine): By {
  const changed = finding.link === null ? null : vault.versionOf(finding.link);
  if (changed === null) return null;
  const record = records.find(
    ({ event, ts }) => ACCEPTING.has(event) && Date.parse(ts) >= changed.seenAtMs - ACCEPT_AHEAD_MS,
  );
  if (record === undefined) return null;
  const what = record.wo === undefined ? record.summary : `order ${record.wo}`;
  return { what, actor: record.actor.name, pid: null, confidence: 1 };
}

const ACCEPTING: ReadonlySet<LedgerRecord["event"]> = new Set([
  "wo.accepted",
  "component.accepted",
  "snapshot.restored",
]);
/** A state is seen when it settled, its acceptance is written in the same breath. */
const ACCEPT_AHEAD_MS = 5_000;

interface Happened {
  readonly finding: Finding;
  readonly changed: Version | null;
}

/** What the guard found when it happened: the newest drift of this path into the state that was seen. */
function driftOf(
  path: string,
  records: readonly LedgerRecord[],
  { finding, changed }: Happened,
): { atMs: number; by: By } | null {
  for (const record of records) {
    const drift = driftsIn(record).find((one) => one.path === path && one.kind === finding.kind);
    if (drift === undefined) continue;
    if (changed !== null && !sameEntry(drift.present, changed.entry)) continue;
    return { atMs: Date.parse(record.ts), by: causeOf(record) };
  }
  return null;
}

function driftsIn(record: LedgerRecord): readonly DriftOnRecord[] {
  if (record.event !== "drift.detected") return [];
  return (record.data as { drifts: DriftOnRecord[] | null }).drifts ?? [];
}

function causeOf({ cause }: LedgerRecord): By {
  if (cause === undefined) return null;
  const { what, actor = null, pid = null, confidence } = cause;
  return { what, actor, pid, confidence };
}

/** That it was lost once, and is back: what somebody may have seen who says that it never worked. */
function backSince({ path, remembered: { records } }: MemoryRequest): Remark[] {
  const index = records.findIndex((record) => driftsIn(record).some((one) => one.path === path));
  if (index < 0) return [];
  const drift = records[index]!;
  const back = records.slice(0, index).findLast(({ event }) => event === "repair.completed" || event === "wo.accepted");
  const kind = driftsIn(drift).find((one) => one.path === path)!.kind;
  const by = drift.cause === undefined ? "" : ` by ${drift.cause.what}`;
  const since = back === undefined ? "" : `, back since ${back.ts.slice(0, 19)}Z`;
  return [{ source: "ledger", says: `${kind} at ${drift.ts.slice(0, 19)}Z${by}${since}` }];
}
