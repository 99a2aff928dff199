import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { COMMAND_LINES } from "./command-lines-fixture.ts";
import type { ScriptCommand } from "./command-teller.ts";
import { readCommand } from "./read-command.ts";
import { readScript } from "./read-script.ts";
import { summary, wordsOf } from "./reading-summary-fixture.ts";

const HERE = { cwd: "/t/sub", workTree: "/t" };
const NOWHERE = { cwd: null, workTree: null };

describe("a command line", () => {
  const table = COMMAND_LINES.trim()
    .split("\n")
    .map((line) => line.split(" => ") as [string, string]);

  it("is known in at least 150 spellings", () => expect(table.length).toBeGreaterThanOrEqual(150));

  it.each(table)("%s is read as: %s", (line, expected) => {
    expect(summary(readCommand(wordsOf(line), HERE))).toBe(expected);
  });

  it("without a known folder names no place that could be wrong", () => {
    expect(summary(readCommand(["rm", "-rf", "dir"], NOWHERE))).toBe("bulk d:*/");
    expect(summary(readCommand(["git", "reset", "--hard"], NOWHERE))).toBe("bulk docmt:*//");
    expect(summary(readCommand(["git", "reset", "--hard"], { cwd: "/t/sub", workTree: null }))).toBe(
      "bulk docmt:/t/sub//",
    );
  });
});

const SCRIPT = `#!/usr/bin/env zsh
set -euo pipefail
ROOT="/t"            # the tree
backup=$(date +%s)
cat > "$ROOT/notes.md" <<'END'
rm -rf "$ROOT/never"
END
restore() {
  cp -a "$ROOT/backup/$1" "$ROOT/agents/"
}
if [[ -d "$ROOT/agents/x" && 3 > 2 ]]; then
  (cd "$ROOT/agents" && rm -rf x)
else
  mv "$ROOT/y" \\
     "$ROOT/y.$backup"
fi
restore x
chmod -x tools/*.zsh
`;

describe("a script", () => {
  it("is read through its functions, branches, variables and folders", () => {
    const reading = readScript(SCRIPT, { place: { cwd: "/t", workTree: "/t" }, tool: "zsh" });
    expect(summary(reading)).toBe(
      [
        "bulk copies moves coe:/t/notes.md comt:/t/agents/ comt:*/ d:/t/agents/x/",
        "d:/t/y/ comt:*/ comt:*/ m:/t/tools~tools/*.zsh",
      ].join(" "),
    );
  });

  it("that only looks is harmless", () => {
    expect(readScript("#!/bin/sh\ngit status --short | grep M && echo dirty || true\n").harmless).toBe(true);
  });

  it("longer than can be read is not understood", () => {
    expect(readScript("true\n".repeat(100_000)).understood).toBe(false);
    expect(readScript("rm f\n".repeat(10_000)).understood).toBe(false);
  });

  it.each([
    ["D=/a\nif true; then D=/b; fi\nrm -r $D/q", "bulk d:/a/q/ d:/b/q/"],
    ["D=/a\nif true; then D=$(pwd); fi\nrm -r $D/q", "bulk d:*/"],
    [`P=(/a '/b c')\nrm -r "\${P[@]}"`, "bulk d:/a/ d:/b c/"],
    ["P=(\n  /a # one\n  /b\n)\nP+=(/c)\nrm $P", "d:/a d:/b d:/c"],
    [`P=()\nP+=(/a)\nrm \${P[*]}`, "d:/a"],
    [`P=(/a $(ls))\nrm \${P[@]}`, "d:*"],
    ["D=/a; D+=/b; rm $D", "d:/a d:/a/b"],
    ["for x in a b; do cp /old/$x /t/$x; done", "copies comt:/t/a comt:/t/a/a comt:/t/b comt:/t/b/b"],
    ["for x in a b; do for y in c d; do rm /t/$x/$y; done; done", "d:/t/a/c d:/t/a/d d:/t/b/c d:/t/b/d"],
    ["for x in $(ls); do rm $x; done", "d:*"],
    ["for x; do rm $x; done", "d:*"],
    ["for f in a b; do echo > /t/$f; done", "coe:/t/a coe:/t/b"],
    [`X=(a b c d e f g h i); for x in \${X[@]}; do for y in \${X[@]}; do rm /t/$x/$y; done; done`, "d:*"],
    ["A=(A=(A=(x", "harmless"],
  ])("%j with several values a variable: %s", (text, expected) => {
    expect(summary(readScript(text))).toBe(expected);
  });
});

const AT = { place: { cwd: "/t", workTree: "/t" }, file: "/t/tools/roll.zsh" };

it.each([
  ['cd "$(dirname "$0")/.." && rm -rf agents', "bulk d:/t/agents/"],
  ['cd "$(dirname -- "$0")" && rm x', "d:/t/tools/x"],
  [`HERE="$(cd "$(dirname "\${BASH_SOURCE[0]}")/.." && pwd)"; rm "$HERE/x"`, "d:/t/x"],
  ["ROOT=$(cd `dirname $0`; pwd -P); rm $ROOT/x", "d:/t/tools/x"],
  [`rm \${0%/*}/x \${0:A:h}/y`, "d:/t/tools/x d:/t/tools/y"],
  ["cd /a; ROOT=$(git rev-parse --show-toplevel 2>/dev/null); rm $ROOT/x", "d:*"],
  ["ROOT=$(git rev-parse --show-toplevel); rm $ROOT/x", "d:/t/x"],
  ["cd docs; D=$(pwd); cd ..; rm $D/x $PWD/y", "d:/t/docs/x d:/t/y"],
  ["rm $(dirname a b)/x $(dirname $NOT_KNOWN)/y", "d:* d:*"],
  [`D=/a; rm \${D:-/b}/x \${E:-/b}/y`, "d:/a/x d:*"],
])("a script finds its own folder: %s", (text, expected) => {
  expect(summary(readScript(text, AT))).toBe(expected);
});

it("a script's commands are told with their lines, and with what hides something", () => {
  const told: unknown[] = [];
  const onCommand = ({ line, words, unknown }: ScriptCommand) => void told.push([line, words.join(" "), unknown]);
  readScript('ls\nfor x in a b; do\n  rm "$x/$Y" \\\n    c\ndone\ncp $(ls) z # end\n', { ...AT, onCommand });
  expect(told).toEqual([
    [1, "ls", []],
    [4, "rm a/… b/… c", ["Y"]],
    [6, "cp … z", []],
    [null, "ls", []],
  ]);
});

const SHELL_BITS =
  `' " \` $( ) ( $\{ } <<E ; && | > rm git -C x \\ case find -exec {} xargs sh -c = * [ $(( )) [[ << < ( ) $ # & \0`
    .split(" ")
    .concat(["\n", " ", "\t"]);
const WORDS = [
  "sudo",
  "env",
  "timeout",
  "--",
  "-f",
  "-rf",
  "--hard",
  "reset",
  "checkout",
  "clean",
  ":(top)",
  ":/",
  "constructor",
];

describe("any words at all", () => {
  const anyWord = fc.oneof(
    fc.string(),
    fc.constantFrom(...SHELL_BITS, ...WORDS),
    fc.array(fc.constantFrom(...SHELL_BITS), { maxLength: 40 }).map((bits) => bits.join("")),
  );

  it("are read without a throw", () => {
    fc.assert(
      fc.property(fc.array(anyWord, { maxLength: 30 }), (argv) => {
        const reading = readCommand(argv, HERE);
        expect(reading.harmless && reading.touches.length > 0).toBe(false);
        readCommand(["sh", "-c", argv.join(" ")], HERE);
        readScript(argv.join(" "), { place: NOWHERE });
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ["quotes", '"'.repeat(50_000)],
    ["brackets", "$(".repeat(25_000)],
    ["backquotes and words", "`a` ".repeat(12_000)],
    ["nested substitutions", `${"$(a ".repeat(5_000)}${")".repeat(5_000)}`],
    ["here-documents", "<<A ".repeat(12_000)],
    ["redirections", "> ".repeat(25_000)],
    ["digits", `${"1".repeat(50_000)}>x`],
    ["assignments", "A=".repeat(25_000)],
    ["stars", `rm ${"*".repeat(50_000)}`],
  ])("made of %s cost time that grows with their length only", (_, text) => {
    const timeOf = (length: number) => {
      const startedMs = performance.now();
      readScript(text.slice(0, length));
      return performance.now() - startedMs;
    };
    timeOf(10_000);
    const quarter = Math.max(1, timeOf(Math.floor(text.length / 4)));
    // Four times the text: quadratic time would be sixteen times as much.
    expect(timeOf(text.length)).toBeLessThan(quarter * 16 + 50);
  });
});
