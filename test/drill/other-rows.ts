/** The same classes of damage as the drill's, by other commands: agents and scripts. From 101 on. */

import type { Row } from "../../src/operations/index.ts";

const AGENT = { by: "agent", settles: "git" } as const;

/** One that comes back, by an agent's git command. */
function git(n: number, name: string, parts: Pick<Row, "given" | "damage"> & Partial<Row>, kinds: string[]): Row {
  const expected = { kinds, response: "repair", cause: "git ", witnessed: true, settles: "git" } as const;
  return { n, name, tree: `git-${n % 3}`, by: AGENT.by, expected, ...parts };
}

/** One that comes back, by a command that may be over before anybody looks: somebody right is named, or nobody. */
function files(n: number, name: string, parts: Pick<Row, "given" | "damage"> & Partial<Row>, kinds: string[]): Row {
  const expected = { kinds, response: "repair", settles: "content" } as const;
  return { n, name, tree: `files-${n % 3}`, by: n % 2 === 0 ? "agent" : "script", expected, ...parts };
}

const DIRTY =
  "echo one > $W/a.txt; echo one > $W/b.txt; git add -A; git commit -qm one; echo two > $W/a.txt; echo two > $W/b.txt";
/** `one` is known, `two` stands. */
const OLDER =
  "mkdir -p $OLD/$W; echo one > $W/a.txt; cp -p $W/a.txt $OLD/$W/; holdfast snapshot; echo second > $W/a.txt";
const STRICT = { "": "{ paths: [$W], strict: true }" };

const GIT_ROWS: readonly Row[] = [
  git(101, "git checkout-index -fa", { given: DIRTY, damage: "git checkout-index -fa" }, ["reverted"]),
  git(102, "git read-tree -u --reset", { given: DIRTY, damage: "git read-tree -u --reset HEAD" }, ["reverted"]),
  git(103, "git checkout -f", { given: DIRTY, damage: "git checkout -qf" }, ["reverted"]),
  git(104, "git restore --source", { given: DIRTY, damage: "git restore --source=HEAD -- $W" }, ["reverted"]),
  git(105, "git reset --merge", { given: `${DIRTY}; git add -A`, damage: "git reset -q --merge" }, ["reverted"]),
  git(
    106,
    "git stash -u, and the stash dropped",
    { given: `${DIRTY}; echo new > $W/new.txt`, damage: "git stash -qu; git stash drop -q" },
    ["deleted", "reverted"],
  ),
  git(
    107,
    "git reset --hard to an older commit",
    {
      given: "echo one > $W/a.txt; git add -A; git commit -qm one; echo two > $W/a.txt; git commit -qam two",
      damage: "git reset -q --hard HEAD~1",
    },
    ["reverted"],
  ),
  git(108, "git rm -f", { given: DIRTY, damage: "git rm -qf $W/a.txt" }, ["deleted"]),
  git(
    109,
    "git clean -fdx from a folder below",
    {
      given: "mkdir -p $W/sub/new; echo n > $W/sub/new/n.txt; echo e > $W/sub/.env",
      damage: "cd $W/sub && git clean -qfdx",
    },
    ["deleted"],
  ),
  git(
    110,
    "git revert by an agent",
    {
      components: STRICT,
      given: "echo one > $W/a.txt; git add -A; git commit -qm one; echo two > $W/a.txt; git commit -qam two",
      damage: "git revert --no-edit HEAD >/dev/null",
    },
    ["reverted"],
  ),
  git(
    111,
    "git cherry-pick of a commit that deletes",
    {
      components: STRICT,
      given: `echo one > $W/a.txt; echo one > $W/b.txt; git add -A; git commit -qm one
        GIT_INDEX_FILE=.git/scratch-index; export GIT_INDEX_FILE; git read-tree HEAD; git rm -q --cached $W/b.txt
        git update-ref refs/heads/pick-me "$(git commit-tree "$(git write-tree)" -p HEAD -m 'remove b')"; rm -f .git/scratch-index`,
      damage: "git cherry-pick pick-me >/dev/null",
    },
    ["deleted"],
  ),
  git(
    112,
    "git pull that deletes",
    {
      components: STRICT,
      given: `echo one > $W/a.txt; echo one > $W/b.txt; git add -A; git commit -qm one; rm -rf $OLD/up; git clone -q . $OLD/up
        (cd $OLD/up && git config user.name U && git config user.email u@localhost && git rm -q $W/b.txt && git commit -qm 'remove b')`,
      damage: "git pull -q --no-rebase --no-edit $OLD/up main",
    },
    ["deleted"],
  ),
  git(
    113,
    "git filter-branch",
    {
      components: STRICT,
      given: "echo one > $W/a.txt; echo one > $W/b.txt; git add -A; git commit -qm one",
      damage:
        "FILTER_BRANCH_SQUELCH_WARNING=1 git filter-branch -f --index-filter 'git rm -q --cached --ignore-unmatch $W/b.txt' HEAD~1..HEAD >/dev/null 2>&1",
    },
    ["deleted"],
  ),
  git(
    114,
    "env -i git reset --hard: only the reflog knows",
    { by: "script", given: DIRTY, damage: 'env -i PATH="$PATH" git reset -q --hard' },
    ["reverted"],
  ),
];

const FILE_ROWS: readonly Row[] = [
  files(121, "unlink", { given: "echo one > $W/a.txt", damage: "unlink $W/a.txt" }, ["deleted"]),
  files(122, "truncate -s0", { given: "echo one > $W/a.txt", damage: "truncate -s0 $W/a.txt" }, ["emptied"]),
  files(
    123,
    "perl -i",
    { needs: ["perl"], given: "echo one > $W/a.txt", damage: "perl -i -ne 'print if 0' $W/a.txt" },
    ["emptied"],
  ),
  files(124, "dd", { given: "echo one > $W/a.txt", damage: "dd if=/dev/null of=$W/a.txt 2>&-" }, ["emptied"]),
  files(125, "a shell's redirection", { given: "echo one > $W/a.txt", damage: ": > $W/a.txt" }, ["emptied"]),
  files(
    126,
    "head into a file that takes its place",
    {
      given: "for i in 1 2 3 4 5 6 7 8 9; do echo line $i; done > $W/a.txt",
      damage: "head -n 2 $W/a.txt > $W/.cut && cat $W/.cut > $W/a.txt && rm $W/.cut",
    },
    ["truncated"],
  ),
  files(
    127,
    "install of an older file without its mode",
    { components: STRICT, given: `${OLDER}; chmod 755 $W/a.txt`, damage: "install -m 644 $OLD/$W/a.txt $W/a.txt" },
    ["mode-changed", "reverted"],
  ),
  files(
    128,
    "tar x",
    { components: STRICT, given: `${OLDER}; tar cf $OLD/128.tar -C $OLD $W`, damage: "tar xf $OLD/128.tar" },
    ["reverted"],
  ),
  files(
    129,
    "unzip -o",
    {
      components: STRICT,
      needs: ["unzip", "python3"],
      given: `${OLDER}; (cd $OLD && python3 -c "import zipfile; zipfile.ZipFile('129.zip', 'w').write('$W/a.txt')")`,
      damage: "unzip -oq $OLD/129.zip",
    },
    ["reverted"],
  ),
  files(
    130,
    "cp --remove-destination",
    { components: STRICT, given: OLDER, damage: "cp --remove-destination $OLD/$W/a.txt $W/a.txt" },
    ["reverted"],
  ),
  files(
    131,
    "mv -T of an older folder",
    {
      components: STRICT,
      given:
        "mkdir -p $W/app $OLD/$W; echo one > $W/app/a.txt; cp -Rp $W/app $OLD/$W/; holdfast snapshot; echo second > $W/app/a.txt",
      damage: "rm -rf $W/app && mv -T $OLD/$W/app $W/app",
    },
    ["reverted"],
  ),
  files(
    132,
    "ln -sfn back to an older target",
    {
      components: STRICT,
      given: "ln -s first $W/current; holdfast snapshot; ln -sfn second $W/current",
      damage: "ln -sfn first $W/current",
    },
    ["reverted"],
  ),
  files(
    133,
    "patch -R",
    {
      components: STRICT,
      needs: ["patch"],
      given: `${OLDER}; diff -u $OLD/$W/a.txt $W/a.txt > $OLD/133.diff || true`,
      damage: "patch -sR $W/a.txt $OLD/133.diff",
    },
    ["reverted"],
  ),
  files(
    134,
    "python's shutil.rmtree",
    {
      needs: ["python3"],
      given: "mkdir -p $W/app/deep; echo one > $W/app/deep/a.txt",
      damage: "python3 -c \"import shutil; shutil.rmtree('$W/app')\"",
    },
    ["deleted"],
  ),
  files(
    135,
    "node's fs",
    { given: "echo one > $W/a.txt", damage: "node -e \"require('fs').writeFileSync('$W/a.txt', '')\"" },
    ["emptied"],
  ),
  files(
    136,
    "find -exec rm",
    {
      given: "mkdir -p $W/app; for i in 1 2 3; do echo $i > $W/app/$i.txt; done",
      damage: "find $W/app -name '*.txt' -exec rm {} +",
    },
    ["deleted"],
  ),
  files(
    137,
    "rsync --delete from nothing",
    {
      needs: ["rsync"],
      given: "mkdir -p $W/app $OLD/none; for i in 1 2 3; do echo $i > $W/app/$i.txt; done",
      damage: "rsync -a --delete $OLD/none/ $W/app/",
    },
    ["deleted"],
  ),
  files(138, "the whole component", { given: "mkdir -p $W/app; echo one > $W/app/a.txt", damage: "rm -rf $W" }, [
    "deleted",
  ]),
  files(
    139,
    "chmod a-x, a folder too",
    {
      given: "mkdir -p $W/app; echo one > $W/app/a.sh; chmod 755 $W/app $W/app/a.sh",
      damage: "chmod a-x $W/app/a.sh $W/app",
    },
    ["mode-changed"],
  ),
  files(
    140,
    "a hard link's other name written over",
    {
      given: "echo one > $W/a.txt; ln $W/a.txt $OLD/140",
      damage: ": > $OLD/140",
    },
    ["emptied"],
  ),
  files(
    141,
    "edited since, then removed: the edit comes back",
    {
      given: "echo one > $W/a.txt",
      edited: "echo 'one and two' > $W/a.txt",
      damage: "rm $W/a.txt",
    },
    ["deleted"],
  ),
  files(
    142,
    "edited since, then cleaned: the edit comes back",
    {
      given: "echo one > $W/a.txt",
      edited: "echo 'one and two' > $W/a.txt",
      damage: "git clean -qfd",
    },
    ["deleted"],
  ),
];

export const OTHER_ROWS: readonly Row[] = [...GIT_ROWS, ...FILE_ROWS];
