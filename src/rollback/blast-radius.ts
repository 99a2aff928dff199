/** How far a command reaches into what is protected: for people, before it runs. */

import { LIMITS, type TreePath } from "../base/index.ts";
import { type CommandJudgement, reachedBy } from "../cause/index.ts";
import { trackedPaths } from "../tree/index.ts";
import type { Protection } from "./protection.ts";
import type { RollbackWorld } from "./world.ts";

export interface BlastRadius {
  /** `named`: the words say so. `possible`: they do not exclude it. `anything`: nobody can tell. */
  readonly reach: "none" | "named" | "possible" | "anything";
  readonly components: readonly {
    readonly name: string;
    readonly files: number;
    /** The order, or who accepted it, last. */
    readonly by: string | null;
  }[];
  readonly files: number;
  /** Of `files`, those that git could not give back. */
  readonly untracked: number;
}

type RadiusWorld = Pick<RollbackWorld, "vault" | "tree" | "ports" | "baselines" | "ledger">;

export async function blastRadius(
  judgement: CommandJudgement,
  protection: Protection,
  world: RadiusWorld,
): Promise<BlastRadius> {
  const { vault, tree, ports } = world;
  const present: TreePath[] = [];
  const unders = protection.scope.length > 0 ? protection.scope : [undefined];
  for (const under of unders) {
    for (const { path, entry } of vault.statesAt(under === undefined ? {} : { under }))
      if (entry.kind !== "dir" && protection.at(path) !== null) present.push(path);
  }
  const paths = [...new Set(present)];
  const { sure, perhaps } = reachedBy(
    judgement,
    paths.map((path) => `${tree.root}/${path}`),
  );
  const isOpaque = judgement.kind === "unknown" && judgement.touches.length === 0;
  const reached = isOpaque ? paths : [...sure, ...perhaps].map((path) => path.slice(tree.root.length + 1) as TreePath);
  const tracked = new Set<string>(
    reached.length === 0 || tree.git === null ? [] : await trackedPaths(tree, reached, ports),
  );
  const counts = new Map<string, number>();
  for (const path of reached) {
    const { component } = protection.at(path)!;
    counts.set(component, (counts.get(component) ?? 0) + 1);
  }
  return {
    reach: reached.length === 0 ? "none" : isOpaque ? "anything" : sure.length > 0 ? "named" : "possible",
    components: [...counts].map(([name, files]) => ({ name, files, by: vouchedBy(name, world) })),
    files: reached.length,
    untracked: reached.filter((path) => !tracked.has(path)).length,
  };
}

function vouchedBy(component: string, { baselines, ledger }: RadiusWorld): string | null {
  const seq = baselines.of(component).reduce((newest, entry) => Math.max(newest, entry.seq), 0);
  const [record] = seq === 0 ? [] : [...ledger.read({ afterSeq: seq - 1, limit: 1 })];
  return record === undefined ? null : (record.wo ?? record.actor.name).slice(0, LIMITS.orderIdLengthMax);
}
