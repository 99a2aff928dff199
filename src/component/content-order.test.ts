import { expect, it } from "vitest";
import { ABSENT, digestOf, type Entry, type TreePath } from "../base/index.ts";
import type { LineChange } from "../tree/index.ts";
import { type ContentEvidence, contentOrder } from "./content-order.ts";

const file = (text: string): Entry => ({ kind: "file", digest: digestOf(text), sizeBytes: text.length, mode: 0o644 });
const line = (...blobs: (string | null)[]): LineChange[] =>
  blobs.map((blob, index) => ({ commit: `c${blobs.length - index}`, atMs: (blobs.length - index) * 1_000, blob }));
/** Contents are single letters; git calls each by its own. */
function order(canonical: string, copy: string, known: { versions?: string; tree?: string; copy?: string }) {
  const letters = [...(known.versions ?? "")];
  const evidence: ContentEvidence = {
    canonical: file(canonical),
    copy: file(copy),
    versions: letters.map((letter, index) => ({
      number: letters.length - index,
      path: "f" as TreePath,
      entry: letter === "-" ? ABSENT : file(letter),
      seenAtMs: index,
      bytesKept: true,
    })),
    canonicalLine: line(...(known.tree ?? "")),
    copyLine: line(...(known.copy ?? "")),
    canonicalBlobs: [canonical],
    copyBlobs: [copy],
  };
  const { is, knownAs } = contentOrder(evidence);
  return knownAs === null ? is : `${is}, ${knownAs}`;
}

it.each<[string, string, string]>([
  ["what the vault saw before", "older, V1", order("b", "a", { versions: "ba" })],
  ["what it saw before, when the present is not noted yet", "older, V2", order("c", "b", { versions: "ba" })],
  ["what it saw later, when the tree went back", "newer, V2", order("a", "b", { versions: "aba".slice(1) })],
  ["what came back and stands again counts by its last time", "older, V2", order("a", "b", { versions: "aba" })],
  ["what git committed before", "older, c1", order("b", "a", { tree: "ba" })],
  ["what is committed, under work that is not", "older, c2", order("x", "b", { tree: "ba" })],
  ["what git committed later, when the work tree went back", "newer, c2", order("a", "b", { tree: "ba" })],
  [
    "what only the copy committed, on top of what the tree has",
    "newer, c2",
    order("a", "b", { tree: "a", copy: "ba" }),
  ],
  ["work in the copy that nobody committed", "unknown", order("a", "x", { versions: "a", tree: "a", copy: "a" })],
  ["another history altogether", "unknown", order("a", "x", { tree: "a", copy: "x" })],
])("%s", (_what, expected, is) => {
  expect(is).toBe(expected);
});
