/** What git takes away. */

import type { Row } from "../row.ts";

/** A branch `$1` whose tree is HEAD's without `$2`, with `$3` as its subject, made without touching the tree. */
const BRANCH_WITHOUT = `branch_without() {
  GIT_INDEX_FILE=.git/scratch-index; export GIT_INDEX_FILE
  git read-tree HEAD; git rm -rq --cached "$2"
  git update-ref "refs/heads/$1" "$(git commit-tree "$(git write-tree)" -p HEAD -m "$3")"
  rm -f .git/scratch-index; unset GIT_INDEX_FILE
}`;

export const GIT_ROWS: readonly Row[] = [
  {
    n: 1,
    name: "git reset --hard origin/main",
    tree: "git-1",
    by: "agent",
    given: `echo one > $W/app.txt; echo one > $W/lib.txt; git add -A; git commit -qm one; git update-ref refs/remotes/origin/main HEAD
      echo two > $W/app.txt; echo two > $W/lib.txt`,
    damage: "git reset -q --hard origin/main",
    expected: { kinds: ["reverted"], response: "repair", cause: "git reset", witnessed: true, settles: "git" },
  },
  {
    n: 2,
    name: "git reset --hard to the same commit",
    tree: "git-1",
    by: "agent",
    given: "echo one > $W/app.txt; git add -A; git commit -qm one; echo two > $W/app.txt",
    damage: "git reset -q --hard HEAD",
    expected: { kinds: ["reverted"], response: "repair", cause: "git reset", witnessed: true, settles: "git" },
  },
  {
    n: 3,
    name: "git checkout -- . and git restore .",
    tree: "git-1",
    by: "agent",
    given:
      "echo one > $W/app.txt; echo one > $W/lib.txt; git add -A; git commit -qm one; echo two > $W/app.txt; echo two > $W/lib.txt",
    damage: "git checkout -q -- $W/app.txt; git restore .",
    expected: { kinds: ["reverted"], response: "repair", cause: "git ", witnessed: true, settles: "git" },
  },
  {
    n: 4,
    name: "git checkout -- one/path",
    tree: "git-1",
    by: "agent",
    given:
      "echo one > $W/app.txt; echo one > $W/lib.txt; git add -A; git commit -qm one; echo two > $W/app.txt; echo two > $W/lib.txt",
    damage: "git checkout -q -- $W/app.txt",
    expected: { kinds: ["reverted"], response: "repair", cause: "git checkout", witnessed: true, settles: "git" },
  },
  {
    n: 5,
    name: "git clean -fd and -fdX",
    tree: "git-2",
    by: "agent",
    given: `echo '.env*' > $W/.gitignore; git add -A; git commit -qm ignore
      echo SECRET=1 > $W/.env; echo SECRET=2 > $W/.env.local; mkdir -p $W/new/deep; echo new > $W/new/deep/work.txt`,
    damage: "git clean -qfd; git clean -qfdX",
    expected: { kinds: ["deleted"], response: "repair", cause: "git clean", witnessed: true, settles: "missing" },
  },
  {
    n: 6,
    name: "git stash, then git clean -fd",
    tree: "git-2",
    by: "agent",
    given: "echo one > $W/app.txt; git add -A; git commit -qm one; echo two > $W/app.txt; echo new > $W/new.txt",
    damage: "git stash -q && git clean -qfd",
    // The half that is in the stash is only noted: popping it brings it back.
    expected: {
      kinds: ["deleted", "reverted"],
      response: "repair",
      cause: "git ",
      witnessed: true,
      settles: "git",
    },
    afterwards: "git stash pop -q",
  },
  {
    n: 7,
    name: "git stash pop with conflict",
    tree: "git-2",
    by: "agent",
    given: `echo one > $W/app.txt; echo kept > $W/kept.txt; git add -A; git commit -qm one
      echo two > $W/app.txt; rm $W/kept.txt; git stash -q; echo three > $W/app.txt; git add -A; git commit -qm three`,
    // What it merges half is new content and stays; what it takes away comes back.
    damage: "git stash pop -q",
    expected: {
      kinds: ["deleted"],
      response: "repair",
      cause: "git stash pop",
      witnessed: true,
      settles: "git",
      staysChanged: true,
    },
    holds: "grep -q '<<<<<<<' $W/app.txt && [ \"$(cat $W/kept.txt)\" = kept ]",
  },
  {
    n: 8,
    name: "git switch to a branch without it",
    tree: "git-2",
    by: "agent",
    components: { branch: "{ paths: [$W/branch] }", always: "{ paths: [$W/always], scope: always }" },
    given: `${BRANCH_WITHOUT}
      mkdir -p $W/branch $W/always; echo b > $W/branch/app.txt; echo a > $W/always/app.txt; git add -A; git commit -qm both
      branch_without other $W 'without it'`,
    damage: "git switch -q other",
    // What belongs to the branch is elsewhere and healthy; what must always hold is back.
    expected: {
      kinds: ["deleted"],
      response: "repair",
      cause: "git switch",
      witnessed: true,
      settles: "git",
      staysChanged: true,
    },
    afterwards: "[ -e $W/always/app.txt ] && [ ! -e $W/branch/app.txt ] && git switch -qf main",
    holds: "[ -e $W/always/app.txt ] && [ -e $W/branch/app.txt ]",
  },
  {
    n: 9,
    name: "git merge that deletes among much else",
    tree: "git-3",
    by: "agent",
    components: { "": "{ paths: [$W/app], strict: true }" },
    given: `${BRANCH_WITHOUT}
      mkdir -p $W/app $W/vendor; echo keep > $W/app/keep.txt; echo also > $W/app/also.txt
      git add -A; git commit -qm app; branch_without feature $W/app/keep.txt 'much else'
      GIT_INDEX_FILE=.git/scratch-index; export GIT_INDEX_FILE; git read-tree feature
      for i in $(seq 1 150); do echo "$(echo $i | git hash-object -w --stdin) $i"; done |
        while read -r blob i; do printf '100644 %s\\t%s\\n' "$blob" "$W/vendor/$i.txt"; done | git update-index --index-info
      git update-ref refs/heads/feature "$(git commit-tree "$(git write-tree)" -p feature -m vendor)"
      rm -f .git/scratch-index; unset GIT_INDEX_FILE; echo more > $W/more.txt; git add -A; git commit -qm more`,
    damage: "git merge -q --no-edit feature",
    expected: { kinds: ["deleted"], response: "repair", cause: "git merge", witnessed: true, settles: "git" },
    holds: "[ -e $W/vendor/150.txt ]",
  },
  {
    n: 10,
    name: "git rebase, interrupted, that drops a commit",
    tree: "git-3",
    by: "agent",
    components: { "": "{ paths: [$W], strict: true }" },
    given: `git tag -f base; for i in 1 2 3 4 5 6 7 8; do echo $i >> $W/app.txt; git add -A; git commit -qm "step $i"; done
      echo last >> $W/app.txt; git commit -qam "the last one"`,
    damage: `GIT_SEQUENCE_EDITOR='sh -c "grep -v last \\"\\$1\\" > \\"\\$1.new\\"; echo break >> \\"\\$1.new\\"; mv \\"\\$1.new\\" \\"\\$1\\"" -'
      export GIT_SEQUENCE_EDITOR; git rebase -q -i base; sleep 1.5; git rebase --continue >/dev/null 2>&1`,
    expected: { kinds: ["reverted"], response: "repair", cause: "git rebase", witnessed: true, settles: "git" },
  },
  {
    n: 11,
    name: "git rm --cached, then git clean",
    tree: "git-3",
    by: "agent",
    given: "mkdir -p $W/app; echo keep > $W/app/keep.txt; git add -A; git commit -qm app",
    damage: "git rm -rq --cached $W/app; git clean -qfd",
    expected: { kinds: ["deleted"], response: "repair", cause: "git clean", witnessed: true, settles: "git" },
  },
  {
    n: 12,
    name: "a nightly auto-commit of a stale tree",
    tree: "git-3",
    by: "script",
    components: { "": "{ paths: [$W], strict: true }" },
    given: `echo one > $W/app.txt; git add -A; git commit -qm one; mkdir -p $OLD/12; cp $W/app.txt $OLD/12/
      echo two > $W/app.txt; git commit -qam two`,
    damage: "cp $OLD/12/app.txt $W/app.txt; git add -A; git commit -qm 'nightly: auto-commit'",
    expected: { kinds: ["reverted"], response: "repair", cause: "cp |git commit", witnessed: true, settles: "git" },
    holds: "[ \"$(git log -1 --format=%s)\" = 'nightly: auto-commit' ]",
  },
];
