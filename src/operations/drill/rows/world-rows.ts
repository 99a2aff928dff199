/** What happens to more than files: interpreters, the whole tree, processes that do not give up, git itself. */

import type { Row } from "../row.ts";

export const WORLD_ROWS: readonly Row[] = [
  {
    n: 22,
    name: "a script's interpreter is gone",
    tree: "interpreter",
    by: "script",
    given: `cp /bin/sh $OLD/interpreter; printf '#!%s\\necho one\\n' $OLD/interpreter > $W/run.sh; chmod 755 $W/run.sh`,
    damage: "mv $OLD/interpreter $OLD/gone",
    expected: { kinds: ["service-failed"], response: "raise", settles: "at-once" },
    afterwards: "mv $OLD/gone $OLD/interpreter",
  },
  {
    n: 24,
    name: "the whole tree is moved away",
    tree: "root",
    by: "script",
    given: "echo one > $W/app.txt",
    damage: "mv $T $T.away",
    expected: { kinds: ["gone"], response: "brake", settles: "at-once" },
    afterwards: "mv $T.away $T",
  },
  {
    n: 25,
    name: "a process that deletes again after each repair",
    tree: "flap",
    by: "script",
    given: "echo one > $W/app.txt",
    damage: "i=0; while [ $i -lt 60 ]; do [ -e $W/app.txt ] && rm -f $W/app.txt; i=$((i+1)); sleep 0.1; done",
    expected: {
      kinds: ["deleted"],
      response: "repair",
      cause: "",
      settles: "missing",
      escalates: true,
      staysChanged: true,
    },
    holds: "[ ! -e $W/app.txt ] && holdfast repair row-25 && [ -e $W/app.txt ]",
  },
  {
    n: 26,
    name: ".git removed, then a folder",
    tree: "no-git",
    by: "agent",
    given: "mkdir -p $W/app; echo one > $W/app/a.txt; git add -A; git commit -qm app; echo two > $W/app/a.txt",
    damage: "rm -rf .git; rm -rf $W/app",
    expected: { kinds: ["deleted"], response: "repair", cause: "", settles: "missing" },
  },
];
