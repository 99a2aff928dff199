import { expect, it } from "vitest";
import { judgeCommand } from "../cause/index.ts";
import { threatOf } from "./threat.ts";

const PROTECTED = ["/t/agents/x", "/t/agents/x/run.sh", "/t/tools/sync.sh"];
const workTreeOf = (folder: string) => (`${folder}/`.startsWith("/t/") ? "/t" : null);

function threatenedBy(command: string, cwd = "/t"): number {
  const { reading } = judgeCommand(command, { cwd, workTreeOf });
  return threatOf(reading, PROTECTED, workTreeOf)?.paths.length ?? 0;
}

it.each([
  ["git reset --hard", 3],
  ["cd /t/docs && git reset --hard HEAD~1", 3],
  ["git checkout .", 3],
  ["git checkout -- agents", 2],
  ["git checkout HEAD~3 -- agents/x/run.sh", 1],
  ["git checkout -f main", 3],
  ["git switch --discard-changes main", 3],
  ["git restore -SW .", 3],
  ["git clean -fdx", 3],
  ["git -C docs clean -fdx ..", 3],
  ["git rm -r agents", 2],
  ["git mv agents old", 2],
  ["git read-tree -u --reset HEAD", 3],
  ["git checkout-index -fa", 3],
  ["rsync -a --delete /old/ /t/", 3],
  ["rm -rf agents docs", 2],
  ["sudo rm -rf /t", 3],
  ["bash -c 'rm tools/sync.sh'", 1],
  ["find . -name '*.sh' -delete", 3],
  ["find agents -type f -exec rm {} +", 2],
  ["mv tools /tmp/", 1],
  ["truncate -s 0 tools/sync.sh", 1],
  ["ln -sf /dev/null tools/sync.sh", 1],
  ["echo before; git stash; rm -rf agents", 2],
])("%s takes %i of them away", (command, count) => expect(threatenedBy(command)).toBe(count));

it.each([
  "git checkout main",
  "git switch main",
  "git checkout -b topic origin/main",
  "git pull --rebase",
  "git merge topic",
  "git rebase main",
  "git rebase --abort",
  "git cherry-pick abc",
  "git revert HEAD",
  "git stash",
  "git stash pop",
  "git stash drop",
  "git commit -m 'rm -rf agents'",
  "git branch -D topic",
  "git apply p.diff",
  "patch -p1 < p.diff",
  "sed -i s/a/b/ tools/sync.sh",
  "echo x > tools/sync.sh",
  "cp /tmp/new.sh tools/sync.sh",
  "chmod +x tools/sync.sh",
  "rsync -a /old/ /t/",
  "rm -rf docs /tmp/x",
  'rm -rf "$UNKNOWN"',
  "npm run clean",
  "holdfast exec -- git reset --hard",
  "cd docs && env A=1 /opt/bin/holdfast exec -- rm -rf ../agents",
])("%s takes nothing away, or not for sure", (command) => expect(threatenedBy(command)).toBe(0));

it("what stands beside a guarded command is not guarded", () => {
  expect(threatenedBy("holdfast exec -- git status && rm -rf agents")).toBe(2);
});
