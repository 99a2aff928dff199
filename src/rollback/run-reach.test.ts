import { expect, it } from "vitest";
import { judgeCommand } from "../cause/index.ts";
import { bringsBack, reachOf } from "./run-reach.ts";

const disk = { realpath: (path: string) => path.replace(/^\/alias/, "/t") };
const reach = (command: string, kind: "exec" | "script" = "exec") =>
  reachOf(judgeCommand(command, { cwd: "/t", workTreeOf: () => "/t" }), kind, disk);

it.each<[string, boolean]>([
  ["git reset --hard", true],
  ["git checkout -- agents", true],
  ["git checkout -- docs", false],
  ["git clean -fdx", false],
  ["git pull", false],
  ["git commit -am x", false],
  ["rsync -a --delete /old/ /t/", true],
  ["rsync -a /old/ /alias/agents/", true],
  ["cp -r /old/agents .", true],
  ["sh -c 'make; git reset --hard'", true],
  ["sh -c 'cp a docs/b; prettier --write agents'", false],
  ["xargs git checkout --", true],
  ["npm run build", false],
  ["sed -i s/a/b/ agents/x/f", false],
  ["vim agents/x/f", false],
  ["rm -rf agents", false],
])("%s can have brought other content to agents/x/f by going back: %s", (command, expected) => {
  expect(bringsBack(reach(command), "/t/agents/x/f")).toBe(expected);
});

it("is anything for a rollback script, and for more places than are kept", () => {
  expect(reach("python3 undo.py", "script").back).toBe("anything");
  expect(reach(`git checkout -- ${Array.from({ length: 600 }, (_, index) => `f${index}`).join(" ")}`)).toMatchObject({
    back: "anything",
    understood: false,
  });
});

it("is plain data", () => {
  const one = reach("sh -c 'git reset --hard; cp a b'");
  expect(JSON.parse(JSON.stringify(one))).toEqual(one);
});
