/** What must not be taken for a loss. */

import type { Expected, Row } from "../row.ts";

/** What stands there afterwards is new, and stays. */
const NO_LOSS: Expected = { kinds: [], response: "none", settles: "content", staysChanged: true };
/** What stands there afterwards is what stood there before. */
const NOTHING: Expected = { kinds: [], response: "none", settles: "content" };
const tree = "ordinary-1";

export const HARMLESS_ROWS: readonly Row[] = [
  {
    n: 27,
    name: "an editor saves",
    tree,
    by: "script",
    given: "printf 'one\\n' > $W/app.txt; chmod 644 $W/app.txt",
    damage:
      "umask 022; printf 'one\\ntwo\\n' > $W/.app.swp; mv $W/.app.swp $W/app.txt; mv $W/app.txt $W/app.txt~; printf 'three\\n' > $W/app.txt",
    expected: NO_LOSS,
  },
  {
    n: 28,
    name: "a formatter over 500 files",
    tree,
    by: "agent",
    given: 'i=0; while [ $i -lt 500 ]; do i=$((i+1)); echo "let a = $i" > $W/$i.js; done',
    damage: "sed -i.orig 's/$/;/' $W/*.js; rm $W/*.orig",
    expected: NO_LOSS,
  },
  {
    n: 29,
    name: "a build rewrites its output",
    tree,
    by: "script",
    given: 'mkdir -p $W/out; for i in 1 2 3 4 5; do echo "build 1 of $i" > $W/out/$i.js; done',
    damage: 'rm -rf $W/out; mkdir $W/out; for i in 1 2 3 4 5; do echo "build 2 of $i" > $W/out/$i.js; done',
    expected: NO_LOSS,
  },
  {
    n: 30,
    name: "another branch and back within a second",
    tree,
    by: "agent",
    given: `echo one > $W/app.txt; git add -A; git commit -qm one
      GIT_INDEX_FILE=.git/scratch-index; export GIT_INDEX_FILE; git read-tree HEAD; git rm -rq --cached $W
      git update-ref refs/heads/away "$(git commit-tree "$(git write-tree)" -p HEAD -m away)"; rm -f .git/scratch-index`,
    damage: "git switch -q away; sleep 0.3; git switch -q main",
    expected: NOTHING,
  },
  {
    n: 31,
    name: "an agent's half-written file",
    tree,
    by: "agent",
    given: 'i=0; while [ $i -lt 300 ]; do i=$((i+1)); echo "line $i"; done > $W/app.txt',
    damage:
      '{ sleep 0.6; i=0; while [ $i -lt 400 ]; do i=$((i+1)); echo "new line $i"; [ $((i % 100)) -eq 0 ] && sleep 0.4; done; } > $W/app.txt',
    expected: NO_LOSS,
  },
  {
    n: 32,
    name: "a commit of content never seen before",
    tree,
    by: "agent",
    given: "echo one > $W/app.txt; git add -A; git commit -qm one",
    damage: "echo two > $W/app.txt; git commit -qam two",
    expected: NO_LOSS,
  },
  {
    n: 33,
    name: "touch",
    tree: "ordinary-2",
    by: "script",
    given: "echo one > $W/app.txt",
    damage: "touch $W/app.txt; touch -t 202001010000 $W/app.txt",
    expected: NOTHING,
  },
  {
    n: 34,
    name: "a copy takes the file's place",
    tree: "ordinary-2",
    by: "script",
    given: "printf '#!/bin/sh\\n' > $W/run.sh; chmod 755 $W/run.sh",
    damage: "cp -p $W/run.sh $W/copy; mv $W/copy $W/run.sh",
    expected: NOTHING,
  },
  {
    n: 35,
    name: "a rename by an accepted order",
    tree: "ordinary-2",
    by: "agent",
    given: `echo one > $W/old-name.txt; printf 'wo_id: WO-DRILL-RENAME\\noperations: [{op: move, from: %s/old-name.txt, to: %s/new-name.txt}]\\n' $W $W > $OLD/order.yaml`,
    damage: "holdfast submit $OLD/order.yaml --wait",
    expected: NO_LOSS,
    holds: "[ -e $W/new-name.txt ] && [ ! -e $W/old-name.txt ]",
  },
  {
    n: 36,
    name: "a maintenance window",
    tree: "ordinary-2",
    by: "script",
    given: "echo one > $W/app.txt; echo one > $W/lib.txt",
    damage:
      "holdfast maintenance begin --for 10m --reason moving && rm $W/app.txt && sleep 0.5 && holdfast maintenance end --accept",
    expected: NO_LOSS,
    holds: "[ ! -e $W/app.txt ]",
  },
  {
    n: 37,
    name: "git revert by a person",
    tree: "ordinary-2",
    by: "person",
    needs: ["script"],
    given: "echo one > $W/app.txt; git add -A; git commit -qm one; echo two > $W/app.txt; git commit -qam two",
    damage: "git revert --no-edit HEAD",
    expected: NO_LOSS,
    holds: '[ "$(cat $W/app.txt)" = one ] && holdfast check row-37',
  },
  {
    n: 38,
    name: "a person's editor undoes",
    tree: "ordinary-2",
    by: "person",
    needs: ["script"],
    given: "echo one > $W/app.txt; echo one > $W/lib.txt",
    damage: "echo two > $W/app.txt; sleep 0.5; echo one > $W/app.txt",
    expected: NOTHING,
  },
];
