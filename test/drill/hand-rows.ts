/** The same damage by other hands: a person at a terminal, whom nobody undoes, and nobody that could be seen. From 201 on. */

import type { Row } from "../../src/operations/index.ts";

/** Raised, left as it is, and undone by one command. */
function person(n: number, name: string, parts: Pick<Row, "given" | "damage">, kinds: string[]): Row {
  const expected = { kinds, response: "raise", settles: "git" } as const;
  return {
    n,
    name,
    tree: `person-${n % 2}`,
    by: "person",
    needs: ["script"],
    expected,
    afterwards: `holdfast repair row-${n}`,
    ...parts,
  };
}

/** Recorded in git by a person: accepted as it is. */
function recorded(n: number, name: string, parts: Pick<Row, "given" | "damage" | "holds">): Row {
  const expected = { kinds: [], response: "none", settles: "git", staysChanged: true } as const;
  return { n, name, tree: `person-${n % 2}`, by: "person", needs: ["script"], expected, ...parts };
}

/** `zsh/files` removes without a process of its own: no witness sees it. */
function unseen(n: number, name: string, parts: Pick<Row, "given" | "damage"> & Partial<Row>, kinds: string[]): Row {
  const expected = { kinds, response: "repair", cause: null, settles: "content" } as const;
  return { n, name, tree: `nobody-${n % 2}`, by: "nobody", expected, ...parts };
}

const COMMITTED = "echo one > $W/a.txt; git add -A; git commit -qm one; echo two > $W/a.txt; git commit -qam two";
const DIRTY =
  "echo one > $W/a.txt; echo one > $W/b.txt; git add -A; git commit -qm one; echo two > $W/a.txt; echo two > $W/b.txt";

export const HAND_ROWS: readonly Row[] = [
  person(201, "rm of a file", { given: "echo one > $W/a.txt", damage: "rm $W/a.txt; sleep 0.1" }, ["deleted"]),
  person(
    202,
    "git checkout of an older version of a file",
    { given: COMMITTED, damage: "git checkout -q HEAD~1 -- $W/a.txt" },
    ["reverted"],
  ),
  person(203, "git reset --hard", { given: DIRTY, damage: "git reset -q --hard" }, ["reverted"]),
  person(204, "git clean -fd", { given: "echo new > $W/new.txt", damage: "git clean -qfd" }, ["deleted"]),
  person(
    205,
    "rm -rf of a folder",
    { given: "mkdir $W/app; echo one > $W/app/a.txt", damage: "rm -rf $W/app; sleep 0.1" },
    ["deleted"],
  ),
  person(
    206,
    "mv of a folder",
    { given: "mkdir $W/app; echo one > $W/app/a.txt", damage: "mv $W/app $W/old; sleep 0.1" },
    ["deleted"],
  ),
  person(
    207,
    "chmod -R",
    { given: "echo one > $W/a.sh; chmod 755 $W/a.sh", damage: "chmod -R a-x $W/a.sh; sleep 0.1" },
    ["mode-changed"],
  ),
  recorded(208, "git revert", {
    given: COMMITTED,
    damage: "git revert --no-edit HEAD",
    holds: "grep -q one $W/a.txt && holdfast check row-208",
  }),
  recorded(209, "a commit that goes back", {
    given: COMMITTED,
    damage: "git checkout -q HEAD~1 -- $W/a.txt && git commit -qm 'back to one'",
    holds: "grep -q one $W/a.txt && holdfast check row-209",
  }),

  unseen(221, "emptied", { given: "echo one > $W/a.txt", damage: ": > $T/$W/a.txt" }, ["emptied"]),
  unseen(
    222,
    "removed",
    {
      needs: ["zsh"],
      given: "echo one > $W/a.txt",
      damage: "zsh -fc 'zmodload -F zsh/files b:zf_rm; zf_rm $T/$W/a.txt'",
    },
    ["deleted"],
  ),
  unseen(
    223,
    "older content in one place",
    {
      given: "echo one > $W/a.txt; holdfast snapshot; echo two > $W/a.txt",
      damage: "echo one > $T/$W/a.txt",
      expected: { kinds: ["reverted"], response: "raise", cause: null, settles: "content" },
      afterwards: "holdfast repair row-223",
    },
    [],
  ),
  unseen(
    224,
    "older content in one place, strict",
    {
      components: { "": "{ paths: [$W], strict: true }" },
      given: "echo one > $W/a.txt; holdfast snapshot; echo two > $W/a.txt",
      damage: "echo one > $T/$W/a.txt",
    },
    ["reverted"],
  ),
  unseen(
    225,
    "older content in several places at once",
    {
      given: "echo one > $W/a.txt; echo un > $W/b.txt; holdfast snapshot; echo two > $W/a.txt; echo deux > $W/b.txt",
      damage: "echo one > $T/$W/a.txt; echo un > $T/$W/b.txt",
    },
    ["reverted"],
  ),
];
