import { describe, expect, test } from "vitest";
import { refusalOf } from "../../../../test/refusal.ts";
import type { WorkOrder } from "../../order.ts";
import { parseDocuments } from "../parse.ts";
import { orderOf } from "../read-order.ts";

function read(document: unknown, filename = "WO-FILE.yaml"): WorkOrder {
  const text = typeof document === "string" ? document : JSON.stringify(document);
  return orderOf(parseDocuments(Buffer.from(text), filename)[0]!);
}

function refusal(document: unknown) {
  return refusalOf(() => read(document));
}

describe("what is refused", () => {
  test("a list entry without its content beside complete ones is refused with its place", () => {
    expect(refusal("files:\n  - path: a\n    content: x\n  - path: b\n")).toMatchObject({
      code: "WO_CUT_OFF",
      field: "files[1]",
      line: 4,
    });
    expect(refusal({ files: [{ path: "b" }, { path: "a", content: "x" }] })).toMatchObject({
      code: "WO_INVALID",
      field: "files[0]",
    });
    expect(refusal({ files: { b: null, a: "x" } })).toMatchObject({ code: "WO_INVALID", field: "files.b" });
    expect(refusal({ steps: [{ run: "x" }, { name: "forgot" }] })).toMatchObject({
      code: "WO_CUT_OFF",
      field: "steps[1]",
    });
    expect(
      refusal({
        operations: [
          { op: "write", path: "a", content: "x" },
          { op: "write", path: "b" },
        ],
      }),
    ).toMatchObject({ code: "WO_CUT_OFF" });
    expect(refusal({ post_verify: ["true", ""] })).toMatchObject({ code: "WO_CUT_OFF" });
  });

  test("a file that breaks off inside something to execute is refused, inside a description it is not", () => {
    expect(refusal("files:\n  - path: a\n    content: |\n      on")).toMatchObject({
      code: "WO_CUT_OFF",
      field: "files[0].content",
      line: 3,
    });
    expect(refusal("title: t\ncmd: |\n  rm -rf build")).toMatchObject({ code: "WO_CUT_OFF", field: "cmd" });
    expect(refusal("files:\n  a: |\n    x")).toMatchObject({ code: "WO_CUT_OFF" });
    expect(read("files: {a: x}\ndescription: |\n  on").operations).toHaveLength(1);
  });

  test.each<[object, string]>([
    [{ files: [{ content: "x" }] }, "files[0]"],
    [{ files: [{ path: "", content: "x" }] }, "files[0].path"],
    [{ files: [{ path: "a", content: { b: 1 } }] }, "files[0].content"],
    [{ files: [{ path: "a", content: true }] }, "files[0].content"],
    [{ files: [{ path: "a", content: "x", mode: "rwxr-xr-x" }] }, "files[0].mode"],
    [{ files: [{ path: "a", content: "x", mode: "09" }] }, "files[0].mode"],
    [{ files: [{ path: "a", content: "!!", encoding: "base64" }] }, "files[0].content"],
    [{ files: [{ path: "a", content: "x", encoding: "utf-16" }] }, "files[0].encoding"],
    [{ files: [{ path: "a", content: "x", sha256: "123" }] }, "files[0].sha256"],
    [{ files: [{ path: "a", content: "\ud800" }] }, "files[0].content"],
    [{ files: { path: "a", content: "x" } }, "files"],
    [
      {
        operations: [
          { op: "mkdir", path: "a" },
          { op: "teleport", path: "b" },
        ],
      },
      "operations[1]",
    ],
    [{ operations: [{ op: "chmod", path: "a" }] }, "operations[0]"],
    [{ operations: [{ op: "move", to: "b" }] }, "operations[0]"],
    [{ steps: [{ run: "x", skill: "python" }] }, "steps[0]"],
    [{ tests: [{ command: "x", exit: -1 }] }, "tests[0].exit"],
    [{ patch: "@@", fuzz: 9 }, "fuzz"],
  ])("%j is WO_INVALID at %s", (document, field) => {
    expect(refusal(document)).toMatchObject({ code: "WO_INVALID", field, line: 1, column: expect.any(Number) });
  });

  test("more effects than the limit are refused", () => {
    const files = Object.fromEntries(Array.from({ length: 20_001 }, (_, index) => [`f${index}`, ""]));
    expect(refusal({ files })).toMatchObject({ code: "WO_TOO_MANY" });
  });
});
