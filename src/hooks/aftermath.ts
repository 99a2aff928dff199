/** Which paths a command looked for and did not find, as its own words and the shell's tell. */

import { join } from "node:path";
import type { CommandJudgement } from "../cause/index.ts";
import type { AfterCommand } from "./call.ts";

/** Absolute, without links resolved; most are of no interest to anybody. */
export function aftermath(call: AfterCommand, cwd: string, { reading }: CommandJudgement): string[] {
  const text =
    call.output.length <= LOOKED_AT
      ? call.output
      : call.output.slice(0, LOOKED_AT / 2) + call.output.slice(-LOOKED_AT / 2);
  const isMissing = call.exitCode === 126 || call.exitCode === 127 || SAYS_MISSING.test(text);
  if (!isMissing) return [];
  const named = text
    .split("\n")
    .filter((line) => SAYS_MISSING.test(line))
    .slice(0, LINES_MAX)
    .flatMap(namesIn);
  // The program itself, and its operands: `zsh tools/x.zsh` names in its words what its answer may cut.
  const started =
    call.exitCode === 126 || call.exitCode === 127
      ? [reading, ...reading.parts].flatMap(({ script }) => script?.written ?? [])
      : [];
  const words = call.command.split(/[\s;|&<>()'"]+/).filter((word) => word.includes("/") || started.includes(word));
  const candidates = [...named, ...started, ...words].filter((name) => name !== "" && !name.includes("\0"));
  return [...new Set(candidates.map((name) => (name.startsWith("/") ? name : join(cwd, name))))].slice(0, PATHS_MAX);
}

const LOOKED_AT = 64 * 1024;
const LINES_MAX = 20;
const PATHS_MAX = 20;

const SAYS_MISSING =
  /no such file or directory|command not found|: not found|cannot find module|cannot find file|does not exist|ENOENT|can't open|permission denied/i;

/** `cat: a/b: No such file…`, `ls: cannot access 'a b': …`, `ENOENT: …, open '/t/a'`, `zsh: command not found: ./a`. */
function namesIn(line: string): string[] {
  const quotedNames = [...line.slice(0, LINE_LENGTH_MAX).matchAll(/['"‘“`]([^'"’”`]{1,512})['"’”`]/g)].map(
    ([, name]) => name!,
  );
  const pieces = line.slice(0, LINE_LENGTH_MAX).split(/:\s+/);
  return [...quotedNames, ...pieces.map((piece) => piece.trim()).filter((piece) => !piece.includes(" "))];
}

const LINE_LENGTH_MAX = 2_048;
