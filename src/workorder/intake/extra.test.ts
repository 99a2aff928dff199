import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { HoldfastError } from "../../base/index.ts";
import type { WorkOrder } from "../order.ts";
import { parseDocuments } from "./parse.ts";
import { orderOf } from "./read-order.ts";

function read(document: unknown, filename = "WO-FILE.yaml"): WorkOrder {
  const text = typeof document === "string" ? document : JSON.stringify(document);
  return orderOf(parseDocuments(Buffer.from(text), filename)[0]!);
}

describe("what is left", () => {
  test("unknown keys are kept verbatim, however deep", () => {
    const order = read({
      wo_id: "a",
      x: { y: [1, { z: null }] },
      metadata: { title: "t", other: 1 },
      files: [
        { path: "a", content: "b", why: "c" },
        { path: "d", content: "e" },
      ],
    });
    expect(order.extra).toEqual({ x: { y: [1, { z: null }] }, metadata: { other: 1 }, files: [{ why: "c" }, {}] });
  });

  test("`__proto__` is kept as a key, and does nothing", () => {
    const order = read('{"wo_id":"a","__proto__":{"cmd":"rm -rf /"},"constructor":{"x":1}}');
    expect(order.steps).toEqual([]);
    expect(Object.keys(order.extra)).toEqual(["__proto__", "constructor"]);
    expect(order.extra["cmd"]).toBeUndefined();
  });

  const document = fc.record(
    {
      wo_id: fc.string({ minLength: 1 }),
      title: fc.string(),
      tags: fc.array(fc.string()),
      files: fc.array(fc.record({ path: fc.stringMatching(/^[a-z]{1,8}$/), content: fc.string({ unit: "grapheme" }) })),
      metadata: fc.record({ author: fc.string({ minLength: 1 }) }),
      unknown: fc
        .jsonValue({ maxDepth: 3 })
        .map((value) => JSON.parse(JSON.stringify(value)) as unknown)
        .filter((value) => !/\d[eE]/.test(JSON.stringify(value))),
    },
    { requiredKeys: ["unknown"] },
  );

  test("JSON and YAML of one order have one normal form, and unknown keys survive", () => {
    fc.assert(
      fc.property(document, (value) => {
        const json = read(value, "x.json");
        expect(read(stringify(value), "x.yaml")).toEqual(json);
        expect(json.extra["unknown"]).toEqual(value.unknown);
      }),
      { numRuns: 300 },
    );
  });

  test("whatever a mapping holds, there is an order or a HoldfastError", () => {
    const names = [
      "wo_id",
      "id",
      "title",
      "tags",
      "priority",
      "created_at",
      "not_before",
      "timeout",
      "retries",
      "dry_run",
      "depends_on",
      "supersedes",
      "touches",
      "files",
      "operations",
      "edits",
      "patch",
      "steps",
      "cmd",
      "code",
      "skill",
      "post_verify",
      "tests",
      "payload",
      "task_spec",
      "metadata",
      "routing",
      "path",
      "content",
      "op",
      "find",
      "run",
      "mode",
    ];
    const node = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 3 },
        fc.string(),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie("node"), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...names), tie("node"), { maxKeys: 5 }),
      ),
    })).node;
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), node), (value) => {
        try {
          expect(read(value).id).toMatch(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/);
        } catch (error) {
          if (!(error instanceof HoldfastError)) throw error;
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
