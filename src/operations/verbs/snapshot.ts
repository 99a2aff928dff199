/** `holdfast snapshot`: names the present state. */

import { humanBytes, humanDuration, isoTime, printableLine } from "../../base/index.ts";
import { rememberWorkspaces } from "../../guard/index.ts";
import { treePathOf } from "../../tree/index.ts";
import type { Snapshot } from "../../vault/index.ts";
import { operation } from "../operation.ts";

export const snapshot = operation({
  name: "snapshot",
  about: "Remember the whole tree, or some paths, and give the state a name",
  effect: "write",
  input: (z) =>
    z.strictObject({
      paths: z.array(z.string()).default([]),
      cwd: z.string(),
      note: z.string().max(1_000).default(""),
    }),
  command: {
    arguments: [{ name: "paths", about: "files or folders (default: everything)", variadic: true, optional: true }],
    options: [{ flags: "--note <text>", about: "why" }],
    examples: ["holdfast snapshot", 'holdfast snapshot src --note "before the big refactoring"'],
  },
  namesPaths: true,
  async run({ house, tree, ports, actor, progress }, { paths, cwd, note }) {
    const scope = paths.map((path) => treePathOf(tree, path, { disk: ports.disk, cwd }));
    // A moment is one of all: what stands in the workspaces belongs to it.
    if (scope.length === 0) await rememberWorkspaces(house);
    const taken = await house.vault.snapshot({
      ...(scope.length > 0 ? { paths: scope } : {}),
      note,
      progress,
      record: ({ id, files, bytes, newBytes, skipped }) =>
        house.ledger.append({
          event: "snapshot.taken",
          actor,
          snapshot: id,
          ...(scope.length > 0 ? { paths: scope } : {}),
          data: { files, bytes, newBytes, skipped: skipped.length, note },
          summary: `snapshot ${id}: ${files} files, ${humanBytes(newBytes)} new${skipped.length > 0 ? `, ${skipped.length} skipped` : ""}`,
        }),
    });
    return snapshotView(taken);
  },
  print(taken, style) {
    const lines = [
      `${style.good("✓")} ${style.bold(taken.id)}  ${taken.files} files, ${humanBytes(taken.bytes)} (${humanBytes(taken.newBytes)} new) in ${humanDuration(taken.elapsedMs)}`,
    ];
    for (const { path, why } of taken.skipped.slice(0, 10))
      lines.push(`  ${style.warn("skipped")} ${printableLine(path)}  ${why}`);
    if (taken.skipped.length > 10) lines.push(`  … and ${taken.skipped.length - 10} more skipped  → --json lists them`);
    return lines.join("\n");
  },
});

export function snapshotView({ id, atMs, files, bytes, newBytes, skipped, elapsedMs, note, paths }: Snapshot) {
  return { id, at: isoTime(atMs), files, bytes, newBytes, skipped, elapsedMs, note, paths };
}
