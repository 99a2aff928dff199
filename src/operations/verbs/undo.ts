/** `holdfast undo`: takes back what one session did, or the last act, and nothing that anybody else touched since. */

import { assert, HoldfastError, printableLine } from "../../base/index.ts";
import { operation } from "../operation.ts";
import { canonicalTree, perform } from "../perform.ts";
import { refuseAgents } from "../refuse-agents.ts";
import { passBefore } from "../rollback-before.ts";
import { wentBackText } from "../rollback-text.ts";
import type { Undone } from "../undo-go.ts";

export const undo = operation({
  name: "undo",
  about:
    "Take back what one agent's session did, or the last command, order or restore; only the paths that it touched, and none that somebody changed since",
  effect: "none",
  input: (z) =>
    z.strictObject({
      session: z.string().optional(),
      last: z.boolean().default(false),
      rest: z.boolean().default(false),
      force: z.boolean().default(false),
      dryRun: z.boolean().default(false),
    }),
  command: {
    options: [
      { flags: "--session <id>", about: "everything on record of this session, or of the one that begins so" },
      {
        flags: "--last",
        about:
          "the last act that left something behind (the default; an undo is one, so twice is as before); asked by an agent: its own last",
      },
      { flags: "--rest", about: "where others changed some of it since: leave that, and take back the rest" },
      { flags: "--force", about: "take what an order left accepted, too" },
      { flags: "--dry-run", about: "only say what would change" },
    ],
    examples: ["holdfast undo --last --dry-run", "holdfast undo --session 0198f3c2"],
  },
  async run(context, { session, last, rest, force, dryRun }) {
    const { located, ports, actor, version, signal, progress, emit } = context;
    if (session !== undefined && last)
      throw new HoldfastError("USAGE", "either --session or --last", { hint: "holdfast undo --help" });
    if (force) refuseAgents(actor, "take protected components by force");
    assert(located !== null, "whoever undoes stands somewhere");
    const tree = canonicalTree(located, { name: "undo", effect: "write" });
    if (!dryRun) await passBefore(tree, context);
    const { undoGo } = await import("../undo-go.ts");
    const raw = { ...(session === undefined ? {} : { session }), rest, force, dryRun };
    const caller = { located, ports, actor, version, signal, progress, emit };
    const undone = (await perform({ operation: undoGo, raw, caller })) as Undone;
    return { ...undone, dryRun, force };
  },
  print(output, style) {
    const { acts, overlaps, isRunning, skipped } = output;
    const shown = acts.slice(-ACTS_SHOWN);
    const lines = shown.map(
      ({ what, actor, at }) => `${style.dim(`${at.slice(0, 19)}Z`)} ${printableLine(`${what} (${actor})`)}`,
    );
    if (acts.length > shown.length) lines.unshift(style.dim(`… ${acts.length - shown.length} before`));
    if (isRunning) lines.push(style.warn("▲ something of it still runs"));
    lines.push(wentBackText(output, style));
    for (const { path, by } of overlaps.slice(0, PATHS_SHOWN))
      lines.push(`  ${style.warn("left")} ${printableLine(`${path}: changed since by ${by}`)}`);
    if (overlaps.length > PATHS_SHOWN)
      lines.push(`  … and ${overlaps.length - PATHS_SHOWN} more that were changed since`);
    if (skipped.length > 0) lines.push(style.dim("  these too: the same with --force"));
    return lines.join("\n");
  },
  exitCode: ({ missing, overlaps }) => (missing.length > 0 || overlaps.length > 0 ? 1 : 0),
});

const ACTS_SHOWN = 10;
const PATHS_SHOWN = 20;
