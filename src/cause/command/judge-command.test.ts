import { expect, it } from "vitest";
import { type CommandPlace, judgeCommand, reachedBy } from "../index.ts";

const PROTECTED = ["/home/u/t/agents/x/run.sh", "/home/u/t/agents/x", "/home/u/t/tools/sync.sh"];
const SCRIPTS: Record<string, string> = {
  "/home/u/t/tools/rollback.zsh": '#!/bin/zsh\ncd "$HOME/t" && rm -rf agents\n',
  "/home/u/t/tools/list.sh": "#!/bin/sh\ngit status\nls\n",
};
const place = (cwd: string): CommandPlace => ({
  cwd,
  home: "/home/u",
  workTreeOf: (folder) => (`${folder}/`.startsWith("/home/u/t/") ? "/home/u/t" : null),
  textOf: (script) => SCRIPTS[script] ?? null,
});

it.each<[cwd: string, command: string | string[], kind: string, sure: number, perhaps: number]>([
  ["/home/u/t", "git status && ls -la", "harmless", 0, 0],
  ["/home/u/t", 'git commit -m "rm -rf agents" --dry-run', "harmless", 0, 0],
  ["/home/u/t", 'git commit -m "rm -rf agents"', "reaches", 0, 0],
  ["/home/u/t", ["git", "reset", "--hard"], "reaches", 3, 0],
  ["/home/u/t/docs", "git reset --hard", "reaches", 3, 0],
  ["/home/u", "cd t/docs && git reset --hard", "reaches", 3, 0],
  ["/home/u", "git -C t/docs checkout -f main", "reaches", 3, 0],
  ["/home/u/t", "rm -rf agents/x", "reaches", 2, 0],
  ["/home/u/t", "rm -rf docs", "reaches", 0, 0],
  ["/tmp", "rm -rf ~/t/agents", "reaches", 2, 0],
  ["/tmp", 'bash -c "rm -rf $HOME/t/tools"', "reaches", 1, 0],
  ["/tmp", "bash -c 'rm -rf ~/t'", "reaches", 3, 0],
  ["/home/u/t", 'rm -rf "$UNKNOWN/agents"', "reaches", 0, 3],
  ["/home/u/t", "make clean", "unknown", 0, 0],
  ["/home/u/t", "make clean; rm -rf agents", "unknown", 2, 0],
  ["/home/u/t", "zsh tools/rollback.zsh", "reaches", 2, 0],
  ["/home/u/t/tools", ["./rollback.zsh"], "reaches", 2, 0],
  ["/home/u/t", "echo before; cd tools && ./rollback.zsh", "reaches", 2, 0],
  ["/home/u/t", "sh tools/list.sh", "harmless", 0, 0],
  ["/home/u/t", "sh tools/gone.sh", "unknown", 0, 0],
  ["/home/u/t", "git stash drop", "reaches", 0, 0],
])("in %s, %j is %s: %i surely reached, %i perhaps", (cwd, command, kind, sure, perhaps) => {
  const judgement = judgeCommand(command, place(cwd));
  const reached = reachedBy(judgement, PROTECTED);
  expect([judgement.kind, reached.sure.length, reached.perhaps.length]).toEqual([kind, sure, perhaps]);
});

it("a script that runs itself is read, and the reading ends", () => {
  const looping = { ...place("/home/u/t"), textOf: () => "#!/bin/sh\nsh again.sh; rm tools/sync.sh\n" };
  expect(reachedBy(judgeCommand("sh again.sh", looping), PROTECTED).sure).toEqual(["/home/u/t/tools/sync.sh"]);
});
