import { describe, expect, it } from "vitest";
import { ABSENT, type Digest, type Entry, type TreePath } from "../base/index.ts";
import { foldersAbove } from "./protection.ts";
import { outcomeOf, type Suspect, withSurroundings } from "./put-back.ts";

const file = (name: string, mode = 0o644): Entry => ({
  kind: "file",
  digest: `sha256:${name}` as Digest,
  sizeBytes: 5,
  mode,
});
const dir: Entry = { kind: "dir", mode: 0o755 };
const suspect = (more: Partial<Suspect>): Suspect => ({
  path: "a/f" as TreePath,
  component: "c",
  appendOnly: false,
  loose: false,
  always: false,
  before: file("old"),
  after: file("new"),
  isBroughtBack: false,
  isVouchedFor: false,
  hasBaseline: true,
  isElsewhere: false,
  differences: [],
  ...more,
});

describe("a protected path that a run changed", () => {
  it.each<[string, Partial<Suspect>, string]>([
    ["is put back when it is gone, whoever took it", { after: ABSENT }, "put-back"],
    ["is put back when it became something else", { after: dir }, "put-back"],
    ["stays with new content that somebody wrote", { differences: [{ change: "new", goal: file("old") }] }, "leave"],
    ["is put back when a command went back with it", { isBroughtBack: true }, "put-back"],
    ["is put back when it is empty", { differences: [{ change: "emptied", goal: file("old") }] }, "put-back"],
    ["is put back when it is an older version", { differences: [{ change: "older", goal: file("old") }] }, "put-back"],
    ["gets its mode back", { differences: [{ change: "mode", goal: file("new", 0o755) }] }, "put-back"],
    ["stays when an order made it so meanwhile", { after: ABSENT, isVouchedFor: true }, "leave"],
    ["stays when another branch has it like this", { after: ABSENT, isElsewhere: true }, "leave"],
    [
      "is put back on any branch where it must always hold",
      { after: ABSENT, isElsewhere: true, always: true },
      "put-back",
    ],
    ["that is new stays", { before: ABSENT, hasBaseline: false }, "leave"],
    [
      "that is new goes when a command went back and brought it",
      { before: ABSENT, hasBaseline: false, isBroughtBack: true },
      "put-back",
    ],
    ["that was missing and is back stays", { before: ABSENT, isBroughtBack: true }, "leave"],
    ["in a folder where things come and go may change", { loose: true, isBroughtBack: true }, "leave"],
    ["in a folder where things come and go may not vanish", { loose: true, after: ABSENT }, "put-back"],
    ["that only grows gets its lines back", { appendOnly: true }, "join"],
    ["that only grows is put back when it is gone", { appendOnly: true, after: ABSENT }, "put-back"],
  ])("%s", (_, more, kind) => {
    expect(outcomeOf(suspect(more)).kind).toBe(kind);
  });

  it("keeps new content and gets only its mode back", () => {
    const goal = file("new", 0o755);
    const differences = [
      { change: "new", goal: file("old", 0o755) },
      { change: "mode", goal },
    ];
    expect(outcomeOf(suspect({ differences }))).toMatchObject({ kind: "put-back", goal });
  });
});

describe("what comes back", () => {
  const plan = (goals: Record<string, Entry>, present: Record<string, Entry>) =>
    withSurroundings(new Map(Object.entries(goals) as [TreePath, Entry][]), {
      foldersAbove,
      presentAt: (path) => present[path] ?? ABSENT,
      folderAt: (path) => present[path] ?? ABSENT,
      presentBelow: (path) => Object.keys(present).filter((one) => one.startsWith(`${path}/`)) as TreePath[],
      folderBefore: () => ({ kind: "dir", mode: 0o700 }),
    });

  it("has its folders back first, as they were", () => {
    expect(plan({ "a/b/f": file("x") }, { a: dir })).toEqual([
      { path: "a/b", before: ABSENT, after: { kind: "dir", mode: 0o700 } },
      { path: "a/b/f", before: ABSENT, after: file("x") },
    ]);
  });

  it("takes the place of a link that stands where its folder was", () => {
    const link: Entry = { kind: "link", target: "/old" };
    expect(plan({ "a/f": file("x") }, { a: link })[0]).toEqual({
      path: "a",
      before: link,
      after: { kind: "dir", mode: 0o700 },
    });
  });

  it("takes the place of a folder with all that is in it", () => {
    expect(plan({ f: file("x") }, { f: dir, "f/g": file("y") })).toEqual([
      { path: "f", before: dir, after: file("x") },
      { path: "f/g", before: file("y"), after: ABSENT },
    ]);
  });

  it("is nothing where all is as it was", () => {
    expect(plan({ f: file("x") }, { f: file("x") })).toEqual([]);
  });
});
