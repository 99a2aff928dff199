/** `holdfast restore`: puts back what the vault remembers. Everything it replaces is remembered first. */

import {
  type Digest,
  HoldfastError,
  isDigest,
  parseMoment,
  printableLine,
  sameEntry,
  type TreePath,
} from "../../base/index.ts";
import { treePathOf } from "../../tree/index.ts";
import { applyDurably } from "../../workorder/index.ts";
import { componentPaths } from "../component-paths.ts";
import { type OperationContext, operation, writerOf } from "../operation.ts";
import { restoreWorkspace, workspaceHere } from "../restore-workspace.ts";
import { planStateBefore } from "../state-before.ts";

export const restore = operation({
  name: "restore",
  about: "Put paths or a component back as the vault remembers them",
  effect: "write",
  input: (z) =>
    z.strictObject({
      subjects: z.array(z.string()).default([]),
      cwd: z.string(),
      from: z.string().optional(),
      dryRun: z.boolean().default(false),
      all: z.boolean().default(false),
      workspace: z.string().optional(),
      to: z.string().optional(),
    }),
  command: {
    arguments: [{ name: "subjects", about: "paths or components", variadic: true, optional: true }],
    options: [
      {
        flags: "--from <state>",
        about:
          "a snapshot, a point V123, a digest sha256:…, or a time (default: as before it went, or before it changed last)",
      },
      { flags: "--all", about: "the whole tree, with --from" },
      { flags: "--workspace <name>", about: "of a git worktree, also one that is gone (default: the one you are in)" },
      { flags: "--to <dir>", about: "into another folder, with --workspace; nothing there is overwritten" },
      { flags: "--dry-run", about: "only say what would change" },
    ],
    examples: [
      "holdfast restore .env",
      'holdfast restore src --from "yesterday 01:50"',
      "holdfast restore apply-patch-processor --from S0193a2f4",
      "holdfast restore --workspace feature-x --to ../feature-x-rescued",
    ],
  },
  namesPaths: true,
  prepare: async (raw, context) => {
    const here = raw["workspace"] === undefined ? workspaceHere(context) : null;
    return here === null ? raw : { ...raw, workspace: here };
  },
  async run(context, input) {
    const { house, actor } = context;
    const { workspace } = input;
    if (workspace !== undefined)
      return restoreWorkspace(
        { ...input, workspace, to: input.to, from: input.from, source: sourceOf(input.from, context) },
        context,
      );
    if (input.to !== undefined)
      throw new HoldfastError("USAGE", "--to is for what a workspace had: name it with --workspace");
    const paths = pathsOf(input, context);
    const { effects, missing } =
      input.from === undefined
        ? await planStateBefore(paths, house)
        : await house.vault.planRestore({ paths, from: sourceOf(input.from, context) });
    if (missing.length > 0 && effects.length === 0) throw nothingToRestore(missing, input.from);
    const changes = effects.filter(({ before, after }) => !sameEntry(before, after));
    const unavailable = missing.map(({ path, why }) => ({ path: printableLine(path), why }));
    if (input.dryRun)
      return {
        restored: changes.map(({ path }) => path),
        kept: [],
        from: input.from ?? "last-present",
        snapshotBefore: null,
        unavailable,
        dryRun: true,
      };
    if (changes.length === 0)
      return {
        restored: [],
        kept: [],
        from: input.from ?? "last-present",
        snapshotBefore: null,
        unavailable,
        dryRun: false,
      };
    const done = await applyDurably(
      {
        changes,
        onForeign: "keep",
        record: ({ applied, kept }) =>
          house.ledger.append({
            event: "snapshot.restored",
            actor,
            paths: applied,
            data: {
              from: input.from ?? "last-present",
              restored: applied.length,
              kept: kept.length,
              snapshotBefore: null,
            },
            summary: `restored ${applied.length} paths from ${input.from ?? "the last known state"}${kept.length > 0 ? `, kept ${kept.length}` : ""}`,
          }),
      },
      writerOf(context).house,
    ).finally(() => writerOf(context).engine.settle());
    return {
      restored: done.applied,
      kept: done.kept.map(({ path }) => path),
      from: input.from ?? "last-present",
      snapshotBefore: `V${done.point}`,
      unavailable,
      dryRun: false,
    };
  },
  print({ restored, kept, snapshotBefore, unavailable, dryRun, ...workspace }, style) {
    const into = "to" in workspace ? ` into ${printableLine(workspace.to)}` : "";
    const head =
      restored.length === 0
        ? "nothing to restore: it is as it was"
        : `${style.good(dryRun ? "·" : "✓")} ${dryRun ? "would restore" : "restored"} ${restored.length} ${restored.length === 1 ? "path" : "paths"}${into}`;
    const lines = [head, ...restored.slice(0, 20).map((path) => `  ${printableLine(path)}`)];
    if (restored.length > 20) lines.push(`  … and ${restored.length - 20} more`);
    for (const path of kept)
      lines.push(
        `  ${style.warn("kept")} ${printableLine(path)}: ${into === "" ? "somebody wrote to it meanwhile" : "something else stands there"}`,
      );
    for (const { path, why } of unavailable) lines.push(`  ${style.bad("not restored")} ${path}: ${why}`);
    if (snapshotBefore !== null) lines.push(style.dim(`  as it was before: --from ${snapshotBefore}`));
    return lines.join("\n");
  },
  exitCode: ({ kept, unavailable }) => (kept.length > 0 || unavailable.length > 0 ? 1 : 0),
});

function pathsOf(
  input: { subjects: string[]; cwd: string; all: boolean },
  { house, tree, ports }: OperationContext,
): TreePath[] | null {
  if (input.all) return null;
  if (input.subjects.length === 0)
    throw new HoldfastError("USAGE", "what is to be restored?", {
      hint: "holdfast restore <path>, or --all --from <snapshot>",
    });
  return input.subjects.flatMap((subject) =>
    subject in house.config().components
      ? componentPaths(subject, house)
      : [treePathOf(tree, subject, { disk: ports.disk, cwd: input.cwd })],
  );
}

function sourceOf(
  from: string | undefined,
  { house, ports }: OperationContext,
): { upTo: number } | { digest: Digest } | "last-present" {
  if (from === undefined) return "last-present";
  if (isDigest(from)) return { digest: from };
  const point = /^V(\d+)$/.exec(from);
  if (point) return { upTo: Number(point[1]) };
  if (/^S[0-9a-f]+$/i.test(from)) return { upTo: house.vault.findSnapshot(from).upTo };
  return { upTo: house.vault.versionAtTime(parseMoment(from, ports.clock.now())) };
}

function nothingToRestore(missing: readonly { path: string; why: string }[], from: string | undefined): HoldfastError {
  const { path, why } = missing[0]!;
  return new HoldfastError(
    "PATH_UNKNOWN",
    `${path} cannot be restored${from === undefined ? "" : ` from ${from}`}: ${why}`,
    { data: { missing } },
  );
}
