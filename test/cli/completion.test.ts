/** What Tab offers, asked of the shells themselves: bash, zsh and fish, each with the script that `holdfast completion` prints. */

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HOLDFAST, makeTree, type TestTree } from "./holdfast.ts";

let tree: TestTree;
beforeAll(() => {
  tree = makeTree();
  tree.write("tools/run.sh", "echo 1\n");
  tree.write("notes.txt", "a\n");
  expect(tree.run(["protect", "tools"]).code).toBe(0);
  expect(tree.run(["submit", "-", "--wait"], { input: 'id: WO-TAB-1\nfiles: { tools/a: "x" }\n' }).code).toBe(0);
});
afterAll(() => tree.end());

const environment = () => ({
  ...tree.environment,
  PATH: `${dirname(HOLDFAST)}:${tree.environment["PATH"]}`,
  TERM: "xterm",
});

/** One shell answers for all lines. */
const SHELLS: Record<string, { program: string; script(line: string): string; args(text: string): string[] }> = {
  bash: {
    program: "/usr/bin/bash",
    // Readline's own word breaking is left out: the words are set as it sets them.
    script: (line) =>
      `read -ra COMP_WORDS <<< ${quoted(line)}; [[ ${quoted(line)} == *' ' ]] && COMP_WORDS+=(""); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _holdfast; printf '%s\\n' "\${COMPREPLY[@]}"`,
    args: (text) => ["--norc", "-c", `source <(holdfast completion bash); ${text}`],
  },
  zsh: {
    program: "/usr/bin/zsh",
    // An interactive zsh on a pseudo terminal, with its completion system; what would be listed is printed instead.
    script: (line) => `ask ${quoted(line)}`,
    args: (text) => ["-f", "-c", `${ZSH_TABS}; ${text}`],
  },
  fish: {
    program: "/usr/bin/fish",
    script: (line) => `complete -C ${quoted(line)} | string split -f1 \\t`,
    args: (text) => ["--no-config", "-c", `holdfast completion fish | source; ${text}`],
  },
};

const ZSH_TABS = `
zmodload zsh/zpty
ask() {
  zpty tab zsh -f -i
  zpty -w tab 'PS1=; autoload -Uz compinit; compinit -u -D; unsetopt list_beep; eval "$(holdfast completion zsh)"'
  zpty -w tab '_describe() { print -l -- "VALUE:"\${^\${(@P)4}%%:*} }; _files() { print VALUE:FILES }'
  zpty -w tab 'show() { words=(\${=1}); [[ $1 == *" " ]] && words+=(""); CURRENT=$#words; _holdfast; print END-OF-VALUES }'
  zpty -w tab "show \${(q)1}"
  local out; zpty -r -m tab out '*END-OF-VALUES'$'\\r\\n'
  print -l -- \${(M)\${(f)out//$'\\r'/}:#VALUE:*}
  zpty -d tab
}`;

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

describe.each(Object.keys(SHELLS))("in %s", (name) => {
  const { program, script, args } = SHELLS[name]!;
  const offered = (line: string): string[] => {
    const ran = spawnSync(program, args(script(line)), { cwd: tree.root, env: environment(), encoding: "utf8" });
    expect(ran.stderr).toBe("");
    return ran.stdout
      .split("\n")
      .map((value) => value.replace(/^VALUE:/, "").trim())
      .filter((value) => value !== "");
  };

  it.skipIf(!existsSync(program))("offers verbs, the words that follow, options, ids of the tree and files", () => {
    expect(offered("holdfast stat")).toEqual(["status"]);
    expect(offered("holdfast wo ")).toEqual(expect.arrayContaining(["list", "show", "approve", "retry"]));
    expect(offered("holdfast wo show ")).toContain("WO-TAB-1");
    expect(offered("holdfast restore --fr")).toEqual(["--from"]);
    expect(offered("holdfast check to")).toEqual(["tools"]);
    expect(offered("holdfast protect --response ")).toEqual(expect.arrayContaining(["observe", "repair", "remember"]));
    const restorable = offered("holdfast restore no");
    expect(restorable.some((value) => value === "notes.txt" || value === "FILES")).toBe(true);
  });

  it.skipIf(!existsSync(program))("runs nothing of what is typed", () => {
    const marker = join(tree.base, `ran-${name}`);
    offered(`holdfast restore $(touch\${IFS}${marker}) `);
    offered(`holdfast wo show \`touch\${IFS}${marker}\``);
    expect(existsSync(marker)).toBe(false);
  });
});

it("says what can be completed nowhere quietly", () => {
  expect(tree.run(["completion", "words", "--", "wo", "show", ""], { cwd: "/" })).toMatchObject({
    code: 0,
    out: "",
    err: "",
  });
  expect(tree.run(["completions", "bash"]).out).toBe(tree.run(["completion", "bash"]).out);
  expect(tree.run(["completion", "tcsh"]).code).toBe(2);
});
