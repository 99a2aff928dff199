import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Doer, decide, type Facts } from "./decide.ts";

/** An untracked path of an ordinary component went, and nobody was seen. */
const MISSING: Facts = {
  subject: "path",
  change: "missing",
  appendOnly: false,
  rootTrouble: false,
  window: null,
  gitAtWork: false,
  tracked: false,
  headElsewhere: false,
  matchesHead: false,
  stash: "none",
  by: { who: "nobody", how: "other" },
  copied: false,
  several: false,
  strict: false,
  scope: "branch",
  response: "repair",
};
const by = (who: Doer["who"], how: Doer["how"]): Pick<Facts, "by"> => ({ by: { who, how } });
const tracked = { tracked: true };
const older = { change: "older" } as const;
const fresh = { change: "new" } as const;
const elsewhere = { ...tracked, headElsewhere: true, matchesHead: true };

const TABLE: [number, string, string, Partial<Facts>][] = [
  [0, "raise", "the configuration was edited", { subject: "config", ...fresh }],
  [0, "raise", "the configuration went, while a window is open", { subject: "config", window: "maintenance" }],
  [0, "raise", "an agent put an older configuration back", { subject: "config", ...older, ...by("agent", "discard") }],
  [1, "brake", "everything went with the root", { rootTrouble: true }],
  [1, "brake", "the root went while a window is open", { rootTrouble: true, window: "exec" }],
  [1, "brake", "a tracked path went with the root while git works", { rootTrouble: true, ...tracked, gitAtWork: true }],
  [2, "defer", "maintenance", { window: "maintenance" }],
  [2, "defer", "a command under exec", { window: "exec", ...by("agent", "discard") }],
  [2, "defer", "a step of an order works there", { window: "step", ...older }],
  [2, "defer", "the guard is paused", { window: "pause" }],
  [3, "wait", "a merge stands open", { ...tracked, gitAtWork: true }],
  [3, "wait", "a rebase shows an intermediate state", { ...tracked, gitAtWork: true, ...older, several: true }],
  [3, "wait", "a bisection goes through old commits", { ...elsewhere, gitAtWork: true, scope: "always" }],
  [15, "repair", "git is at work, and has nothing to do with this path", { gitAtWork: true }],
  [4, "healthy", "a branch that lacks it is checked out", elsewhere],
  [4, "healthy", "a branch has it without its exec bit", { ...elsewhere, change: "mode" }],
  [
    4,
    "healthy",
    "a branch with an older version is checked out",
    { ...elsewhere, ...older, ...by("agent", "discard") },
  ],
  [
    15,
    "repair",
    "an untracked path went while another branch is checked out",
    { headElsewhere: true, matchesHead: true },
  ],
  [15, "repair", "a tracked path of another branch is not as that branch has it", { ...tracked, headElsewhere: true }],
  [5, "repair", "a branch lacks what must always hold", { ...elsewhere, scope: "always" }],
  [5, "repair", "a branch has other content of what must always hold", { ...elsewhere, scope: "always", ...fresh }],
  [5, "repair", "the same for an untracked path", { ...elsewhere, tracked: false, scope: "always" }],
  [5, "raise", "the same, only observed", { ...elsewhere, scope: "always", response: "observe" }],
  [6, "note", "an agent stashed it", { ...tracked, ...older, stash: "fresh", ...by("agent", "discard") }],
  [6, "note", "a person stashed an untracked file", { stash: "fresh", ...by("human", "bulk") }],
  [6, "raise", "it lies in a stash and nobody takes it back", { ...tracked, ...older, stash: "old" }],
  [15, "repair", "emptied: no stash does that", { change: "emptied", stash: "fresh" }],
  [7, "repair", "a log was cut", { appendOnly: true, change: "torn" }],
  [7, "repair", "a person cut a log", { appendOnly: true, change: "emptied", ...by("human", "named") }],
  [7, "repair", "a log went back", { appendOnly: true, ...older, ...by("agent", "discard") }],
  [9, "healthy", "a log grew", { appendOnly: true, ...fresh }],
  [8, "repair", "an agent's rsync brought other content", { ...fresh, copied: true, ...by("agent", "files") }],
  [8, "repair", "a script's cp did", { ...fresh, copied: true, ...by("automatic", "files") }],
  [8, "repair", "somebody's tar did", { ...fresh, copied: true, ...by("somebody", "bulk") }],
  [9, "healthy", "a person copied new content", { ...fresh, copied: true, ...by("human", "files") }],
  [9, "healthy", "an agent edited it", { ...fresh, ...by("agent", "other") }],
  [9, "healthy", "a formatter went over it", { ...fresh, ...tracked, several: true, ...by("automatic", "other") }],
  [9, "healthy", "a strict component got new content", { ...fresh, strict: true }],
  [9, "healthy", "it is only remembered", { response: "remember" }],
  [10, "raise", "rm f", by("human", "named")],
  [10, "raise", "git checkout HEAD~3 -- f", { ...tracked, ...older, ...by("human", "named") }],
  [10, "accept", "git revert", { ...tracked, ...older, ...by("human", "revert") }],
  [10, "accept", "a person's commit goes back", { ...tracked, ...by("human", "commit"), strict: true }],
  [11, "raise", "a person's reset --hard", { ...tracked, ...older, several: true, ...by("human", "bulk") }],
  [11, "raise", "a person's rm -rf", by("human", "bulk")],
  [11, "raise", "a person's chmod -R", { change: "mode", ...by("human", "bulk") }],
  [12, "raise", "an agent's commit deletes", { ...tracked, ...by("agent", "commit") }],
  [12, "raise", "a pull by nobody in particular goes back", { ...tracked, ...older, ...by("somebody", "integrate") }],
  [12, "repair", "the same, strict", { ...tracked, ...older, strict: true, ...by("automatic", "integrate") }],
  [12, "raise", "an agent's git revert", { ...tracked, ...older, ...by("agent", "revert") }],
  [13, "repair", "an agent's reset --hard", { ...tracked, ...older, ...by("agent", "discard") }],
  [13, "repair", "git clean by a poller", by("automatic", "discard")],
  [13, "repair", "a checkout that only the reflog tells of", { ...tracked, ...older, ...by("somebody", "discard") }],
  [14, "repair", "an agent's rm", by("agent", "named")],
  [14, "repair", "a script's mv", by("automatic", "files")],
  [14, "repair", "an agent's chmod", { change: "mode", ...by("agent", "files") }],
  [14, "repair", "a script put a link there", { change: "kind", ...by("automatic", "files") }],
  [15, "repair", "it went", {}],
  [15, "repair", "it was emptied", { change: "emptied" }],
  [15, "repair", "it was cut", { change: "torn" }],
  [15, "repair", "its exec bit went", { change: "mode" }],
  [15, "repair", "it became a link", { change: "kind" }],
  [15, "raise", "it went, only observed", { response: "observe" }],
  [16, "raise", "an editor's undo", older],
  [16, "raise", "the same of a tracked file", { ...older, ...tracked }],
  [16, "repair", "the same, strict", { ...older, strict: true }],
  [17, "repair", "several went back", { ...older, several: true }],
  [17, "repair", "several tracked ones did", { ...older, several: true, ...tracked }],
  [17, "raise", "several did, only observed", { ...older, several: true, response: "observe" }],
  [18, "raise", "a workspace was removed", { subject: "workspace" }],
  [18, "raise", "an agent removed a workspace", { subject: "workspace", ...by("agent", "discard") }],
  [18, "raise", "a workspace of a strict component", { subject: "workspace", strict: true }],
  [19, "raise", "a person's script did it", by("human", "other")],
  [19, "raise", "a person pulled a deletion", { ...tracked, ...by("human", "integrate") }],
  [19, "raise", "an interpreter is gone", { change: "unfit" }],
  [19, "repair", "an agent's build tool lost it", by("agent", "other")],
  [19, "raise", "one file went back by a script that says nothing", { ...older, ...by("automatic", "other") }],
  [19, "repair", "somebody's rm", by("somebody", "named")],
];

it.each(TABLE)("row %i: %s – %s", (row, response, _what, facts) => {
  expect(decide({ ...MISSING, ...facts })).toMatchObject({ row, response });
});

it("has three tests for each row at least", () => {
  for (let row = 0; row <= 19; row += 1) {
    const minimum = TABLE.filter(([tested]) => tested === row).length;
    expect({ row, enough: minimum >= 3 }).toEqual({ row, enough: true });
  }
});

describe("over all combinations of facts", () => {
  const facts: fc.Arbitrary<Facts> = fc.record({
    subject: fc.constantFrom("config", "path", "path", "path", "workspace"),
    change: fc.constantFrom("missing", "emptied", "torn", "mode", "kind", "older", "new", "unreadable", "unfit"),
    appendOnly: fc.boolean(),
    rootTrouble: fc.constantFrom(false, false, false, true),
    window: fc.constantFrom(null, null, null, null, "maintenance", "exec", "step", "pause"),
    gitAtWork: fc.boolean(),
    tracked: fc.boolean(),
    headElsewhere: fc.boolean(),
    matchesHead: fc.boolean(),
    stash: fc.constantFrom("none", "none", "fresh", "old"),
    by: fc.record({
      who: fc.constantFrom("human", "agent", "automatic", "somebody", "nobody"),
      how: fc.constantFrom("named", "bulk", "revert", "commit", "integrate", "discard", "files", "other"),
    }),
    copied: fc.boolean(),
    several: fc.boolean(),
    strict: fc.boolean(),
    scope: fc.constantFrom("branch", "always"),
    response: fc.constantFrom("remember", "observe", "repair"),
  });
  const holds = (what: (facts: Facts, decision: ReturnType<typeof decide>) => void) =>
    fc.assert(
      fc.property(facts, (one) => what(one, decide(one))),
      { numRuns: 30_000 },
    );

  it("finds a row for each", () => {
    const responses = ["healthy", "note", "accept", "raise", "repair", "wait", "defer", "brake"];
    holds((_facts, { row, response, why }) => {
      expect(row >= 0 && row <= 19 && responses.includes(response) && why !== "").toBe(true);
    });
  });

  it("repairs nothing that is not of a component which asks for it", () => {
    holds((one, { response }) => {
      if (one.response !== "repair") expect(response).not.toBe("repair");
    });
  });

  it("touches nothing tracked while git is in the middle of something", () => {
    holds((one, { response }) => {
      if (one.gitAtWork && one.tracked) expect(["repair", "accept"]).not.toContain(response);
    });
  });

  it("never undoes what goes on, unless it was copied over or must always hold", () => {
    holds((one, { response, row }) => {
      if (one.change === "new" && response === "repair") expect([5, 8]).toContain(row);
    });
  });

  it("never undoes a person's doing, but for what must always hold and what only grows", () => {
    holds((one, { response, row }) => {
      if (one.by.who === "human" && response === "repair") expect([5, 7]).toContain(row);
    });
  });

  it("touches nothing without a root, or in a window", () => {
    holds((one, { response }) => {
      if (one.rootTrouble || one.window !== null) expect(["brake", "defer", "raise"]).toContain(response);
    });
  });

  it("accepts only what a person recorded", () => {
    holds((one, { response }) => {
      if (response === "accept") expect(one.by.who).toBe("human");
    });
  });
});
