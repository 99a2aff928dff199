/**
 * Making the present state the baseline, by hand.
 *
 * What is accepted is what was remembered a moment ago, so every digest of the new baseline is in the vault. An agent may accept new
 * content, never a loss: for that a person must speak.
 */

import {
  ABSENT,
  type Digest,
  digestOf,
  type Entry,
  HoldfastError,
  LIMITS,
  type Store,
  sameEntry,
  type TreePath,
} from "../base/index.ts";
import type { Actor, Ledger, LedgerRecord } from "../ledger/index.ts";
import { isAtOrBelow } from "../tree/index.ts";
import type { Vault } from "../vault/index.ts";
import type { BaselineEntry, Baselines } from "./baseline.ts";
import { ACCEPTED } from "./implicit.ts";
import type { Membership } from "./membership.ts";

export interface AcceptWorld {
  store: Store;
  ledger: Ledger;
  vault: Vault;
  baselines: Baselines;
  membership(): Membership;
  branch(): string | null;
}

export interface AcceptRequest {
  /** Files, or folders with all below them. */
  paths: readonly TreePath[];
  /** Named when a whole component is accepted. */
  component: string | null;
  reason: string;
  actor: Actor;
}

export interface Accepted {
  accepted: string[];
  /** Were part of the baseline, and are no more: their absence is accepted. */
  removed: string[];
}

/** `REFUSED_FOR_AGENT` when an agent would accept a loss. */
export async function acceptPaths(request: AcceptRequest, world: AcceptWorld): Promise<Accepted> {
  const { vault, baselines } = world;
  await vault.remember({ paths: request.paths });
  const before = new Map(
    baselines
      .all()
      .filter(({ path }) => isCovered(path, request.paths))
      .map((entry) => [entry.path, entry]),
  );
  const present = new Map<string, Entry>(
    request.paths.flatMap((under) => [...vault.statesAt({ under })]).map(({ path, entry }) => [path, entry]),
  );
  const changes = changesOf(before, present);
  if (request.actor.kind === "agent") refuseLosses(changes, world);
  const { component, reason, actor, paths } = request;
  const subject = component ?? paths.join(", ");
  await acceptStates({ changes, total: present.size, subject, component, reason, actor }, world);
  return {
    accepted: [...present.keys()],
    removed: changes.filter(({ after }) => after.kind === "absent").map(({ path }) => path),
  };
}

export interface AcceptedChange {
  path: string;
  before: Entry;
  after: Entry;
}

export interface AcceptedStates extends Omit<AcceptRequest, "paths"> {
  changes: readonly AcceptedChange[];
  /** How many paths were looked at. */
  total: number;
  /** For people: what was accepted. */
  subject: string;
  /** Runs in the same commit. */
  alsoCommit?(record: LedgerRecord<"component.accepted">): void;
}

/** Moves the baseline to states whose content is in the vault already, with the record that vouches for them. */
export async function acceptStates(states: AcceptedStates, world: AcceptWorld): Promise<void> {
  const { changes, alsoCommit } = states;
  const { vault } = world;
  const encoded = encodeAcceptance(changes);
  const batch = vault.begin();
  batch.put(encoded);
  await batch.commit(() => {
    const record = recordAcceptance(states, digestOf(encoded), world);
    alsoCommit?.(record);
  });
}

/** What a record of acceptance counts on: to be in the vault before it. */
export function encodeAcceptance(changes: readonly AcceptedChange[]): Buffer {
  return Buffer.from(JSON.stringify({ v: 1, id: "accept", changes }));
}

/** Inside a transaction: the record, and the baseline's move. `changeSet`: of exactly these changes. */
export function recordAcceptance(
  { changes, total, subject, component, reason, actor }: Omit<AcceptedStates, "alsoCommit">,
  changeSet: Digest,
  { baselines, ledger, branch, membership }: Omit<AcceptWorld, "store" | "vault">,
): LedgerRecord<"component.accepted"> {
  const data = { changeSet, paths: total, reason, branch: branch() };
  const record = ledger.append({
    event: "component.accepted",
    actor,
    ...(component === null ? {} : { component }),
    paths: changes.map(({ path }) => path).slice(0, LIMITS.ledgerPathsMax),
    data,
    summary: `accepted ${subject}: ${total} paths, ${changes.length} changed`,
  });
  const members = membership();
  baselines.move(
    changes.map(({ path, after }) => ({ path, entry: after })),
    {
      branch: data.branch,
      seq: record.seq,
      componentOf: (path) => component ?? members.componentOf(path) ?? ACCEPTED,
    },
  );
  return record;
}

/** Every present path, changed or not: a path that is accepted for the first time has no entry before. */
function changesOf(before: ReadonlyMap<string, BaselineEntry>, present: ReadonlyMap<string, Entry>): AcceptedChange[] {
  const paths = [...new Set([...before.keys(), ...present.keys()])].sort();
  return paths
    .map((path) => ({ path, before: before.get(path)?.entry ?? ABSENT, after: present.get(path) ?? ABSENT }))
    .filter(({ path, before: was, after }) => !before.has(path) || !sameEntry(was, after));
}

function refuseLosses(changes: readonly AcceptedChange[], { vault }: AcceptWorld): void {
  const losses = changes.filter(({ before, after }) => before.kind !== "absent" && isLoss(after, before));
  const older = changes.filter(
    ({ path, before, after }) => before.kind === "file" && after.kind === "file" && isOlder(path, after, before, vault),
  );
  const lost = [...losses, ...older].map(({ path }) => path);
  if (lost.length === 0) return;
  throw new HoldfastError(
    "REFUSED_FOR_AGENT",
    `an agent may accept new content, not a loss: ${lost.slice(0, 5).join(", ")}`,
    {
      hint: `a person can: holdfast accept ${lost[0]}`,
      data: { paths: lost },
    },
  );
}

function isLoss(after: Entry, before: Entry): boolean {
  return after.kind === "absent" || after.kind !== before.kind || (after.kind === "file" && after.sizeBytes === 0);
}

/** The vault saw this content at this path before it saw the accepted one. */
function isOlder(
  path: string,
  after: Entry & { kind: "file" },
  before: Entry & { kind: "file" },
  vault: Vault,
): boolean {
  if (after.digest === before.digest) return false;
  const versions = vault.versions(path as TreePath).filter(({ entry }) => entry.kind === "file");
  const accepted = versions.find(({ entry }) => entry.kind === "file" && entry.digest === before.digest);
  return versions.some(
    ({ entry, number }) =>
      entry.kind === "file" && entry.digest === after.digest && accepted !== undefined && number < accepted.number,
  );
}

function isCovered(path: string, paths: readonly TreePath[]): boolean {
  return paths.some((under) => isAtOrBelow(path, under));
}
