/** `holdfast tree which`: which tree is the canonical one, and where this folder stands toward it. */

import { type GitHead, HoldfastError, printableLine } from "../../base/index.ts";
import {
  canonicalOf,
  type Distance,
  sayTowardCanonical,
  type TowardCanonical,
  towardCanonical,
} from "../../tree/index.ts";
import { operation } from "../operation.ts";

export const treeWhich = operation({
  name: "tree which",
  about: "Which tree is canonical, and where this folder stands toward it",
  effect: "none",
  input: (z) => z.strictObject({}),
  command: { examples: ["holdfast tree which", "holdfast tree which --tree ../clone --json"] },
  async run({ located, ports }) {
    const toward = located === null ? null : await towardCanonical(located, ports);
    if (toward === null || toward.kind === "none")
      throw new HoldfastError(
        "TREE_NOT_FOUND",
        `${toward?.root ?? "this folder"} belongs to no tree that Holdfast knows`,
      );
    const { root, namedBy, conflict } = canonicalOf(toward.tree, null, ports);
    const head = toward.tree.git === null ? null : ports.git.head(toward.tree.git);
    return {
      canonical: {
        id: toward.tree.id,
        root,
        namedBy,
        conflict,
        branch: head?.branch ?? null,
        commit: head?.commit ?? null,
      },
      here: hereOf(toward, head),
      says: sayTowardCanonical(toward),
    };
  },
  print({ canonical, here, says }, style) {
    const at = [canonical.branch, canonical.commit?.slice(0, 10)].filter(Boolean).join(", ");
    const lines = [
      `${style.bold(printableLine(canonical.root))}  ${style.dim(at === "" ? "no git" : printableLine(at))}`,
    ];
    if (says !== null) lines.push(`${style.warn("!")} ${printableLine(says)}`);
    if (here.standing === "moved") lines.push(`  → holdfast tree adopt ${printableLine(here.root)}`);
    if (canonical.conflict !== null)
      lines.push(`${style.warn("!")} ${printableLine(canonical.conflict)}  → holdfast tree adopt <the right one>`);
    return lines.join("\n");
  },
  exitCode: ({ canonical, here }) => (canonical.conflict !== null || here.standing === "moved" ? 1 : 0),
});

type Toward = Exclude<TowardCanonical, { kind: "none" }>;

function hereOf(toward: Toward, canonicalHead: GitHead | null) {
  const apart: Pick<Distance, "root" | "head" | "behind" | "ahead"> =
    toward.kind === "canonical" ? { root: toward.tree.root, head: canonicalHead, behind: 0, ahead: 0 } : toward;
  const { root, head, behind, ahead } = apart;
  return { root, standing: toward.kind, branch: head?.branch ?? null, commit: head?.commit ?? null, behind, ahead };
}
