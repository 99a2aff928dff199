/** Files read from their ends, in pieces of whole lines. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { realPorts } from "../../platform/index.ts";
import { piecesFromEnd, readTail } from "./read-tail.ts";

const { disk } = realPorts();
const folder = mkdtempSync(join(tmpdir(), "holdfast-tail-"));
const file = join(folder, "log");
afterAll(() => rmSync(folder, { recursive: true }));

test("every line that fits into a piece comes once, whole, and pieces come to an end", () => {
  const line = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 12 });
  fc.assert(
    fc.property(fc.array(line), fc.boolean(), fc.integer({ min: 1, max: 16 }), (lines, isEnded, pieceBytes) => {
      writeFileSync(file, lines.join("\n") + (isEnded ? "\n" : ""));
      const pieces: string[] = [];
      for (const { bytes } of piecesFromEnd(file, pieceBytes, disk)) {
        pieces.unshift(bytes.toString());
        expect(pieces.length).toBeLessThan(1_000);
      }
      const found = pieces.join("\n").split("\n");
      for (const one of lines) if (one.length + 1 < pieceBytes / 2) expect(found).toContain(one);
    }),
  );
});

test("the end of what is longer, from the beginning of a line", () => {
  writeFileSync(file, "one\ntwo\nthree\n");
  expect(readTail(file, 8, disk)).toMatchObject({ isCut: true, bytes: Buffer.from("three\n") });
  expect(readTail(file, 80, disk)).toMatchObject({ isCut: false, bytes: Buffer.from("one\ntwo\nthree\n") });
  expect(readTail(folder, 80, disk)).toBeNull();
  expect(readTail(join(folder, "none"), 80, disk)).toBeNull();
});
