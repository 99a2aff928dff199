/** `holdfast tree list`: every working copy of this project on this machine, where was looked for them, and how each differs. */

import { HoldfastError, LIMITS, printableLine } from "../../base/index.ts";
import { type ComparedCopy, compareCopy } from "../../component/index.ts";
import { canonicalOf, distance, findCopies, type Tree, towardCanonical, type WorkingCopy } from "../../tree/index.ts";
import { compareWorld } from "../copy-at.ts";
import { type House, openHouse } from "../house.ts";
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
    const house = await openHouse(tree, ports, { readOnly: true });
    try {
      return {
        canonical: canonicalOf(tree, copies, ports),
        copies: await described(copies, house),
        looked,
        elapsedMs: Math.round(elapsedMs),
      };
    } finally {
      house.close();
    }
  },
  print({ canonical, copies, looked, elapsedMs }, style) {
    const lines = copies.flatMap((copy) => copyLines(copy, canonical.root, style));
    if (canonical.conflict !== null)
      lines.push(`${style.warn("!")} ${printableLine(canonical.conflict)}  → holdfast tree adopt <the right one>`);
    const places = looked.filter(({ complete }) => complete).map(({ where }) => printableLine(where));
    lines.push(style.dim(`  looked for ${elapsedMs} ms at: ${places.join("; ")}`));
    for (const { where, note } of looked.filter(({ complete }) => !complete))
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

async function described(copies: readonly WorkingCopy[], house: House) {
  const untilMs = house.ports.clock.monotonicMs() + LIMITS.copyCompareMs;
  const entries = [];
  for (const copy of copies) entries.push(await describe(copy, untilMs, house));
  return entries;
}

/** `components: null`: not compared, because it is the tree itself, is gone, or there was no time left. */
async function describe(copy: WorkingCopy, untilMs: number, house: House) {
  const { root, standing, name, id, head, git } = copy;
  const { ports, tree } = house;
  const isOther = standing !== "canonical" && standing !== "gone";
  const apart = standing === "canonical" ? { behind: 0, ahead: 0 } : await apartOf(copy, house);
  const mayCompare = isOther && ports.clock.monotonicMs() < untilMs;
  const compared = mayCompare ? await compareCopy({ ...tree, root, git }, false, compareWorld(house)) : null;
  return {
    ...{ root, standing, name, id, branch: head?.branch ?? null, commit: head?.commit ?? null, ...apart },
    components: compared?.map(countsOf) ?? null,
  };
}

async function apartOf({ root, git }: WorkingCopy, { tree, ports }: House) {
  if (git === null) return { behind: null, ahead: null };
  const { behind, ahead } = await distance(root, tree, ports);
  return { behind, ahead };
}

function countsOf({ component, same, differences }: ComparedCopy) {
  const counts = { missing: 0, older: 0, newer: 0, unknown: 0, mode: 0, "only-there": 0 };
  for (const { kind } of differences) counts[kind] += 1;
  return { name: component, same, ...counts };
}

type Entry = Awaited<ReturnType<typeof describe>>;

function copyLines(copy: Entry, canonical: string, style: Style): string[] {
  const { root, standing, components } = copy;
  const mark = root === canonical ? style.good("●") : style.dim("○");
  const head = `${mark} ${standing.padEnd(10)}  ${style.bold(printableLine(root))}  ${style.dim(printableLine(stateText(copy)))}`;
  const differing = (components ?? []).filter((one) => differences(one).length > 0);
  return [
    head,
    ...differing.map(
      (one) =>
        `    ${style.warn("▲")} ${printableLine(one.name ?? "")}: ${differences(one).join(", ")}, ${one.same} the same`,
    ),
  ];
}

function stateText({ standing, branch, commit, behind, ahead }: Entry): string {
  if (standing === "gone") return "git still lists it; it is gone";
  const at = branch ?? (commit === null ? "no git" : `detached at ${commit.slice(0, 10)}`);
  if (standing === "canonical") return at;
  if (behind === null) return `${at}, how far apart is not known`;
  return behind + (ahead ?? 0) === 0 ? `${at}, same commit` : `${at}, ${behind} behind, ${ahead} ahead`;
}

function differences({ missing, older, newer, unknown, mode }: NonNullable<Entry["components"]>[number]): string[] {
  const counts = { missing, older, newer, unknown, mode };
  return Object.entries(counts).flatMap(([kind, count]) => (count === 0 ? [] : [`${count} ${kind}`]));
}
