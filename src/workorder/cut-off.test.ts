import { expect, it } from "vitest";
import { readSubmissions } from "./submissions.ts";

const read = (text: string, via: "cli" | "inbox") =>
  readSubmissions({
    files: new Map([["", Buffer.from(text)]]),
    filename: "x.yaml",
    agent: null,
    via,
    actor: { kind: "unknown", name: "test" },
  }).submissions;

const WRITES = "wo_id: W\nfiles:\n  - path: a\n    content: hello";
const RUNS = "wo_id: W\nsteps:\n  - run: rm -rf build";
const REMOVES = "wo_id: W\noperations:\n  - op: delete\n    path: src";
const BLOCK = "wo_id: W\nfiles:\n  - path: a\n    content: |\n      hello";

it("takes a file without a last line end where a shorter word does no other harm", () => {
  expect(read(WRITES, "inbox")).toHaveLength(1);
});

it.each([RUNS, REMOVES])("does not take it from an inbox where a longer word may have been meant", (text) => {
  expect(() => read(text, "inbox")).toThrow(expect.objectContaining({ code: "WO_CUT_OFF" }));
  expect(read(`${text}\n`, "inbox")).toHaveLength(1);
  expect(read(text, "cli")).toHaveLength(1);
});

it("takes a block of text only with its end, wherever it comes from", () => {
  expect(() => read(BLOCK, "cli")).toThrow(expect.objectContaining({ code: "WO_CUT_OFF" }));
  expect(read(`${BLOCK}\n`, "cli")).toHaveLength(1);
});
