/** The copy that somebody names, or stands in: found, and proven to be one of this tree. */

import { resolve } from "node:path";
import { HoldfastError } from "../base/index.ts";
import { type CompareWorld, membershipOf } from "../component/index.ts";
import { findTree, type TowardCanonical, type Tree, towardCanonical } from "../tree/index.ts";
import { bytesAt, entryAt } from "../workorder/index.ts";
import type { House } from "./house.ts";
import type { CallerContext } from "./operation.ts";

export type CopyFound = Extract<TowardCanonical, { kind: "workspace" | "copy" | "moved" }>;

/** `dir: null`: where the caller is. `TREE_NOT_FOUND`, `TREE_NO_COPY`. */
export async function copyAt(dir: string | null, { located, ports }: CallerContext): Promise<CopyFound> {
  const place = dir === null ? located : await findTree(resolve(ports.process.cwd(), dir), ports);
  const toward = place === null ? null : await towardCanonical(place, ports);
  if (toward === null || toward.kind === "none")
    throw new HoldfastError(
      "TREE_NOT_FOUND",
      `${toward?.root ?? dir ?? "this folder"} belongs to no tree that Holdfast knows`,
    );
  if (toward.kind === "canonical")
    throw new HoldfastError("TREE_NO_COPY", `${toward.tree.root} is the canonical tree itself`, {
      hint: "holdfast tree compare <copy>; holdfast tree list names them",
    });
  return toward;
}

/** The copy as a tree: its own root and git, the canonical one's state folder. Only read. */
export function treeOfCopy({ tree, root }: CopyFound, { git }: CallerContext["ports"]): Tree {
  return { ...tree, root, git: git.locate(root) };
}

export function compareWorld(house: House): CompareWorld {
  const { tree, vault, baselines, ports, config } = house;
  const membership = membershipOf(config());
  return {
    tree,
    vault,
    baselines,
    ports,
    config,
    membership: () => membership,
    entryAt: (place) => entryAt(ports.disk, place),
    bytesAt: (place) => bytesAt(ports.disk, place),
  };
}
