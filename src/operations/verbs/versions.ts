/** `holdfast versions`: every settled state of one path that the vault remembers, newest first. */

import { ABSENT, isoTime, printableLine } from "../../base/index.ts";
import { treePathOf } from "../../tree/index.ts";
import { operation } from "../operation.ts";
import { diffOf, stateOf } from "../state-diff.ts";

const DIFFS_MAX = 20;

export const versions = operation({
  name: "versions",
  about: "Every remembered state of a path, newest first: when it was seen, and how it differs from the one before",
  effect: "read",
  input: (z) =>
    z.strictObject({
      path: z.string(),
      limit: z.coerce.number().int().positive().max(1_000).default(50),
      diff: z.boolean().default(false),
      cwd: z.string(),
    }),
  command: {
    arguments: [{ name: "path", about: "a file" }],
    options: [
      { flags: "--limit <n>", about: "the newest so many (50)" },
      { flags: "--diff", about: "with what changed, of text files" },
    ],
    examples: ["holdfast versions .env", "holdfast versions tools/sync.sh --diff"],
  },
  namesPaths: true,
  async run({ house, tree, ports }, { path: text, limit, diff, cwd }) {
    const path = treePathOf(tree, text, { disk: ports.disk, cwd });
    // One more than is shown: the oldest shown one differs from it.
    const found = house.vault.versions(path, { limit: limit + 1 });
    return {
      path,
      versions: found.slice(0, limit).map(({ number, seenAtMs, entry, bytesKept }, index) => {
        const was = found[index + 1]?.entry ?? ABSENT;
        return {
          version: `V${number}`,
          at: isoTime(seenAtMs),
          kind: entry.kind,
          ...stateOf(entry),
          bytesKept,
          diff: diff && index < DIFFS_MAX ? diffOf({ path, was, became: entry }, house) : null,
        };
      }),
      more: found.length > limit,
    };
  },
  print({ path, versions: all, more }, style) {
    if (all.length === 0)
      return `nothing of ${printableLine(path)} is remembered  → holdfast diagnose ${printableLine(path)}`;
    const lines = all.flatMap(({ version, at, state, bytesKept, diff }) => [
      `${style.bold(version.padEnd(8))} ${style.dim(at)}  ${printableLine(state)}${bytesKept ? "" : style.warn("  bytes not kept any more")}`,
      ...(diff === null
        ? []
        : diff
            .trimEnd()
            .split("\n")
            .slice(4)
            .map((line) => `    ${printableLine(line)}`)),
    ]);
    if (more) lines.push(style.dim("… older ones: --limit"));
    lines.push(style.dim(`→ holdfast restore ${printableLine(path)} --from ${all[1]?.version ?? all[0]!.version}`));
    return lines.join("\n");
  },
});
