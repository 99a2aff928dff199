import { describe, expect, test } from "vitest";
import { refusalOf } from "../../../test/refusal.ts";
import { LIMITS } from "../../base/index.ts";
import { type Parsed, parseDocuments } from "./parse.ts";

function parse(text: string | Uint8Array, filename = "x.yaml"): Parsed[] {
  return parseDocuments(typeof text === "string" ? Buffer.from(text) : text, filename);
}

function refusal(text: string | Uint8Array, filename?: string) {
  return refusalOf(() => parse(text, filename));
}

describe("what is refused", () => {
  test.each([
    ["a: [1, 2\nb: 3\n", "x.yaml", 2],
    ['a: "never closed\nb: 3\n', "x.yaml", 3],
    ["a: b: c\n", "x.yaml", 1],
    ["a:\n\t- b\n", "x.yaml", 2],
    ["a: *nothing\n", "x.yaml", 1],
    ["a: &a [*a]\n", "x.yaml", 1],
    ["[a]: b\n", "x.yaml", 1],
    ["x: !!js/function 'function(){}'\n", "x.yaml", 1],
    ["x: !!binary aGVsbG8=\n", "x.yaml", 1],
    ["y: 1\nx: !custom {a: 1}\n", "x.yaml", 2],
    ["%TAG ! tag:x,2000:\n---\nx: !!str a\n", "x.yaml", 1],
    ['{"a": 1,\n "b": }', "x.json", 2],
    ['{"a": 1,}', "x.json", 1],
    ['{"a": 01}', "x.json", 1],
    ['{"a": "x\ny"}', "x.json", 1],
    ['{"a": "\\x"}', "x.json", 1],
    ['{"a": 1', "x.json", 1],
    ['{"a": tru}', "x.json", 1],
    ["{'a': 1}", "x.json", 1],
    ['{"a": 1} x', "x.json", 1],
  ])("%j is WO_SYNTAX with its line", (text, filename, line) => {
    expect(refusal(text, filename)).toMatchObject({ code: "WO_SYNTAX", line, column: expect.any(Number) });
  });

  test("a file that merely ends too early says so", () => {
    expect(refusal('{"a": [1,', "x.json")).toMatchObject({ code: "WO_SYNTAX", atEnd: true });
    expect(refusal('{"a": "x', "x.json")).toMatchObject({ code: "WO_SYNTAX", atEnd: true });
    expect(refusal('{"a": 1 2}', "x.json")).toMatchObject({ code: "WO_SYNTAX", atEnd: false });
  });

  test("a key that stands twice is named with both places", () => {
    expect(refusal("a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n")).toMatchObject({
      code: "WO_DUPLICATE_KEY",
      line: 5,
      column: 3,
      key: "c",
      firstLine: 3,
    });
    expect(refusal('{"a": 1,\n "b": {"c": 1, "c": 2}}', "x.json")).toMatchObject({
      code: "WO_DUPLICATE_KEY",
      line: 2,
      column: 16,
      key: "c",
    });
    expect(refusal('{"__proto__": 1, "__proto__": 2}', "x.json")).toMatchObject({ code: "WO_DUPLICATE_KEY" });
    expect(refusal("1: a\n'1': b\n")).toMatchObject({ code: "WO_DUPLICATE_KEY", key: "1" });
  });

  test("bytes that are no text are named with their offset", () => {
    expect(refusal(Buffer.from([0x61, 0x3a, 0x20, 0xff, 0x0a]))).toMatchObject({
      code: "WO_UNREADABLE",
      file: "x.yaml",
      byteOffset: 3,
    });
    expect(refusal(Buffer.from([0x61, 0x3a, 0x20, 0xc3]))).toMatchObject({ code: "WO_UNREADABLE", byteOffset: 4 });
    expect(refusal("a: b\0c")).toMatchObject({ code: "WO_UNREADABLE", byteOffset: 4 });
    expect(refusal(Buffer.from("\ufeffa: b", "utf16le"))).toMatchObject({ code: "WO_UNREADABLE", byteOffset: 0 });
  });

  test("more than 4 MiB is not looked at", () => {
    expect(refusal(Buffer.alloc(LIMITS.orderSizeBytesMax + 1, "["))).toMatchObject({ code: "WO_TOO_LARGE" });
    expect(refusal(Buffer.alloc(100 << 20, "a: b\n"))).toMatchObject({ code: "WO_TOO_LARGE" });
  });

  test("64 levels pass, 65 do not", () => {
    for (const [open, close] of [
      ["[", "]"],
      ['{"a":', "}"],
    ] as const) {
      for (const filename of ["x.json", "x.yaml"]) {
        const nested = (levels: number) => `${open.repeat(levels)}1${close.repeat(levels)}`;
        expect(parse(`{"a":${nested(63)}}`, filename)).toHaveLength(1);
        expect(refusal(`{"a":${nested(64)}}`, filename)).toMatchObject({ code: "WO_TOO_DEEP" });
      }
    }
    const indented = (levels: number) =>
      Array.from({ length: levels }, (_, level) => `${" ".repeat(level)}a:\n`).join("");
    expect(parse(indented(64))).toHaveLength(1);
    expect(refusal(indented(65))).toMatchObject({ code: "WO_TOO_DEEP" });
    expect(
      refusal(
        "a: &a [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\nb: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[*a]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n",
      ),
    ).toMatchObject({ code: "WO_TOO_DEEP" });
  });

  const bomb = [
    "a: &a [x,x,x,x,x,x,x,x,x,x]",
    ..."bcdefgh"
      .split("")
      .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${"abcdefgh"[index]}`).join(",")}]`),
  ].join("\n");
  const mergeBomb = `a: &a {${Array.from({ length: 5_000 }, (_, index) => `k${index}: 1`).join(",")}}\n${Array.from({ length: 99 }, (_, index) => `m${index}: {<<: *a}`).join("\n")}`;
  const fill = (unit: string, before = "") =>
    before + unit.repeat((LIMITS.orderSizeBytesMax - before.length) / unit.length);

  test.each<[string, string, string]>([
    ["20,000 lists in a list", "[".repeat(20_000), "WO_TOO_DEEP"],
    ["20,000 mappings", '{"a":'.repeat(20_000), "WO_TOO_DEEP"],
    ["20,000 dashes", "- ".repeat(20_000), "WO_TOO_DEEP"],
    ["20,000 question marks", "? ".repeat(20_000), "WO_TOO_DEEP"],
    ["an alias bomb", bomb, "WO_ALIASES"],
    ["a merge bomb", mergeBomb, "WO_ALIASES"],
    ["a long text behind aliases", `a: &a "${"x".repeat(1_000_000)}"\nb: [*a, *a, *a, *a, *a]`, "WO_ALIASES"],
    ["many aliases", `a: &a 1\nb: [${"*a,".repeat(1_000)}]`, "WO_ALIASES"],
    ["a million files in JSON", `{"files":[${"{},".repeat(1_000_000)}{}]}`, "WO_TOO_MANY"],
    ["a million files in YAML", fill("- a\n", "files:\n"), "WO_TOO_MANY"],
    ["a wide mapping", Array.from({ length: 300_000 }, (_, index) => `k${index}: 1`).join("\n"), "WO_TOO_MANY"],
    ["documents", fill("---\n"), "WO_TOO_MANY"],
    ["ends of documents", fill("...\n"), "WO_TOO_MANY"],
    ["directives", fill("%YAML 1.2\n"), "WO_TOO_MANY"],
    ["JSON lines", fill("{}\n"), "WO_TOO_MANY"],
    ["a list of documents", `[${"{},".repeat(1_000)}{}]`, "WO_TOO_MANY"],
    ["comments", fill("#\n"), "WO_TOO_MANY"],
    ["empty lines", fill("\n"), "WO_TOO_MANY"],
    ["closing brackets", fill("]\n"), "WO_TOO_MANY"],
    ["fewer closing brackets", "]\n".repeat(100_000), "WO_SYNTAX"],
    ["anchors", fill("- &a b\n"), "WO_TOO_MANY"],
    ["quotes", fill('"'), "WO_TOO_MANY"],
  ])("%s: refused before it costs much", (_, text, code) => {
    expect(refusal(text)).toMatchObject({ code });
  });
});
