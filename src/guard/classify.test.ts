import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ABSENT, digestOf, type Entry, type FileEntry, sameContent, type TreePath } from "../base/index.ts";
import type { Version } from "../vault/index.ts";
import { classify, type Evidence, NO_EVIDENCE, needs, type Sight } from "./classify.ts";
import { lastGoingOn } from "./going-on.ts";

const PATH = "tools/run.sh" as TreePath;

function file(content: string, mode = 0o644, sizeBytes = content.length): FileEntry {
  return { kind: "file", digest: digestOf(content), sizeBytes, mode };
}

/** As the vault tells them: newest first. */
function versions(...entries: Entry[]): Version[] {
  return entries.map((entry, index) => ({
    number: entries.length - index,
    path: PATH,
    entry,
    seenAtMs: (entries.length - index) * 1_000,
    bytesKept: true,
  }));
}

function sight(goal: Entry, seen: Version[], appendOnly = false): Sight {
  return { path: PATH, component: "tools", goal, present: seen[0]!.entry, versions: seen, appendOnly };
}

const kinds = (one: Sight, evidence: Partial<Evidence> = {}) =>
  classify(one, { ...NO_EVIDENCE, ...evidence }).map(({ kind, change }) => `${kind}/${change}`);

describe("what kind of drift it is", () => {
  const v1 = file("one\n", 0o755);
  const big = file("big", 0o644, 10_000);
  it.each<[string, Entry, Version[], Partial<Evidence>, string[]]>([
    ["as it should be", v1, versions(v1), {}, []],
    ["gone", v1, versions(ABSENT, v1), {}, ["deleted/missing"]],
    ["emptied", v1, versions(file("", 0o755), v1), {}, ["emptied/emptied"]],
    ["a link instead of a file", v1, versions({ kind: "link", target: "/x" }, v1), {}, ["type-changed/kind"]],
    ["a file instead of a folder", { kind: "dir", mode: 0o755 }, versions(v1), {}, ["type-changed/kind"]],
    ["its exec bit lost", v1, versions(file("one\n"), v1), {}, ["mode-changed/mode"]],
    ["an exec bit more", file("x"), versions(file("x", 0o755), file("x")), {}, []],
    ["new content", v1, versions(file("two\n", 0o755), v1), {}, ["modified/new"]],
    ["new content without its exec bit", v1, versions(file("two\n"), v1), {}, ["modified/new", "mode-changed/mode"]],
    ["an older version", v1, versions(file("0", 0o755), v1, file("0", 0o755)), {}, ["reverted/older"]],
    ["the same content, looked at twice", v1, versions(file("2", 0o755), file("2", 0o700), v1), {}, ["modified/new"]],
    [
      "a version that only git knew",
      v1,
      versions(file("0", 0o755), v1),
      { olderInGit: { commit: "c" } },
      ["reverted/older"],
    ],
    ["nearly nothing left", big, versions(file("b", 0o644, 80), big), {}, ["truncated/torn"]],
    ["its end cut off", big, versions(file("b", 0o644, 4_000), big), { isPieceOfGoal: true }, ["truncated/torn"]],
    ["shorter, and other content", big, versions(file("b", 0o644, 4_000), big), {}, ["modified/new"]],
    ["a link elsewhere", { kind: "link", target: "a" }, versions({ kind: "link", target: "b" }), {}, ["modified/new"]],
    ["another umask, as git leaves it", file("x", 0o664), versions(file("x", 0o644)), { modeIsGits: true }, []],
    ["another mode, not git's doing", file("x", 0o664), versions(file("x", 0o644)), {}, ["mode-changed/mode"]],
    ["a lost exec bit, git's doing", v1, versions(file("one\n")), { modeIsGits: true }, ["mode-changed/mode"]],
    [
      "a folder nobody may enter",
      { kind: "dir", mode: 0o755 },
      versions({ kind: "dir", mode: 0o600 }),
      {},
      ["mode-changed/mode"],
    ],
  ])("%s", (_what, goal, seen, evidence, expected) => {
    expect(kinds(sight(goal, seen), evidence)).toEqual(expected);
  });

  it.each<[string, FileEntry, Partial<Evidence>, string[]]>([
    ["grew", file("a\nb\nc\n"), { extendsGoal: true }, ["modified/new"]],
    ["was cut", file("b\n"), {}, ["truncated/torn"]],
    ["was rewritten", file("c\nd\ne\n"), {}, ["modified/torn"]],
    ["was emptied", file(""), {}, ["emptied/emptied"]],
  ])("what only grows %s", (_what, present, evidence, expected) => {
    const goal = file("a\nb\n");
    expect(kinds(sight(goal, versions(present, goal), true), evidence)).toEqual(expected);
  });

  it("tells to which version it went back, and when that was", () => {
    const [drift] = classify(sight(v1, versions(file("0"), v1, file("0"))), NO_EVIDENCE);
    expect(drift!.matches).toEqual({ version: 1, seenAtMs: 1_000, wo: null, commit: null });
  });

  it("repairs a mode without touching the content", () => {
    const drifts = classify(sight(v1, versions(file("two\n"), v1)), NO_EVIDENCE);
    expect(drifts[1]!.goal).toEqual(file("two\n", 0o755));
  });
});

describe("what a repair returns", () => {
  const v1 = file("one");
  const v2 = file("two");
  const v3 = file("three");
  const to = (seen: Entry[], good: Entry[]) => lastGoingOn({ versions: versions(...seen), good });

  it.each<[string, Entry[], Entry[], Entry]>([
    ["the newest edit, not the older baseline", [ABSENT, v2, v1], [v1], v2],
    ["the baseline, when nothing newer was", [ABSENT, v1], [v1], v1],
    ["never a loss", [ABSENT, file(""), { kind: "link", target: "x" }, v2, v1], [v1], v2],
    ["never what had gone back", [ABSENT, v1, v2, v1], [v3], v2],
    ["the baseline that was returned to", [ABSENT, v1, v2, v1], [v1], v1],
    ["what was judged good, though it was seen before", [ABSENT, v2, v3, v2, v1], [v1, v2], v2],
    ["what was accepted after all that the vault knows", [ABSENT], [v1], v1],
    ["the accepted mode with its content", [ABSENT, file("one", 0o600)], [v1], v1],
  ])("%s", (_what, seen, good, expected) => {
    expect(to(seen, good)).toEqual(expected);
  });

  it("does not return to what nobody can give any more", () => {
    const seen = versions(ABSENT, v2, v1).map((version) => ({ ...version, bytesKept: version.entry !== v2 }));
    expect(lastGoingOn({ versions: seen, good: [v1] })).toEqual(v1);
  });

  it("does not take for new what git's past holds", () => {
    const request = {
      versions: versions(ABSENT, v2, v1),
      good: [v1],
      isInGitsPast: (entry: Entry) => sameContent(entry, v2),
    };
    expect(lastGoingOn(request)).toEqual(v1);
  });

  it("is always something that stood there or was accepted, and never a loss", () => {
    const entry = fc.constantFrom<Entry>(v1, v2, v3, ABSENT, file(""), { kind: "dir", mode: 0o755 });
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 8 }), fc.constantFrom(v1, v2), (seen, accepted) => {
        const goal = to(seen, [accepted])!;
        expect(goal.kind).toBe("file");
        expect((goal as FileEntry).sizeBytes).toBeGreaterThan(0);
        expect([accepted, ...seen].some((one) => sameContent(one, goal))).toBe(true);
      }),
    );
  });
});

describe("the classifier", () => {
  const entry = fc.oneof(
    fc.constant<Entry>(ABSENT),
    fc.record({ kind: fc.constant("dir" as const), mode: fc.constantFrom(0o755, 0o700) }),
    fc.record({ kind: fc.constant("link" as const), target: fc.constantFrom("a", "b") }),
    fc
      .record({ content: fc.constantFrom("", "a", "bb", "ccc"), mode: fc.constantFrom(0o755, 0o644, 0o600) })
      .map(({ content, mode }) => file(content, mode, content.length * 3_000)),
  );
  const evidence = fc.record({
    extendsGoal: fc.boolean(),
    isPieceOfGoal: fc.boolean(),
    olderInGit: fc.constantFrom(null, { commit: "c" }),
    modeIsGits: fc.boolean(),
  });
  const goals = entry.filter(({ kind }) => kind !== "absent");

  it("finds something exactly where content differs or a bit is lost", () => {
    fc.assert(
      fc.property(goals, fc.array(entry, { minLength: 1, maxLength: 5 }), fc.boolean(), (goal, seen, appendOnly) => {
        const one = sight(goal, versions(...seen), appendOnly);
        const found = classify(one, NO_EVIDENCE);
        const lost =
          "mode" in goal && "mode" in seen[0]! && goal.kind === seen[0]!.kind && (goal.mode & ~seen[0]!.mode) !== 0;
        expect(found.some(({ change }) => change !== "mode")).toBe(!sameContent(goal, seen[0]!));
        expect(found.some(({ change }) => change === "mode")).toBe(lost);
      }),
    );
  });

  it("needs no evidence but what it asks for", () => {
    fc.assert(
      fc.property(
        goals,
        fc.array(entry, { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        evidence,
        (goal, seen, only, all) => {
          const one = sight(goal, versions(...seen), only);
          const asked = new Set(needs(one));
          const gathered = {
            ...NO_EVIDENCE,
            ...Object.fromEntries(Object.entries(all).filter(([key]) => asked.has(key as never))),
          };
          expect(classify(one, gathered)).toEqual(classify(one, all));
        },
      ),
    );
  });
});
