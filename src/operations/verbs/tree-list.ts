/** `holdfast tree list`: every working copy of this project on this machine, and where was looked for them. */

import { HoldfastError, printableLine } from "../../base/index.ts";
import { canonicalOf, distance, findCopies, type Tree, towardCanonical, type WorkingCopy } from "../../tree/index.ts";
import { type CallerContext, operation, type Style } from "../operation.ts";

export const treeList = operation({
  name: "tree list",
  about: "Every working copy of this project on this machine, which is canonical, and how far apart they are",
  effect: "none",
  input: (z) => z.strictObject({}),
  command: { examples: ["holdfast tree list", "holdfast tree list --json"] },
  async run(context) {
    const { ports } = context;
    const tree = await ownTree(context);
    const { copies, looked, elapsedMs } = await findCopies(tree, ports);
    const listed = [];
    for (const copy of copies) listed.push(await entryOf(copy, tree, context));
    return { canonical: canonicalOf(tree, copies, ports), copies: listed, looked, elapsedMs };
  },
  print({ canonical, copies, looked, elapsedMs }, style) {
    const lines = copies.map((copy) => copyLine(copy, canonical.root, style));
    if (canonical.conflict !== null)
      lines.push(`${style.warn("!")} ${printableLine(canonical.conflict)}  → holdfast tree adopt <the right one>`);
    const incomplete = looked.filter(({ complete }) => !complete);
    const places = looked.filter(({ complete }) => complete).map(({ where }) => printableLine(where));
    lines.push(style.dim(`  looked for ${Math.round(elapsedMs)} ms at: ${places.join("; ")}`));
    for (const { where, note } of incomplete)
      lines.push(`${style.warn("!")} not looked through: ${printableLine(where)} (${printableLine(note ?? "")})`);
    return lines.join("\n");
  },
  exitCode: ({ canonical }) => (canonical.conflict === null ? 0 : 1),
});

/** Also from within a copy that nothing but its commits tells of. */
async function ownTree({ located, ports }: CallerContext): Promise<Tree> {
  const toward = located === null ? null : await towardCanonical(located, ports);
  if (toward !== null && toward.kind !== "none") return toward.tree;
  throw new HoldfastError("TREE_NOT_FOUND", `${toward?.root ?? "this folder"} belongs to no tree that Holdfast knows`);
}

async function entryOf({ root, standing, name, id, head, git }: WorkingCopy, tree: Tree, { ports }: CallerContext) {
  const unknown = { behind: null, ahead: null };
  const { behind, ahead } =
    standing === "canonical" ? { behind: 0, ahead: 0 } : git === null ? unknown : await distance(root, tree, ports);
  return { root, standing, name, id, branch: head?.branch ?? null, commit: head?.commit ?? null, behind, ahead };
}

type Entry = Awaited<ReturnType<typeof entryOf>>;

function copyLine({ root, standing, branch, commit, behind, ahead }: Entry, canonical: string, style: Style): string {
  const mark = root === canonical ? style.good("●") : style.dim("○");
  const at = branch ?? (commit === null ? "no git" : `detached at ${commit.slice(0, 10)}`);
  const apart =
    behind === null
      ? "how far apart is not known"
      : behind + (ahead ?? 0) === 0
        ? "same commit"
        : `${behind} behind, ${ahead} ahead`;
  const more =
    standing === "canonical" ? at : standing === "gone" ? "git still lists it; it is gone" : `${at}, ${apart}`;
  return `${mark} ${standing.padEnd(10)}  ${style.bold(printableLine(root))}  ${style.dim(printableLine(more))}`;
}
