/**
 * Lets go of old bytes: plan (pure over the index) → remove rows in one transaction → rewrite the packs that are mostly dead.
 *
 * Never goes: the newest state of a path that stands somewhere, what `pinned` names, what was put or counted on since the plan was made. The rest goes when
 * it was superseded longer ago than `maxAgeMs`, and beyond that, oldest superseded first, until the packs fit into `maxBytes`.
 *
 * Age is *lived* time, not the clock's: the sum of the steps from one moment of the vault to the next, in their order, each counted
 * as at most a week and never backwards. A clock that jumps years ahead ages everything by a week at most.
 *
 * Crash: before the transaction nothing happened; after it, dead bytes lie in packs until the next prune.
 */

import { type Digest, digestFromBytes, HoldfastError, type Store } from "../base/index.ts";
import { ContentIndex, splitDigests } from "./content-index.ts";
import type { Pruned } from "./contract.ts";
import { packName } from "./pack-files.ts";
import { type RewriteParts, removeOrphans, rewritePacks } from "./rewrite.ts";
import { currentDigests, endedDigests } from "./workspaces.ts";

export interface PruneRequest {
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  readonly pinned: ReadonlySet<Digest>;
  readonly dryRun?: boolean;
}

export async function pruneVault(parts: RewriteParts, request: PruneRequest, endPack: () => void): Promise<Pruned> {
  const { store } = parts;
  const plan = planPrune(store, request, parts.ports.clock.now());
  const pruned = {
    digests: plan.evicted.length,
    bytes: plan.evictedBytes,
    packsRewritten: 0,
    keptBytes: plan.keptBytes,
  };
  if (request.dryRun) return pruned;
  const removed = removeRows(store, plan);
  endPack();
  const packsRewritten = await rewriteSound(parts, mostlyDead(store));
  removeOrphans(parts);
  return { ...pruned, digests: removed, packsRewritten };
}

/** Leaves a damaged pack as it is: `verify` names it, and what is whole in it stays readable. */
async function rewriteSound(parts: RewriteParts, packs: readonly number[]): Promise<number> {
  let sound = packs;
  while (sound.length > 0) {
    try {
      await rewritePacks(parts, sound);
      break;
    } catch (error) {
      const damaged = error instanceof HoldfastError && error.code === "VAULT_CORRUPT" ? error.data["pack"] : null;
      const rest = sound.filter((pack) => packName(pack) !== damaged);
      if (rest.length === sound.length) throw error;
      sound = rest;
    }
  }
  return sound.length;
}

export interface PrunePlan {
  /** Contents that go, and pieces of them that nothing else needs. */
  readonly evicted: Digest[];
  readonly pieces: Digest[];
  readonly evictedBytes: number;
  readonly keptBytes: number;
  /** The version head when the plan was made: what was noted or put since is not touched. */
  readonly head: number;
}

export function planPrune(store: Store, request: PruneRequest, nowMs: number): PrunePlan {
  const head = store.get<{ head: number | null }>("SELECT max(up_to) AS head FROM vault_moment")!.head ?? 0;
  const contents = allContents(store);
  const lived = livedTime(store, nowMs);
  const superseded = supersededAt(store);
  const current = currentDigests(store);
  const holders = new Map<Digest, number>();
  let keptBytes = 0;
  for (const { pieces } of contents.values()) {
    for (const piece of pieces) {
      if (!holders.has(piece)) keptBytes += contents.get(piece)?.storedBytes ?? 0;
      holders.set(piece, (holders.get(piece) ?? 0) + 1);
    }
  }
  const candidates = [...contents.values()]
    .filter(
      ({ digest, isPart }) =>
        !current.has(digest) && !request.pinned.has(digest) && !(isPart && !superseded.has(digest)),
    )
    .map((content) => ({ ...content, since: Math.max(superseded.get(content.digest) ?? 0, content.addedAt) }))
    .filter(({ since }) => since < head)
    .sort((a, b) => a.since - b.since);
  const evicted: Digest[] = [];
  const pieces: Digest[] = [];
  let evictedBytes = 0;
  for (const { digest, pieces: own, since } of candidates) {
    const isOld = lived.total - lived.at(since) > request.maxAgeMs;
    if (!isOld && keptBytes <= request.maxBytes) break;
    evicted.push(digest);
    for (const piece of own) {
      const left = holders.get(piece)! - 1;
      holders.set(piece, left);
      if (left > 0) continue;
      const freed = contents.get(piece)?.storedBytes ?? 0;
      pieces.push(piece);
      evictedBytes += freed;
      keptBytes -= freed;
    }
  }
  return { evicted, pieces, evictedBytes, keptBytes, head };
}

interface Content {
  readonly digest: Digest;
  /** Of a run: its pieces. Of a piece that is content by itself: itself. Of one that is only part of runs: none. */
  readonly pieces: readonly Digest[];
  readonly storedBytes: number;
  readonly addedAt: number;
  /** Some run needs it. */
  readonly isPart: boolean;
}

function allContents(store: Store): Map<Digest, Content> {
  const contents = new Map<Digest, Content>();
  const parts = new Set<Digest>();
  for (const row of store.all<{ digest: Uint8Array; pieces: Uint8Array; added_at: number }>(
    "SELECT digest, pieces, added_at FROM vault_run",
  )) {
    const digest = digestFromBytes(row.digest);
    const pieces = [...new Set(splitDigests(row.pieces))];
    for (const piece of pieces) parts.add(piece);
    contents.set(digest, { digest, pieces, storedBytes: 0, addedAt: row.added_at, isPart: false });
  }
  const noted = notedDigests(store);
  for (const row of store.all<{ digest: Uint8Array; stored: number; added_at: number }>(
    `SELECT p.digest, p.added_at, CAST(r.length AS REAL) * p.length / max(r.raw_length, 1) AS stored
     FROM vault_piece p JOIN vault_record r ON r.number = p.record`,
  )) {
    const digest = digestFromBytes(row.digest);
    const isPart = parts.has(digest);
    const pieces = isPart && !noted.has(digest) ? [] : [digest];
    contents.set(digest, { digest, pieces, storedBytes: Math.round(row.stored), addedAt: row.added_at, isPart });
  }
  return contents;
}

function notedDigests(store: Store): Set<Digest> {
  return digestSet(store, "SELECT DISTINCT digest FROM vault_version WHERE kind = 1");
}

function digestSet(store: Store, sql: string): Set<Digest> {
  return new Set(store.all<{ digest: Uint8Array }>(sql).map(({ digest }) => digestFromBytes(digest)));
}

/** By digest: the number of the version that superseded its last one, or ended the workspace that it stood in. */
function supersededAt(store: Store): Map<Digest, number> {
  const rows = store.all<{ digest: Uint8Array; since: number }>(
    `SELECT digest, max(next) AS since FROM
       (SELECT digest, lead(number) OVER (PARTITION BY path ORDER BY number) AS next FROM vault_version)
     WHERE digest IS NOT NULL AND next IS NOT NULL GROUP BY digest`,
  );
  const superseded = new Map(rows.map(({ digest, since }) => [digestFromBytes(digest), since]));
  for (const [digest, since] of endedDigests(store))
    superseded.set(digest, Math.max(since, superseded.get(digest) ?? 0));
  return superseded;
}

const LIVED_STEP_MS_MAX = 7 * 86_400_000;

/** How much time the vault had lived through when version `number` was noted, and until now. */
export function livedTime(store: Store, nowMs: number): { at(number: number): number; total: number } {
  const moments = store.all<{ up_to: number; at_ms: number }>("SELECT up_to, at_ms FROM vault_moment ORDER BY up_to");
  const step = (fromMs: number, toMs: number): number => Math.min(Math.max(toMs - fromMs, 0), LIVED_STEP_MS_MAX);
  const lived: number[] = [];
  moments.forEach(
    ({ at_ms }, index) => void lived.push(index === 0 ? 0 : lived[index - 1]! + step(moments[index - 1]!.at_ms, at_ms)),
  );
  const total = moments.length === 0 ? 0 : lived.at(-1)! + step(moments.at(-1)!.at_ms, nowMs);
  return { total, at: (number) => (number === 0 ? 0 : (lived[firstAtOrAfter(moments, number)] ?? total)) };
}

function firstAtOrAfter(moments: readonly { up_to: number }[], number: number): number {
  let low = 0;
  for (let high = moments.length; low < high; ) {
    const middle = (low + high) >> 1;
    if (moments[middle]!.up_to < number) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Removes what the plan lets go, unless somebody has come to need it since. Returns the number of contents. */
function removeRows(store: Store, plan: PrunePlan): number {
  if (plan.evicted.length === 0) return 0;
  const contents = new ContentIndex(store);
  return store.transaction(() => {
    const needed = neededSince(store, plan.head);
    const going = plan.evicted.filter((digest) => !needed.has(digest));
    const isRun = new Set(going.filter((digest) => contents.run(digest) !== null));
    for (const digest of isRun) contents.remove(digest);
    for (const digest of plan.pieces) if (!needed.has(digest)) contents.remove(digest);
    contents.nextEpoch();
    return going.length;
  });
}

function neededSince(store: Store, head: number): Set<Digest> {
  const needed = digestSet(store, `SELECT digest FROM vault_version WHERE kind = 1 AND number > ${head}`);
  for (const table of ["vault_piece", "vault_run"]) {
    for (const digest of digestSet(store, `SELECT digest FROM ${table} WHERE added_at >= ${head}`)) needed.add(digest);
  }
  const contents = new ContentIndex(store);
  for (const digest of [...needed]) for (const piece of contents.run(digest)?.pieces ?? []) needed.add(piece);
  return needed;
}

const LIVE_SHARE_MIN = 0.5;
const SMALL_PACK_BYTES = 4 << 20;
const SMALL_PACKS_MAX = 8;

/** Packs of which less than half is still known, and small ones when there are many. */
function mostlyDead(store: Store): number[] {
  const packs = store.all<{ number: number; end_bytes: number; live: number }>(
    `SELECT k.number, k.end_bytes, coalesce(sum(CASE
         WHEN r.kind = 1 THEN CAST(r.length AS REAL) * (SELECT coalesce(sum(p.length), 0) FROM vault_piece p WHERE p.record = r.number) / max(r.raw_length, 1)
         ELSE r.length END), 0) AS live
     FROM vault_pack k LEFT JOIN vault_record r ON r.pack = k.number GROUP BY k.number`,
  );
  const dead = packs.filter(({ live, end_bytes }) => live < end_bytes * LIVE_SHARE_MIN);
  const small = packs.filter((pack) => !dead.includes(pack) && pack.end_bytes < SMALL_PACK_BYTES);
  return [...dead, ...(small.length > SMALL_PACKS_MAX ? small : [])].map(({ number }) => number);
}
