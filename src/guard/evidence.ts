/** Gathers what the classifier asks for, and nothing that it does not: bytes from the vault, git's past. Changes nothing. */

import { type Digest, digester, type FileEntry, LIMITS, type Ports, type TreePath } from "../base/index.ts";
import type { Tree } from "../tree/index.ts";
import type { Vault } from "../vault/index.ts";
import { type Evidence, NO_EVIDENCE, needs, type Sight } from "./classify.ts";
import { olderInGit } from "./git-past.ts";
import type { GitStanding } from "./git-standing.ts";

export interface EvidenceWorld {
  readonly tree: Tree;
  readonly vault: Vault;
  readonly ports: Ports;
  readonly standing: GitStanding;
}

/** By path. `discarded`: git itself threw the newer content away, so every branch may hold the older one. */
export async function gather(
  sights: readonly Sight[],
  discarded: boolean,
  world: EvidenceWorld,
): Promise<Map<TreePath, Evidence>> {
  const wanted = new Map(sights.map((sight) => [sight.path, new Set(needs(sight))]));
  const asking = (need: keyof Evidence) => sights.filter(({ path }) => wanted.get(path)!.has(need));
  const older = await olderInGit(asking("olderInGit").map(questionOf), discarded, world);
  const tracked = await world.standing.tracked(asking("modeIsGits").map(({ path }) => ({ path, branch: null })));
  const evidence = new Map<TreePath, Evidence>();
  for (const sight of sights) {
    const { path, present } = sight;
    const needed = wanted.get(path)!;
    const commit = older.get(path);
    evidence.set(path, {
      ...NO_EVIDENCE,
      olderInGit: commit === undefined ? null : { commit },
      modeIsGits:
        needed.has("modeIsGits") && (tracked.has(path) || (present.kind === "dir" && world.tree.git !== null)),
      extendsGoal: needed.has("extendsGoal") && (await extendsGoal(sight, world)),
      isPieceOfGoal: needed.has("isPieceOfGoal") && isPieceOfGoal(sight, world.vault),
    });
  }
  return evidence;
}

function questionOf({ path, present, goal, versions }: Sight) {
  const seen = versions.find(
    ({ entry }) => entry.kind === "file" && goal.kind === "file" && entry.digest === goal.digest,
  );
  return { path, present, goal, goalSeenMs: seen?.seenAtMs ?? 0 };
}

/** The digest of the first bytes, as many as `goal` has, is `goal`'s. */
async function extendsGoal({ present, goal }: Sight, { vault, ports }: EvidenceWorld): Promise<boolean> {
  const [longer, shorter] = [present as FileEntry, goal as FileEntry];
  const beginning = digester();
  let left = shorter.sizeBytes;
  for (const piece of vault.readPieces(longer.digest)) {
    beginning.update(piece.subarray(0, left));
    left -= Math.min(left, piece.length);
    if (left === 0) break;
    await ports.clock.breathe();
  }
  return beginning.digest() === shorter.digest;
}

function isPieceOfGoal({ present, goal }: Sight, vault: Vault): boolean {
  const part = readSmall((present as FileEntry).digest, (present as FileEntry).sizeBytes, vault);
  const whole = readSmall((goal as FileEntry).digest, (goal as FileEntry).sizeBytes, vault);
  if (part === null || whole === null) return false;
  return whole.subarray(0, part.length).equals(part) || whole.subarray(whole.length - part.length).equals(part);
}

function readSmall(digest: Digest, sizeBytes: number, vault: Vault): Buffer | null {
  return sizeBytes > LIMITS.unionSizeBytesMax || !vault.has(digest) ? null : vault.read(digest);
}
