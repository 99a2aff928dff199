import { expect, it } from "vitest";
import { DRIFT_KINDS, type DriftKind } from "../drift-kind.ts";
import { couldHaveDone } from "./could-have-done.ts";
import { readCommand } from "./read-command.ts";

const HERE = { cwd: "/t", workTree: "/t" };
const could = (line: string, ...drift: [path: string, kind: DriftKind][]) =>
  couldHaveDone(
    readCommand(line.split(" "), HERE),
    drift.map(([path, kind]) => ({ path, kind })),
  );

it.each<[string, string, DriftKind, "yes" | "perhaps" | "no"]>([
  ["git status", "/t/a", "modified", "no"],
  ["git commit -am x", "/t/a", "deleted", "no"],
  ["git stash drop", "/t/a", "reverted", "no"],
  ["git reset --hard", "/t/a/b", "reverted", "yes"],
  ["git reset --hard", "/t/a/b", "deleted", "yes"],
  ["git -C /u reset --hard", "/t/a/b", "deleted", "perhaps"],
  ["git clean -fd", "/t/a", "deleted", "yes"],
  ["git clean -fd", "/t/a", "modified", "no"],
  ["git clean -fd build", "/t/a", "deleted", "no"],
  ["git checkout -- one/path", "/t/one/path", "reverted", "yes"],
  ["git checkout -- one/path", "/t/one/path", "deleted", "no"],
  ["git checkout -- one/path", "/t/other", "reverted", "no"],
  ["git checkout one", "/t/one/f", "reverted", "yes"],
  ["rm /t/a", "/t/a", "deleted", "yes"],
  ["rm /t/a", "/t/a", "modified", "no"],
  ["rm -rf /t/a", "/t/a/b/c", "deleted", "yes"],
  ["rm -rf /t/a", "/t/ab", "deleted", "no"],
  ["rm /t/*.log", "/t/x.log", "deleted", "yes"],
  ["rm /t/*.log", "/t/x.txt", "deleted", "no"],
  ["rm -r /t/[ab]*", "/t/bee/x", "deleted", "yes"],
  ["chmod -x f", "/t/f", "mode-changed", "yes"],
  ["chmod -x f", "/t/f", "deleted", "no"],
  ["chmod 000 f", "/t/f", "unreadable", "yes"],
  ["rsync -a --delete /old/ /t/", "/t/x", "deleted", "yes"],
  ["rsync -a /old/ /t/", "/t/x", "deleted", "no"],
  ["rsync -a /old/ /t/", "/t/x", "reverted", "yes"],
  ["rsync -a /old/ /v/", "/t/x", "modified", "no"],
  ["cp -r /old/. /t", "/t/x", "reverted", "yes"],
  ["mv a a.bak", "/t/a/f", "deleted", "yes"],
  ["truncate -s 0 f", "/t/f", "emptied", "yes"],
  ["sed -i s/a/b/ f", "/t/f", "emptied", "yes"],
  ["ln -sfn /x f", "/t/f", "type-changed", "yes"],
  ["npm run build", "/t/f", "emptied", "perhaps"],
  ["systemctl stop x", "/t/f", "service-failed", "perhaps"],
  ["rm f", "/t/f", "service-failed", "no"],
])("%s and %s %s: %s", (line, path, kind, expected) => {
  expect(could(line, [path, kind])).toBe(expected);
});

it("that made only a part is a possible cause, not a likely one", () => {
  expect(could("rm /t/a /t/b", ["/t/a", "deleted"], ["/t/b", "deleted"])).toBe("yes");
  expect(could("rm /t/a", ["/t/a", "deleted"], ["/t/b", "deleted"])).toBe("perhaps");
  expect(could("rm /t/z", ["/t/a", "deleted"], ["/t/b", "deleted"])).toBe("no");
});

it("asks the names where the folder is not known", () => {
  const relative = (line: string, path: string, kind: DriftKind = "deleted") =>
    couldHaveDone(readCommand(line.split(" "), { cwd: null, workTree: null }), [{ path, kind }]);
  expect(relative("rm f", "/t/f")).toBe("perhaps");
  expect(relative("rm f", "/t/g")).toBe("no");
  expect(relative("rm -r agents/x", "/t/agents/x/y")).toBe("perhaps");
  expect(relative("git clean -fd", "/t/agents/x/y")).toBe("perhaps");
  expect(relative("git reset --hard", "/t/g", "mode-changed")).toBe("perhaps");
});

it("says no of a harmless command whatever happened", () => {
  for (const kind of DRIFT_KINDS) expect(could("git log --oneline", ["/t/a", kind])).toBe("no");
});
