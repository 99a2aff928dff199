/** What one commit did to the whole tree, with renames: what a loss was part of, and where something went. */

import type { GitState, Touch } from "./read-log.ts";
import { type Repository, readFacts } from "./repository.ts";

export interface CommitFiles {
  readonly commit: string;
  readonly files: readonly ChangedFile[];
}

export interface ChangedFile {
  /** `A` added, `D` deleted, `M` modified, `R` renamed, `T` another kind. */
  readonly letter: string;
  readonly path: string;
  /** Of a rename: where it went. */
  readonly newPath: string | null;
  /** Of a rename: 0 to 100. */
  readonly likeness: number;
  readonly from: GitState | null;
  readonly to: GitState | null;
}

/** Beyond so many files on both sides git does not compare contents: only renames without edits are found. */
export const RENAME_LIMIT = 1_000;
const PARENTS_MAX = 8;

/** Against the parent that had `path`; against the first where none had it. */
export async function filesOf(repository: Repository, touch: Touch, path: string): Promise<CommitFiles> {
  const parent = await parentThatHad(repository, touch, path);
  const shape = ["-r", "-z", "--raw", "--no-abbrev", "--find-renames=50%", `-l${RENAME_LIMIT}`, "--no-rename-empty"];
  const ends = parent === null ? ["--root", "--no-commit-id", touch.commit] : [parent, touch.commit];
  const output = await repository.run(["diff-tree", ...shape, ...ends]);
  return { commit: touch.commit, files: parseFiles(output.toString("utf8")) };
}

async function parentThatHad(repository: Repository, { commit }: Touch, path: string): Promise<string | null> {
  const parents = Array.from({ length: PARENTS_MAX }, (_, index) => `${commit}^${index + 1}`);
  const facts = await readFacts(repository, [
    ...parents.map((parent) => `${parent}:${path}`),
    ...parents.map((parent) => `${parent}^{commit}`),
  ]);
  const had = facts.slice(0, PARENTS_MAX).findIndex((one) => one !== null);
  if (had >= 0) return parents[had]!;
  return facts[PARENTS_MAX] === null ? null : parents[0]!;
}

export function parseFiles(text: string): ChangedFile[] {
  const tokens = text.split("\0");
  const files: ChangedFile[] = [];
  for (let at = 0; at + 1 < tokens.length; ) {
    const head = /^:(\d{6}) (\d{6}) ([0-9a-f]+) ([0-9a-f]+) ([A-Z])(\d*)$/.exec(tokens[at]!);
    if (head === null) {
      at += 1;
      continue;
    }
    const [, fromMode, toMode, fromOid, toOid, letter, likeness] = head as unknown as [
      string,
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    const isPair = letter === "R" || letter === "C";
    files.push({
      letter,
      path: tokens[at + 1]!,
      newPath: isPair ? tokens[at + 2]! : null,
      likeness: Number(likeness || 0),
      from: stateOf(fromMode, fromOid),
      to: stateOf(toMode, toOid),
    });
    at += isPair ? 3 : 2;
  }
  return files;
}

function stateOf(mode: string, oid: string): GitState | null {
  return mode === "000000" ? null : { mode, oid };
}
