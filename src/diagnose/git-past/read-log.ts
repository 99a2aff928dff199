/**
 * Reads `git log --raw` of some paths: every commit that touched them, every merge, each with the parents that history leaves it.
 *
 * Messages and names are foreign text. Only NUL cannot stand in them, so fields are counted between NULs and never searched for.
 */

import type { GitRunOptions, Ports } from "../../base/index.ts";

/** What a commit's tree has at a path. `oid` is a blob, or of a submodule a commit. */
export interface GitState {
  /** `100644`, `100755`, `120000` a link, `160000` a submodule. */
  readonly mode: string;
  readonly oid: string;
}

export interface Touch {
  readonly commit: string;
  /** As `--parents` rewrites them: the nearest ancestors that are in the log too. A parent without any is left out. */
  readonly parents: readonly string[];
  readonly authoredMs: number;
  readonly committedMs: number;
  readonly author: string;
  /** The ref that it was reached by. */
  readonly ref: string | null;
  readonly subject: string;
  readonly body: string;
  /** Path → what the commit left there, where that differs from a parent; `null`: nothing. */
  readonly left: Map<string, GitState | null>;
}

export interface LogRequest {
  readonly dir: string;
  /** What to walk: revisions and options such as `--all`. */
  readonly revisions: readonly string[];
  readonly pathspecs: readonly string[];
  /** `stdin`: more revisions, one a line; for as many as a command line cannot hold. */
  readonly options: GitRunOptions;
}

const FORMAT = ["%H", "%P", "%at", "%ct", "%an", "%S", "%s", "%b"].join("%x00");
const FIELDS = 8;
const SHAPE = [
  "-z",
  "--full-history",
  "--reverse",
  "--parents",
  "--source",
  "--raw",
  "-m",
  "--no-renames",
  "--no-abbrev",
  "--root",
  `--format=${FORMAT}`,
];
/** A log that was kept is read again only where it would be made the same way. */
export const LOG_SHAPE = SHAPE.join(" ");

/**
 * The log as text, oldest first by committer's date.
 *
 * Git forgets a commit's parents once it has printed it, and a child that is dated before its parent then loses that side. With
 * `--reverse` it prints nothing before it has seen everything. `--topo-order` would do the same, and takes minutes in git 2.39 when there
 * is a commit graph.
 */
export async function readLog(
  { dir, revisions, pathspecs, options }: LogRequest,
  { git }: Pick<Ports, "git">,
): Promise<string> {
  const args = ["log", ...SHAPE, ...revisions];
  if (options.stdin !== undefined) args.push("--stdin");
  return (await git.run(dir, [...args, "--", ...pathspecs], options)).toString("utf8");
}

/** Newest first. A merge comes once for each parent that it differs from: the pieces are put together. */
export function parseTouches(text: string): Touch[] {
  const tokens = text.split("\0");
  const touches: Touch[] = [];
  let at = 0;
  while (at + FIELDS <= tokens.length) {
    const commit = tokens[at]!.replace(/^\n+/, "");
    if (commit === "") {
      at += 1;
      continue;
    }
    const touch = touchOf(commit, tokens, at);
    at += FIELDS;
    for (; /^\n?:/.test(tokens[at] ?? "") && at + 1 < tokens.length; at += 2) {
      const [, mode, , oid] = tokens[at]!.trimStart().split(" ") as [string, string, string, string];
      touch.left.set(tokens[at + 1]!, mode === "000000" ? null : { mode, oid });
    }
    const before = touches.at(-1);
    if (before?.commit !== commit) touches.push(touch);
    else for (const [path, state] of touch.left) before.left.set(path, state);
  }
  return touches.reverse();
}

function touchOf(commit: string, tokens: readonly string[], at: number): Touch {
  const [parents, authored, committed, author, ref, subject, body] = tokens.slice(at + 1, at + FIELDS) as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  return {
    commit,
    parents: parents === "" ? [] : parents.split(" "),
    authoredMs: Number(authored) * 1_000,
    committedMs: Number(committed) * 1_000,
    author,
    ref: ref === "" ? null : ref,
    subject,
    body,
    left: new Map(),
  };
}

export function sameState(a: GitState | null, b: GitState | null): boolean {
  return a === null || b === null ? a === b : a.oid === b.oid && a.mode === b.mode;
}

export function sameContent(a: GitState | null, b: GitState | null): boolean {
  return a === null || b === null ? a === b : a.oid === b.oid && kindOf(a) === kindOf(b);
}

export type GitKind = "file" | "link" | "submodule" | "dir";

export function kindOf({ mode }: GitState): GitKind {
  if (mode === "120000") return "link";
  if (mode === "040000") return "dir";
  return mode === "160000" ? "submodule" : "file";
}

/** Rewriting keeps them: whatever the hashes are, it is the same change. */
export function twinKey({ authoredMs, subject }: Touch): string {
  return `${authoredMs} ${subject}`;
}
