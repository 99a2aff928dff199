import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { HoldfastError } from "../../base/index.ts";
import { type Parsed, parseDocuments } from "./parse.ts";

function parse(text: string | Uint8Array, filename = "x.yaml"): Parsed[] {
  return parseDocuments(typeof text === "string" ? Buffer.from(text) : text, filename);
}

function value(text: string, filename?: string): unknown {
  const documents = parse(text, filename);
  expect(documents).toHaveLength(1);
  return documents[0]!.value;
}

describe("what is read", () => {
  test("content decides, not the name", () => {
    expect(value("wo_id: a\n", "x.json")).toEqual({ wo_id: "a" });
    expect(value('{"wo_id": "a"}', "x.yaml")).toEqual({ wo_id: "a" });
    expect(value("{wo_id: a, tags: [b]}", "x.yaml")).toEqual({ wo_id: "a", tags: ["b"] });
  });

  test("a byte order mark and CRLF are tolerated", () => {
    expect(value("\ufeffa: 1\r\nb: |\r\n  x\r\n  y\r\n")).toEqual({ a: 1, b: "x\ny\n" });
    expect(value('\ufeff{"a":\r\n1}\r\n', "x.json")).toEqual({ a: 1 });
  });

  test("several documents are several, empty ones are none", () => {
    expect(parse("---\na: 1\n---\n---\nb: 2\n...\n").map((document) => document.value)).toEqual([{ a: 1 }, { b: 2 }]);
    expect(parse('{"a":1}\n{"b":2}\n', "x.jsonl").map((document) => document.value)).toEqual([{ a: 1 }, { b: 2 }]);
    expect(parse('[{"a":1},{"b":2}]').map(({ value: entry, index }) => [entry, index])).toEqual([
      [{ a: 1 }, 0],
      [{ b: 2 }, 1],
    ]);
  });

  test("YAML 1.2: `yes` is text, dates are text, `%YAML 1.1` changes nothing", () => {
    expect(value("a: yes\nb: 2025-11-07\nc: true\nd: ~\n")).toEqual({ a: "yes", b: "2025-11-07", c: true, d: null });
    expect(value("%YAML 1.1\n---\na: yes\nb: 0755\nc: 2025-11-07\n")).toEqual({ a: "yes", b: "0755", c: "2025-11-07" });
  });

  test("a number that would not come back as it was written stays text", () => {
    const written = { a: "002", b: "0755", c: "0o755", d: "1.10", e: "12345678901234567890", f: ".inf", g: "1e3" };
    const yaml = Object.entries(written)
      .map(([key, text]) => `${key}: ${text}\n`)
      .join("");
    expect(value(`${yaml}h: 7\ni: -1.5\n`)).toEqual({ ...written, h: 7, i: -1.5 });
    expect(value('{"d":1.10,"e":12345678901234567890,"h":7,"i":-1.5}')).toEqual({
      d: "1.10",
      e: "12345678901234567890",
      h: 7,
      i: -1.5,
    });
  });

  test("merge keys and aliases are expanded, own keys win", () => {
    expect(value("base: &b {a: 1, b: 2}\nx:\n  <<: *b\n  b: 3\ny: *b\nz:\n  <<: [{a: 4}, *b]\n")).toEqual({
      base: { a: 1, b: 2 },
      x: { a: 1, b: 3 },
      y: { a: 1, b: 2 },
      z: { a: 4, b: 2 },
    });
  });

  test("`$(date)` and the like are text", () => {
    expect(value('a: "$(date)"\nb: $HOME\nc: x`id`\n')).toEqual({ a: "$(date)", b: "$HOME", c: "x`id`" });
  });

  test.each(["x.json", "x.yaml"])("`__proto__` and `constructor` are keys like any other (%s)", (filename) => {
    const document = value(
      '{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}',
      filename,
    ) as object;
    expect(Object.keys(document)).toEqual(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(document)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect(Object.keys(value("__proto__:\n  polluted: 1\nx:\n  <<: {__proto__: {a: 1}}\n") as object)).toEqual([
      "__proto__",
      "x",
    ]);
  });

  test("every entry has its place", () => {
    const yaml = parse("# x\nfiles:\n  - path: a\n    content: b\n  - path: c\n")[0]!;
    expect(yaml.place(["files", 1, "path"])).toEqual({ line: 5, column: 5 });
    expect(yaml.place(["files", 1, "nothing"])).toEqual({ line: 5, column: 5 });
    expect(yaml.place(["files", 0, "content"])).toEqual({ line: 4, column: 5 });
    const json = parse('{\n  "files": [\n    {"path": "a"},\n    {"path": "b"}\n]}')[0]!;
    expect(json.place(["files", 1, "path"])).toEqual({ line: 4, column: 6 });
    expect(parse('[{"a":1},\n {"b":2}]')[1]!.place(["b"])).toEqual({ line: 2, column: 3 });
  });
});

describe("a file that was cut off", () => {
  test("is told by a last plain word whose line has no end", () => {
    expect(parse("steps:\n  - run: rm -rf build")[0]!.cutOff).toEqual({
      path: ["steps", 0, "run"],
      line: 2,
      isPlain: true,
    });
    expect(parse("steps:\n  - run: rm -rf build\n")[0]!.cutOff).toBeNull();
    expect(parse("steps:\n  - run: rm -rf build # and more")[0]!.cutOff).toBeNull();
  });

  test("is told by a last block of text without its end", () => {
    expect(parse("a: 1\nfiles:\n  - path: x\n    content: |\n      one\n      tw")[0]!.cutOff).toEqual({
      path: ["files", 0, "content"],
      line: 4,
      isPlain: false,
    });
    expect(parse("files:\n  - path: x\n    content: |\n")[0]!.cutOff).toEqual({
      path: ["files", 0, "content"],
      line: 3,
      isPlain: false,
    });
    expect(parse("files:\n  - path: x\n    content: |\n      one\n")[0]!.cutOff).toBeNull();
    expect(parse('content: |\n  one\nb: "2"')[0]!.cutOff).toBeNull();
    expect(parse("content: |\n  one\nb: {c: 2}")[0]!.cutOff).toBeNull();
    expect(parse("- a: 1\n- b: |\n    x").map(({ cutOff }) => cutOff?.path)).toEqual([undefined, ["b"]]);
    expect(parse("a: |\n  one\n---\nb: >\n  two").map(({ cutOff }) => cutOff?.path)).toEqual([undefined, ["b"]]);
  });
});

describe("properties", () => {
  const scalars = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.constantFrom("0755", "yes", "<<", "*a", "&b", "!x", "- ", "#", "a: b", "\t", " x", "x\n", "\n\n"),
  );
  /** `<<` as a key takes another mapping in, which JSON has no word for. */
  const keys = fc.string({ minLength: 1 }).filter((key) => key !== "<<");
  const documents = fc.dictionary(
    keys,
    fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        scalars,
        fc.array(tie("node"), { maxLength: 4 }),
        fc.dictionary(keys, tie("node"), { maxKeys: 4 }),
      ),
    })).node,
    { minKeys: 1, maxKeys: 6 },
  );

  test("JSON gives what JSON.parse gives", () => {
    fc.assert(
      fc.property(
        fc.jsonValue().filter((document) => !Object.is(document, -0)),
        (document) => {
          const text = JSON.stringify(document);
          fc.pre(!/\d[eE]/.test(text));
          const parsed = parse(`[[${text}]]`, "x.json")[0]!.value;
          expect(parsed).toEqual([[JSON.parse(text)]]);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("JSON and YAML of one document are one", () => {
    fc.assert(
      fc.property(documents, (document) => {
        const json = parse(JSON.stringify(document), "x.json")[0]!.value;
        expect(parse(stringify(document, { version: "1.2" }), "x.yaml")[0]!.value).toEqual(json);
      }),
      { numRuns: 300 },
    );
  });

  test("whatever the bytes are, there are documents or a HoldfastError", () => {
    const pieces = fc.constantFrom(
      "a: ",
      "- ",
      "? ",
      ": ",
      "[",
      "]",
      "{",
      "}",
      ",",
      '"',
      "'",
      "|\n",
      ">-\n",
      "&a ",
      "*a ",
      "!!str ",
      "!x ",
      "<<: ",
      "---\n",
      "...\n",
      "%YAML 1.1\n",
      "\t",
      "  ",
      "\n",
      "\r\n",
      "# c\n",
      "x",
      "0x1",
      "\\",
      "\ufeff",
      "é",
      "\u2028",
      "@",
      "`",
    );
    const texts = fc.oneof(
      fc.array(pieces, { maxLength: 60 }).map((list) => Buffer.from(list.join(""))),
      fc.uint8Array({ maxLength: 200 }),
    );
    fc.assert(
      fc.property(texts, fc.constantFrom("x.json", "x.yaml", "x"), (bytes, filename) => {
        try {
          expect(parse(bytes, filename).length).toBeGreaterThan(0);
        } catch (error) {
          if (!(error instanceof HoldfastError)) throw error;
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
