/** Real ledgers of real agents, and ledgers made to be broken: what is read, what is skipped, and why. */

import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { recoverRecords } from "./recover-records.ts";

const DATA = resolve(import.meta.dirname, "../../../test/data");

/** Counted by hand, and once more by another program: whole records, beginnings of broken ones, doubles, skipped lines. */
const REAL: Record<string, { whole: number; partial: number; doubles: number; skipped: Record<string, number> }> = {
  // One record, of 13 lines, has `\|` in a string, which JSON does not know: four members stand before it.
  "mls/1770ea-mls_lessons.jsonl": { whole: 26, partial: 1, doubles: 0, skipped: { "broken JSON": 13 } },
  "mls/17da06-mls_lessons.jsonl": { whole: 1, partial: 0, doubles: 0, skipped: {} },
  "mls/2025-11-05.jsonl": { whole: 26, partial: 0, doubles: 0, skipped: {} },
  "mls/2025-11-13.jsonl": { whole: 21, partial: 0, doubles: 0, skipped: {} },
  "mls/2025-11-15.jsonl": { whole: 1, partial: 0, doubles: 0, skipped: {} },
  "mls/2025-12-06.jsonl": { whole: 21, partial: 0, doubles: 0, skipped: {} },
  "mls/2025-12-07.jsonl": { whole: 11, partial: 0, doubles: 2, skipped: {} },
  "mls/21826f-2025-12-07.jsonl": { whole: 14, partial: 0, doubles: 2, skipped: {} },
  "mls/2737ea-mls_lessons.jsonl": { whole: 28, partial: 0, doubles: 0, skipped: {} },
  "mls/31fdfe-2025-12-07.jsonl": { whole: 59, partial: 0, doubles: 2, skipped: {} },
  "mls/3a9d8e-2025-11-13.jsonl": { whole: 1, partial: 0, doubles: 0, skipped: {} },
  "mls/migration_samples.jsonl": { whole: 5, partial: 0, doubles: 0, skipped: {} },
  "mls/mls_lessons.jsonl": { whole: 28, partial: 0, doubles: 0, skipped: {} },
  "mls/mls_lessons_flat.jsonl": { whole: 15, partial: 0, doubles: 0, skipped: {} },
  // `"query:"system probe …""`: the quotes of name and value have run together.
  "telemetry/0b799b-unified.jsonl": { whole: 2, partial: 20, doubles: 0, skipped: { "broken JSON": 20 } },
  "telemetry/0be44b-unified.jsonl": { whole: 0, partial: 16, doubles: 0, skipped: { "broken JSON": 16 } },
  "telemetry/0e4e23-unified.jsonl": { whole: 3, partial: 4, doubles: 0, skipped: { "broken JSON": 4 } },
  "telemetry/1ac149-unified.jsonl": { whole: 0, partial: 136, doubles: 0, skipped: { "broken JSON": 136 } },
  "telemetry/1f0358-unified.jsonl": { whole: 0, partial: 12, doubles: 0, skipped: { "broken JSON": 12 } },
  "telemetry/208d7b-codex_routing_log.jsonl": { whole: 4, partial: 0, doubles: 0, skipped: { comment: 22 } },
  "telemetry/20e199-cls_audit.jsonl": { whole: 8, partial: 0, doubles: 0, skipped: {} },
  "telemetry/23c897-unified.jsonl": { whole: 0, partial: 32, doubles: 0, skipped: { "broken JSON": 32 } },
  "telemetry/attestation_log.jsonl": { whole: 2, partial: 0, doubles: 0, skipped: {} },
  "telemetry/cls_audit.jsonl": { whole: 13, partial: 0, doubles: 0, skipped: {} },
  "telemetry/codex_routing_log.jsonl": { whole: 2, partial: 0, doubles: 0, skipped: { comment: 22 } },
  "telemetry/unified.jsonl": { whole: 0, partial: 36, doubles: 0, skipped: { "broken JSON": 36 } },
};

function counted(text: string): (typeof REAL)[string] {
  const { records, skipped, duplicates } = recoverRecords(text);
  const reasons: Record<string, number> = {};
  for (const { reason, lines } of skipped) reasons[reason] = (reasons[reason] ?? 0) + lines;
  const partial = records.filter(({ isPartial }) => isPartial).length;
  return { whole: records.length - partial, partial, doubles: duplicates, skipped: reasons };
}

describe("the real ledgers", () => {
  test("are all here", () => {
    const found = ["mls", "telemetry"].flatMap((folder) =>
      readdirSync(join(DATA, folder)).map((name) => `${folder}/${name}`),
    );
    expect(found.sort()).toEqual(Object.keys(REAL).sort());
  });

  test.each(Object.keys(REAL))("%s", (name) => {
    expect(counted(readFileSync(join(DATA, name), "utf8"))).toEqual(REAL[name]);
  });

  test("give up to a break what stands before it, with its line", () => {
    const { records } = recoverRecords(readFileSync(join(DATA, "telemetry/0b799b-unified.jsonl"), "utf8"));
    expect(records[2]).toEqual({
      line: 3,
      isPartial: true,
      value: { event: "rag.ctx.start", ts: "2025-11-14T07:32:40.3NZ", __source: "rag_query", __normalized: true },
    });
    const lessons = recoverRecords(readFileSync(join(DATA, "mls/1770ea-mls_lessons.jsonl"), "utf8"));
    expect(lessons.records.find(({ isPartial }) => isPartial)).toMatchObject({
      line: 222,
      value: { id: "MLS-1763014913", type: "solution" },
    });
    expect(lessons.skipped).toEqual([{ line: 222, lines: 13, reason: "broken JSON" }]);
  });
});

describe("made to be broken", () => {
  const values = (text: string) => recoverRecords(text).records.map(({ value }) => value);

  test("a mixture: lines, pretty print, two on a line, a list", () => {
    const text = '{"a":1}\n{\n  "a": 2\n}\n{"a":3}{"a":4} {"a":5}\n[\n{"a":6},\n{"a":7}\n]\n';
    expect(values(text).map(({ a }) => a)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(recoverRecords(text).skipped).toEqual([]);
  });

  test("a script pasted over the file, brackets left over, and on with the next record", () => {
    const text = '{"a":1}\n#!/bin/sh\nif true; then\n  echo "{"\nfi\n}\n{"a":2}}\n{"a":3}\n';
    expect(values(text).map(({ a }) => a)).toEqual([1, 2, 3]);
    expect(recoverRecords(text).skipped).toEqual([
      { line: 2, lines: 1, reason: "comment" },
      { line: 3, lines: 3, reason: "no JSON" },
      { line: 6, lines: 2, reason: "stray bracket" },
    ]);
  });

  test("a pretty-printed record that is never closed ends where the next begins", () => {
    const text = '{\n  "a": 1,\n  "b": 2,\n{\n  "a": 3\n}\n{"a": 4, "c": "cut of';
    expect(recoverRecords(text).records).toEqual([
      { line: 1, isPartial: true, value: { a: 1, b: 2 } },
      { line: 4, isPartial: false, value: { a: 3 } },
    ]);
    expect(recoverRecords(text).skipped.map(({ line, lines, reason }) => [line, lines, reason])).toEqual([
      [1, 3, "cut off"],
      [7, 1, "cut off"],
    ]);
  });

  test("a byte-order mark, carriage returns, values that are no records, a line of 5 MB", () => {
    const long = `{"a":"${"x".repeat(5 * 1024 * 1024)}"}`;
    const text = `\ufeff{"a":1}\r\n"text"\r\n12\r\n[]\r\n[1,2]\r\n${long}\r\n{"a":2}\r\n`;
    expect(values(text).map(({ a }) => a)).toEqual([1, 2]);
    expect(recoverRecords(text).skipped.map(({ line, reason }) => [line, reason])).toEqual([
      [2, "no JSON"],
      [5, "no record"],
      [6, "too long"],
    ]);
  });

  test("whatever stands between them, whole records on lines of their own are all found, and none is invented", () => {
    const junk = fc.string().map((text) => text.replaceAll("\n", " ").replace(/^\s*[[{]/, "x"));
    const record = fc.nat().map((a) => JSON.stringify({ a, s: '}"{' }));
    fc.assert(
      fc.property(fc.array(fc.oneof(junk, record)), (lines) => {
        const expected = [...new Set(lines.filter((line) => line.startsWith('{"a":')))];
        expect(values(lines.join("\n")).map((value) => JSON.stringify(value))).toEqual(expected);
      }),
    );
  });

  test("never throws, and says of each line that is no part of a record that it was skipped", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("{", "}", "[", "]", '"', ":", ",", "\n", " ", "a", "1", "\\", "#") }),
        (text) => {
          const { records, skipped } = recoverRecords(text);
          const lines = text.split("\n").filter((line) => line.trim() !== "").length;
          expect(records.length > 0 || skipped.length > 0 || lines === 0 || /^\s*\[\s*\]/m.test(text)).toBe(true);
        },
      ),
    );
  });
});
