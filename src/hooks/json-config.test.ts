import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { eventsOfOurs, insertEntries, removeEntries, type Wanted } from "./json-config.ts";

const COMMAND = "/state/bin/holdfast-hook claude-code";
const isOurs = (command: string) => command === COMMAND;
const entry = (event: string): Wanted => ({
  kind: "entry",
  event,
  value: { matcher: "Bash", hooks: [{ type: "command", command: COMMAND, timeout: 5 }] },
});
const CLAUDE: Wanted[] = [entry("PreToolUse"), entry("PostToolUse"), entry("SessionStart")];
const CURSOR: Wanted[] = [
  { kind: "setting", name: "version", value: 1 },
  { kind: "entry", event: "beforeShellExecution", value: { command: COMMAND, timeout: 5 } },
];

const insert = (text: string, wanted = CLAUDE) => insertEntries({ name: "settings.json", text }, wanted, isOurs);
const remove = (text: string, inserted: ReturnType<typeof insert>) =>
  removeEntries({ name: "settings.json", text }, inserted, isOurs);

const COMMENTED = `// mine
{
\t/* the model */
\t"model": "opus",   // never change
\t"hooks": {
\t\t"PreToolUse": [
\t\t\t{ "matcher": "Write", "hooks": [ { "type": "command", "command": "prettier" } ] }
\t\t],
\t},
\t"permissions": {"allow": ["Bash(ls:*)"]}
}`;

describe("what an owner may have written", () => {
  it.each([
    ["nothing but braces", "{}"],
    ["one line", '{"a":1,"hooks":{"PreToolUse":[{"command":"x"}]}}'],
    ["four spaces and no last newline", '{\n    "a": 1\n}'],
    ["comments, tabs and trailing commas", COMMENTED],
    ["Windows line ends", '{\r\n  "a": [1,\r\n 2]\r\n}\r\n'],
    ["empty lists of its own", '{"hooks": {"PreToolUse": [ ], "Stop": []}}\n'],
    ["switches beside the events", '{"hooks": {"enabled": true, "disabled": ["x"]}}\n'],
  ])("%s: is added to, and given back byte for byte", (_, text) => {
    for (const wanted of [CLAUDE, CURSOR]) {
      const inserted = insert(text, wanted);
      expect(inserted.wanted).toEqual(wanted);
      expect(eventsOfOurs({ name: "", text: inserted.text }, isOurs)).toHaveLength(wanted === CLAUDE ? 3 : 1);
      expect(insert(inserted.text, wanted).pieces).toEqual([]);
      expect(remove(inserted.text, inserted)).toBe(text);
    }
  });

  it("keeps comments, spacing, order and others' hooks", () => {
    const { text } = insert(COMMENTED);
    expect(text).toContain('"model": "opus",   // never change');
    expect(text.indexOf("prettier")).toBeLessThan(text.indexOf(COMMAND));
    expect(text.indexOf('"hooks"')).toBeLessThan(text.indexOf('"permissions"'));
    expect(text).toMatch(/\n\t\t\t\{\n\t\t\t\t"matcher": "Bash"/);
  });
});

describe("when the owner changed things meanwhile", () => {
  it.each<[string, (text: string) => string, (text: string) => string]>([
    ["before ours", (text) => text.replace('"opus"', '"haiku"'), (text) => text.replace('"opus"', '"haiku"')],
    ["behind ours", (text) => text.replace('["Bash(ls:*)"]', "[]"), (text) => text.replace('["Bash(ls:*)"]', "[]")],
    ["a hook before ours", (text) => text.replace('"Write"', '"Edit"'), (text) => text.replace('"Write"', '"Edit"')],
    [
      "another top-level key at the end",
      (text) => text.replace(/\n\}$/, ',\n\t"z": [1]\n}'),
      (text) => text.replace(/\n\}$/, ',\n\t"z": [1]\n}'),
    ],
  ])("%s: only ours goes", (_, change, expected) => {
    const inserted = insert(COMMENTED);
    expect(remove(change(inserted.text), inserted)).toBe(expected(COMMENTED));
  });

  it("and a formatter went over it, ours goes, and nothing else", () => {
    const inserted = insert('{"a": 1, "hooks": {"PreToolUse": [{"command": "x"}]}}');
    const formatted = JSON.stringify(JSON.parse(inserted.text), null, 8);
    expect(JSON.parse(remove(formatted, inserted))).toEqual({ a: 1, hooks: { PreToolUse: [{ command: "x" }] } });
  });

  it("and put a hook of their own beside ours, theirs stays", () => {
    const inserted = insert("{}");
    const value = JSON.parse(inserted.text);
    value.hooks.PreToolUse[0].hooks.push({ type: "command", command: "mine" });
    value.hooks.PostToolUse.unshift({ hooks: [{ type: "command", command: "also mine" }] });
    expect(JSON.parse(remove(JSON.stringify(value), inserted))).toEqual({
      hooks: {
        PreToolUse: [{ matcher: "Bash", hooks: [{ type: "command", command: "mine" }] }],
        PostToolUse: [{ hooks: [{ type: "command", command: "also mine" }] }],
      },
    });
  });

  it("and put a key in front, no comma is left behind", () => {
    const inserted = insert("{}");
    expect(JSON.parse(remove(inserted.text.replace("{", '{"zz": 1, '), inserted))).toEqual({ zz: 1 });
  });

  it("and a formatter puts commas behind everything, none is left alone", () => {
    const inserted = insert("{}");
    const formatted = inserted.text.replace(/\}\s*$/, "  /* all */ ,\n}").replace("[", "[ ");
    expect(remove(formatted, inserted).replace(/\s/g, "")).toBe("{/*all*/}");
  });

  it("and took ours out themselves, nothing is done", () => {
    expect(remove(COMMENTED, insert(COMMENTED))).toBe(COMMENTED);
  });
});

describe("what is no configuration", () => {
  it.each([
    ['{"a": 1,, }', /line 1: /],
    ['{\n  "a": 1\n  "b": 2 }', /line 3: comma expected/],
    ["[1, 2]", /no JSON object/],
    ['{"hooks": []}', /"hooks" is no object/],
    ['{"hooks": {"PreToolUse": {}}}', /"hooks.PreToolUse" is no list/],
    ['{"a": "', /cannot be read/],
  ])("%j is refused, with the place", (text, message) => {
    expect(() => insert(text)).toThrow(
      expect.objectContaining({ code: "HOOK_CONFIG_INVALID", message: expect.stringMatching(message) }),
    );
  });
});

describe("any configuration at all", () => {
  const value = fc.letrec((tie) => ({
    any: fc.oneof({ maxDepth: 3 }, fc.jsonValue({ maxDepth: 1 }), fc.array(tie("any"), { maxLength: 3 })),
  })).any;
  const hooks = fc.dictionary(
    fc.constantFrom("PreToolUse", "PostToolUse", "Stop", "beforeShellExecution"),
    fc.array(fc.record({ matcher: fc.string(), command: fc.string() }), { maxLength: 3 }),
  );
  const config = fc.record({ model: value, hooks, "a b": value, version: fc.integer() }, { requiredKeys: [] });
  const layout = fc.constantFrom<[string | number, string]>([0, ""], [2, "\n"], ["\t", ""], [3, "\n\n"]);

  it("comes back byte for byte, also after a change elsewhere", () => {
    fc.assert(
      fc.property(config, layout, fc.boolean(), (content, [indent, end], isCursor) => {
        const text = `${JSON.stringify(content, null, indent)}${end}`;
        const inserted = insert(text, isCursor ? CURSOR : CLAUDE);
        expect(remove(inserted.text, inserted)).toBe(text);
        // A key that nobody else has, in front of everything.
        const changed = (before: string) => before.replace(/^\{/, '{"zz": 1, ').replace(/, (\s*)\}$/, "$1}");
        const now = changed(inserted.text);
        const left = remove(now, inserted);
        expect(JSON.parse(left)).toEqual({ zz: 1, ...JSON.parse(text) });
      }),
      { numRuns: 500 },
    );
  });
});
