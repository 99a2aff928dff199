/** `holdfast tree compare`: how a copy differs from the canonical tree, component by component; with `--apply`, what only it has comes over. */

import { isoTime, printableLine } from "../../base/index.ts";
import { type ComparedCopy, type CopyDifference, compareCopy } from "../../component/index.ts";
import type { Tree } from "../../tree/index.ts";
import { compareWorld, copyAt, treeOfCopy } from "../copy-at.ts";
import { openHouse } from "../house.ts";
import { type CallerContext, operation, type Style } from "../operation.ts";
import { perform } from "../perform.ts";
import { type Taken, treeTake } from "../tree-take.ts";

const ROWS_MAX = 20;
const KINDS = ["missing", "older", "newer", "unknown", "mode", "only-there"] as const;

export const treeCompare = operation({
  name: "tree compare",
  about: "How a copy differs from the canonical tree: what it lacks, has older, newer or unknown, or has alone",
  effect: "none",
  input: (z) => z.strictObject({ dir: z.string().optional(), apply: z.boolean().default(false) }),
  command: {
    arguments: [{ name: "dir", about: "the copy, or a folder in it (default: the one you are in)", optional: true }],
    options: [
      {
        flags: "--apply",
        about: "bring what exists only in the copy into the canonical tree, through an order; nothing is overwritten",
      },
    ],
    examples: ["holdfast tree compare ../clone", "holdfast tree compare ../clone --apply"],
  },
  async run(context, { dir, apply }) {
    const found = await copyAt(dir ?? null, context);
    const { kind, tree, root, behind, ahead } = found;
    const compared = await compare(found, context);
    const only = compared.flatMap(({ differences }) => pathsOf(differences, "only-there"));
    const takes = apply && only.length > 0;
    return {
      canonical: tree.root,
      copy: { root, standing: kind, behind, ahead },
      components: compared.map(view),
      taken: takes ? await take({ root, paths: only }, tree, context) : null,
    };
  },
  print({ canonical, copy, components, taken }, style) {
    const head = `${style.bold(printableLine(copy.root))}, compared with ${style.bold(printableLine(canonical))}`;
    const apart = copy.behind === null ? "" : style.dim(`  ${copy.behind} behind, ${copy.ahead} ahead`);
    const lines = [head + apart, ...components.flatMap((one) => componentLines(one, style))];
    const only = components.flatMap(({ paths }) => paths.filter(({ kind }) => kind === "only-there"));
    if (taken !== null) lines.push(takenLine(taken, style));
    else if (only.length > 0)
      lines.push(
        `  → holdfast tree compare ${printableLine(copy.root)} --apply   brings over the ${only.length} that only it has`,
      );
    return lines.join("\n");
  },
  exitCode: ({ components, taken }) =>
    components.some(({ paths }) => paths.length > 0) || taken?.status === "failed" ? 1 : 0,
});

async function compare(found: Awaited<ReturnType<typeof copyAt>>, { ports }: CallerContext): Promise<ComparedCopy[]> {
  const house = await openHouse(found.tree, ports, { readOnly: true });
  try {
    return await compareCopy(treeOfCopy(found, ports), true, compareWorld(house));
  } finally {
    house.close();
  }
}

/** By the canonical tree's writer, wherever the caller stands. */
async function take(
  raw: { root: string; paths: string[] },
  tree: Tree,
  { ports, actor, version, signal, progress, emit }: CallerContext,
): Promise<Taken> {
  const located = { standing: "canonical", tree } as const;
  const caller = { located, ports, actor, version, signal, progress, emit };
  return (await perform({ operation: treeTake, raw, caller })) as Taken;
}

function view({ component, same, differences }: ComparedCopy) {
  const counts = Object.fromEntries(KINDS.map((kind) => [kind, pathsOf(differences, kind).length]));
  const paths = differences.map(({ path, kind, canonical, copy, knownAtMs, knownAs }) => ({
    ...{ path, kind, canonical, copy, knownAs },
    knownAt: knownAtMs === null ? null : isoTime(knownAtMs),
  }));
  return { name: component, same, counts, paths };
}

type View = ReturnType<typeof view>;

function pathsOf(differences: readonly CopyDifference[], kind: CopyDifference["kind"]): string[] {
  return differences.filter((one) => one.kind === kind).map(({ path }) => path);
}

function componentLines({ name, same, counts, paths }: View, style: Style): string[] {
  const told = KINDS.filter((kind) => counts[kind]! > 0).map((kind) => `${counts[kind]} ${kind}`);
  const mark = paths.length === 0 ? style.good("●") : style.warn("▲");
  const head = `${mark} ${style.bold(printableLine(name ?? "outside components"))}  ${style.dim(`${same} the same`)}${told.length > 0 ? `, ${told.join(", ")}` : ""}`;
  const rows = paths.slice(0, ROWS_MAX).map(({ path, kind, knownAt, knownAs }) => {
    const known = knownAt === null ? "" : style.dim(`  as of ${knownAt} (${knownAs?.slice(0, 12)})`);
    return `    ${style.warn(kind.padEnd(10))} ${printableLine(path)}${known}`;
  });
  return [
    head,
    ...rows,
    ...(paths.length > ROWS_MAX ? [`    … and ${paths.length - ROWS_MAX} more  → --json lists them`] : []),
  ];
}

function takenLine({ id, status, paths, left }: Taken, style: Style): string {
  const mark = status === "done" ? style.good("✓") : style.bad("✗");
  const more =
    left.length === 0 ? "" : `, left ${left.length}: ${printableLine(left[0]!.path)} (${printableLine(left[0]!.why)})`;
  return `${mark} ${style.bold(id)} brought over ${paths.length}${more}`;
}
