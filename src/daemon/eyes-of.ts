/** The guard of a house: its eyes, and the judge that they report to. */

import { HoldfastError } from "../base/index.ts";
import { type Eyes, type EyesState, type Judge, lookedOfTree, openEyes, type WorkspaceState } from "../guard/index.ts";
import type { House } from "../operations/index.ts";

export function eyesOf(house: House, { judge, gitIsTraced }: { judge: Judge; gitIsTraced: () => boolean }): Eyes {
  const { tree, store, vault, ports, baselines } = house;
  return openEyes({
    tree,
    looked: lookedOfTree(store),
    vault,
    ports,
    protectedPaths: () => baselines.paths(),
    sweepMs: () => house.config().guard.sweepMs,
    judge,
    gitIsTraced,
  });
}

/** What `status` has to say of them: where they do not see. */
export function troubleOfEyes({
  root,
  unwatched,
  unwatchedTotal,
  full,
}: EyesState): { code: string; message: string; hint: string }[] {
  const troubles: HoldfastError[] = [];
  if (root !== null) troubles.push(new HoldfastError("GUARD_BRAKED", `${root.why}: nothing is judged or repaired`));
  if (unwatched.length > 0) {
    const [{ path, why }] = unwatched as [EyesState["unwatched"][number]];
    const others = unwatchedTotal > 1 ? ` and ${unwatchedTotal - 1} more` : "";
    const hint = full === null ? { hint: "see who may read it" } : {};
    troubles.push(new HoldfastError("GUARD_UNWATCHED", `${path === "" ? "the root" : path}${others}: ${why}`, hint));
  }
  return troubles.map((trouble) => trouble.toJSON());
}

/** A workspace that is away is not trouble: it is missed, or followed. What raises no event there is. */
export function troubleOfWorkspaces(workspaces: readonly WorkspaceState[]): ReturnType<typeof troubleOfEyes> {
  return workspaces.flatMap(({ name, eyes }) =>
    troubleOfEyes({ ...eyes, root: null }).map((trouble) => ({
      ...trouble,
      message: `workspace ${name}: ${trouble.message}`,
    })),
  );
}
