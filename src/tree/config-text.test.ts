import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HoldfastError, type TreePath } from "../base/index.ts";
import { configJsonSchema } from "./config-schema.ts";
import { withComponent } from "./config-text.ts";
import { configForInit, isUntouchedInitText } from "./init-text.ts";
import { defaultConfig, parseConfig } from "./parse-config.ts";
import { patternOf } from "./path-pattern.ts";

describe("what init writes", () => {
  it("changes no default where nothing was chosen", () => {
    expect(parseConfig(configForInit())).toEqual(defaultConfig());
  });

  it("adds an inbox and its agents with --orders", () => {
    const config = parseConfig(configForInit({ orders: true }));
    expect(config.layout?.inbox).toBe("bridge/inbox");
    expect(Object.keys(config.agents)).toEqual(["CLC", "CLS", "ENTRY", "Mary"]);
    expect(config.orders.commands).toBe("submitted");
  });

  it("with the preset 02luka protects the spec's components and five services, whatever is checked out", () => {
    const config = parseConfig(configForInit({ preset: "02luka" }));
    const components = Object.values(config.components);
    expect(components.map((component) => component.service).filter(Boolean)).toEqual([
      "com.02luka.apply_patch_processor",
      "com.02luka.json_wo_processor",
      "com.02luka.wo_executor",
      "com.02luka.followup_tracker",
      "com.02luka.wo_pipeline_guardrail",
    ]);
    expect(components.flatMap((component) => component.paths)).toEqual(
      expect.arrayContaining(["agents/wo_executor", "tools/followup_tracker_update.zsh", "g/followup/state"]),
    );
    for (const component of components)
      expect(component).toMatchObject({ response: "repair", strict: true, scope: "always" });
    expect(config.orders.commands).toBe("allow");
    expect(config.layout).not.toBeNull();
  });

  it("follows the branch that is checked out, whatever it is called", () => {
    for (const branch of ["master", "feat/a[b", "a:b", "#x", "é", "a'b\"c"]) {
      expect(parseConfig(configForInit({ branch })).accept.on).toEqual([`commit@${branch}`]);
    }
  });

  it("is told apart from what a person wrote", () => {
    expect(isUntouchedInitText(configForInit({ orders: true, branch: "trunk" }))).toBe(true);
    expect(isUntouchedInitText(withComponent(configForInit(), "mine", { paths: ["a"] }))).toBe(false);
    expect(isUntouchedInitText("v: 1\n")).toBe(false);
  });
});

describe("the JSON Schema that editors use", () => {
  it("is the one that is shipped (else: npm run docs, or write configJsonSchema() to schema/holdfast.schema.json)", () => {
    expect(JSON.parse(readFileSync("schema/holdfast.schema.json", "utf8"))).toEqual(configJsonSchema());
  });

  it("shows defaults as people write them", () => {
    const schema = JSON.stringify(configJsonSchema());
    expect(schema).toContain('"default":"5GiB"');
    expect(schema).toContain('"default":"24h"');
  });
});

describe("adding a component", () => {
  const added = { paths: ["b/c"], response: "repair" as const };

  it("inserts its lines and leaves every other byte alone", () => {
    const before = `# mine\nv:    1\n\n\ncomponents: # these\n    one: {paths:   [x]}   # why\n    two:\n      paths:\n      - y\n      check: |\n        a\n        b\n\n# end\nguard: {sweep: 1m}`;
    const after = withComponent(before, "three", added);
    const lines = "    three:\n      paths: [b/c]\n      response: repair\n";
    expect(after.replace(lines, "")).toBe(before);
    expect(Object.keys(parseConfig(after).components)).toEqual(["one", "two", "three"]);
  });

  it("starts the section where there is none, or where it is empty", () => {
    const section = "components:\n  n:\n    paths: [b/c]\n    response: repair\n";
    expect(withComponent("", "n", added)).toBe(section);
    expect(withComponent("v: 1", "n", added)).toBe(`v: 1\n${section}`);
    expect(withComponent("components:\nv: 1\n", "n", added)).toBe(`${section}v: 1\n`);
  });

  it("works in flow style too, and keeps the comments", () => {
    expect(withComponent("components: { a: { paths: [q] } } # keep\n", "n", added)).toBe(
      "components: { a: { paths: [ q ] }, n: { paths: [ b/c ], response: repair } } # keep\n",
    );
    expect(parseConfig(withComponent("{}", "n", added)).components["n"]?.paths).toEqual(["b/c"]);
  });

  it("that is there already changes the keys that are said, and keeps the others and the comments", () => {
    const before = "components:\n  n:\n    # why\n    paths: [z] # where\n    check: sh x\n";
    expect(withComponent(before, "n", added)).toBe(
      "components:\n  n:\n    # why\n    paths: [ b/c ] # where\n    check: sh x\n    response: repair\n",
    );
  });

  it("refuses what would not be valid", () => {
    const codeOf = (...args: Parameters<typeof withComponent>) => {
      try {
        return withComponent(...args);
      } catch (error) {
        return (error as HoldfastError).code;
      }
    };
    expect(codeOf("components: { a: { paths: [b] } }", "n", added)).toBe("COMPONENT_INVALID");
    expect(codeOf("v: [", "n", added)).toBe("CONFIG_INVALID");
    expect(codeOf("", "A B", added)).toBe("CONFIG_INVALID");
    expect(codeOf("components: []", "n", added)).toBe("CONFIG_INVALID");
  });

  it("gives, for any name of a file, a configuration that names exactly that file", () => {
    const name = fc
      .string({ unit: "binary", minLength: 1, maxLength: 20 })
      .filter((text) => !/[/\0]/.test(text) && text.isWellFormed());
    const start = fc.constantFrom(
      "",
      "v: 1",
      "{}",
      "components:\n  other: { paths: [zz/y] }\n",
      "components: { other: { paths: [zz/y] } }",
      configForInit({ orders: true }),
    );
    fc.assert(
      fc.property(start, name, (text, file) => {
        const pattern = patternOf(`dir/${file}` as TreePath);
        let edited: string;
        try {
          edited = withComponent(text, "added", { paths: [pattern], check: file });
        } catch (error) {
          expect(error).toBeInstanceOf(HoldfastError);
          // Only names that no tree path may have: "..", ".git" and the like.
          expect((error as Error).message).toMatch(/segment|git|names no path/);
          return;
        }
        const before = parseConfig(text);
        const after = parseConfig(edited);
        expect(after.components["added"]?.check).toBe(file);
        expect({ ...after, components: {} }).toEqual({ ...before, components: {} });
        expect(Object.keys(after.components)).toEqual([...Object.keys(before.components), "added"]);
      }),
      { numRuns: 500 },
    );
  });
});
