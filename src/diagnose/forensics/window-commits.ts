/** What git records of a window: commits on every ref, and the moves of HEAD that commits do not tell of. */

import { join } from "node:path";
import { isoTime, LIMITS, type Ports } from "../../base/index.ts";
import { readReflog } from "../../cause/index.ts";
import { parseFiles } from "../git-past/commit-files.ts";
import type { Repository } from "../git-past/repository.ts";
import type { GitEvent } from "./contract.ts";

export interface Window {
  readonly sinceMs: number;
  readonly untilMs: number;
}

const FIELDS = ["%H", "%P", "%ct", "%an", "%D", "%s"];
const FORMAT = FIELDS.join("%x00");

/** Oldest first. `pathspecs` empty: everything. */
export async function commitsIn(
  repository: Repository,
  { sinceMs, untilMs }: Window,
  pathspecs: readonly string[],
): Promise<{ found: GitEvent[]; note: string | null }> {
  const window = [`--since=${isoTime(sinceMs)}`, `--until=${isoTime(untilMs)}`];
  const shape = [
    "-z",
    "--raw",
    "--no-abbrev",
    "-r",
    "-M",
    "--diff-merges=first-parent",
    "--root",
    `--format=${FORMAT}`,
  ];
  const max = `--max-count=${LIMITS.forensicCommitsMax + 1}`;
  const output = await repository.run(["log", ...shape, ...window, max, "--all", "--", ...pathspecs]);
  const events = parseEvents(output.toString("utf8"));
  const isCut = events.length > LIMITS.forensicCommitsMax;
  return {
    found: events.slice(0, LIMITS.forensicCommitsMax).reverse(),
    note: isCut ? `only the newest ${LIMITS.forensicCommitsMax} commits of the window were looked at` : null,
  };
}

/** Fields and names are counted between NULs: no message and no name can hold one. */
export function parseEvents(text: string): GitEvent[] {
  const tokens = text.split("\0");
  const events: GitEvent[] = [];
  for (let at = 0; at + FIELDS.length <= tokens.length; ) {
    const commit = tokens[at]!.replace(/^\n+/, "");
    if (commit === "") {
      at += 1;
      continue;
    }
    const [parents, seconds, author, refs, subject] = tokens.slice(at + 1, at + FIELDS.length) as [
      string,
      string,
      string,
      string,
      string,
    ];
    at += FIELDS.length;
    const start = at;
    while (/^\n?:/.test(tokens[at] ?? "")) at += / [RC]\d*$/.test(tokens[at]!) ? 3 : 2;
    const files = parseFiles(
      tokens
        .slice(start, at)
        .map((token) => token.replace(/^\n/, ""))
        .concat("")
        .join("\0"),
    );
    const deleted = files.filter(({ letter }) => letter === "D").map(({ path }) => path);
    events.push({
      at: isoTime(Number(seconds) * 1_000),
      kind: parents.includes(" ") ? "merge" : "commit",
      commit,
      author,
      subject,
      refs: refs === "" ? [] : refs.split(", "),
      added: files.filter(({ letter }) => letter === "A").length,
      modified: files.filter(({ letter }) => letter === "M" || letter === "T").length,
      deleted: deleted.slice(0, LIMITS.forensicPathsShown),
      deleted_total: deleted.length,
      renamed: files
        .filter(({ letter }) => letter === "R")
        .slice(0, LIMITS.forensicPathsShown)
        .map(({ path, newPath }) => ({ from: path, to: newPath! })),
      components: [],
    });
  }
  return events;
}

/** Resets, rebases, switches: by these files come and go without a commit. Oldest first. */
export function headMovesIn(
  repository: Repository,
  { sinceMs, untilMs }: Window,
  { disk }: Pick<Ports, "disk">,
): { found: GitEvent[]; firstMs: number | null } {
  const lines = readReflog(join(repository.location.gitDir, "logs/HEAD"), disk);
  const moves = lines.filter(
    ({ atMs, message }) => atMs >= sinceMs && atMs <= untilMs && !/^(commit|clone|merge|cherry-pick)\b/.test(message),
  );
  return {
    found: moves.map(({ atMs, message, before, after }) => ({
      at: isoTime(atMs),
      kind: "head-moved" as const,
      commit: after,
      author: null,
      subject: `${message} (from ${before.slice(0, 9)})`,
      refs: ["HEAD"],
      added: 0,
      modified: 0,
      deleted: [],
      deleted_total: 0,
      renamed: [],
      components: [],
    })),
    firstMs: lines[0]?.atMs ?? null,
  };
}
