/** The house's order, as a test: the import table, the real world behind ports, short files and functions, telling names. */

import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { EXEMPTIONS } from "./tidy-exemptions.ts";
import { findingsIn } from "./tidy-rules.ts";

const ROOT = resolve(import.meta.dirname, "..");
const LAYERS = join(ROOT, ".dependency-cruiser.cjs");
const { ROOMS } = createRequire(import.meta.url)(LAYERS) as { ROOMS: Record<string, string[]> };

describe("the code", () => {
  const findings = ["src", "test", "scripts", "bench"].flatMap(sourcesBelow).flatMap(findingsIn);
  const isExempt = (finding: (typeof findings)[number]) =>
    EXEMPTIONS.some(({ path, rule }) => path === finding.path && rule === finding.rule);

  test("keeps to the rules of tidy-rules.ts", () => {
    const lines = findings
      .filter((finding) => !isExempt(finding))
      .map(({ rule, path, line, says }) => `${path}:${line} [${rule}] ${says}`);
    expect(lines).toEqual([]);
  });

  test("needs each exemption that it has", () => {
    const unneeded = EXEMPTIONS.filter(
      ({ path, rule }) => !findings.some((finding) => finding.path === path && finding.rule === rule),
    );
    expect(unneeded).toEqual([]);
  });

  test("has a door to every room", () => {
    const rooms = readdirSync(join(ROOT, "src"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const closed = rooms.filter(
      ({ name }) => sourcesBelow(`src/${name}`).length > 0 && !existsSync(join(ROOT, "src", name, "index.ts")),
    );
    expect(closed.map(({ name }) => `src/${name}/index.ts is missing`)).toEqual([]);
  });
});

describe("the import table", () => {
  test("says the same in docs/architecture.md and in the rules", () => {
    const normal = (table: Record<string, string[]>) =>
      Object.fromEntries(Object.entries(table).map(([room, allowed]) => [room, allowed.toSorted()]));
    expect(normal(documentedTable(readFileSync(join(ROOT, "docs", "architecture.md"), "utf8")))).toEqual(normal(ROOMS));
  });

  test("is enforced: each kind of breach is an error, and what is allowed is none", () => {
    const breaches = layersOf({
      "src/main.ts": `import "./platform/index.ts"; import "./vault/index.ts"; import "./vault/pack.ts";`,
      "src/platform/index.ts": `import "../base/index.ts";`,
      "src/base/index.ts": `import "../tree/index.ts";`,
      "src/tree/index.ts": `import "./layout.ts"; import { b } from "./two.ts"; export const a = b;`,
      "src/tree/two.ts": `import { a } from "./index.ts"; export const b = () => a;`,
      "src/tree/layout.ts": `import type { Path } from "./path.ts"; export const layout = 1; export type Layout = Path;`,
      "src/tree/path.ts": `import { layout } from "./layout.ts"; export type Path = typeof layout;`,
      "src/vault/index.ts": `import "../tree/index.ts"; import "./pack.ts"; import "./pack-fixture.ts"; import type { B } from "../platform/index.ts"; export type A = B;`,
      "src/vault/pack.ts": `import "../tree/layout.ts"; import "./missing.ts";`,
      "src/vault/pack.test.ts": `import "./pack.ts"; import "../platform/index.ts"; import "../tree/layout.ts";`,
      "src/vault/pack-fixture.ts": `import "./pack.ts"; import "../platform/index.ts";`,
      "src/vault/alone.ts": "export const alone = 1;",
      "src/attic/index.ts": `import "../base/index.ts";`,
    });
    expect(breaches).toEqual([
      "no-cycle: src/tree/index.ts → src/tree/two.ts",
      "no-orphan: src/vault/alone.ts → src/vault/alone.ts",
      "resolvable: src/vault/pack.ts → ./missing.ts",
      "room-base: src/base/index.ts → src/tree/index.ts",
      "room-in-the-table: src/attic/index.ts → src/base/index.ts",
      "room-vault: src/vault/index.ts → src/platform/index.ts",
      "roots-through-the-door: src/main.ts → src/vault/pack.ts",
      "tests-stay-out: src/vault/index.ts → src/vault/pack-fixture.ts",
      "through-the-door: src/vault/pack.test.ts → src/tree/layout.ts",
      "through-the-door: src/vault/pack.ts → src/tree/layout.ts",
    ]);
  });
});

describe("the rules", () => {
  const said = (path: string, text: string) =>
    findingsIn({ path, text: `/** Head. */\n${text}` }).map(({ line, rule, says }) => `${line} ${rule}: ${says}`);

  test("find what touches the real world, and name the port", () => {
    const text = `import { readFileSync } from "node:fs";
      const net = await import("node:net");
      export const now = Date.now();
      export const today = new Date();
      export const dice = () => Math.random() + Number(process.env["HOME"]);
      console.log(process.argv);`;
    expect(said("src/vault/pack.ts", text)).toEqual([
      "2 real-world: node:fs is platform's alone: use the port `Disk`",
      "3 real-world: node:net is platform's alone: use the room `protocol` with what platform hands in",
      "4 real-world: Date.now is platform's alone: use `Clock.now`",
      "5 real-world: new Date() is platform's alone: use `Clock.now`",
      "6 real-world: Math.random is platform's alone: use the port `Random`",
      "6 real-world: process.env is platform's alone: use `ProcessPort.env`",
      "7 real-world: console is platform's alone: use the port `Log`, or the operation's result",
    ]);
    for (const path of ["src/platform/disk.ts", "src/main.ts", "src/vault/pack.test.ts", "bench/run.ts"])
      expect(said(path, text)).toEqual([]);
  });

  test("leave the ports themselves alone", () => {
    const text = `import type { Stats } from "node:fs";
      export const f = (ports: Ports) => ports.process.env("HOME") + new Date(ports.clock.now()).toISOString();
      export function g({ process }: Ports) { return process.cwd(); }
      interface Ports { process: { env(name: string): string; cwd(): string }; clock: { now(): number }; console: Stats }`;
    expect(said("src/vault/pack.ts", text)).toEqual([]);
  });

  test("find long files and long functions, names that say nothing, default exports, missing heads, fat imports", () => {
    const lines = (count: number) => "\n".repeat(count);
    expect(said("src/a.ts", `${lines(300)}export {};`)).toEqual([expect.stringMatching(/^1 file-length: 302 lines/)]);
    expect(said("src/a.ts", `export const f = () => {${lines(70)}};`)).toEqual([
      expect.stringMatching(/^2 function-length: a function of 71 lines/),
    ]);
    expect(said("src/a.ts", `export function f() {${lines(69)}}`)).toEqual([]);
    expect(said("src/utils/packFile.ts", "")).toEqual([
      '1 file-name: "utils" says nothing: what is in it gets a noun and a home',
      '1 file-name: "packFile.ts" is not kebab-case',
    ]);
    expect(said("src/a.ts", "export default 1;")).toEqual(["2 default-export: exports have names"]);
    expect(said("src/a.ts", "const a = 1; export { a as default };")).toEqual(["2 default-export: exports have names"]);
    expect(findingsIn({ path: "src/a.ts", text: 'import "b";\n/** Doc. */\nexport const a = 1;' })).toEqual([]);
    expect(findingsIn({ path: "src/a.ts", text: "export {};" })).toMatchObject([{ rule: "head-comment", line: 1 }]);
    expect(said("src/a.ts", 'import { z } from "zod";')).toEqual([
      expect.stringMatching(/^2 lean-import: write `import \* as z/),
    ]);
    expect(said("src/a.ts", 'import * as z from "zod";')).toEqual([]);
  });
});

function sourcesBelow(folder: string): { path: string; text: string }[] {
  if (!existsSync(join(ROOT, folder))) return [];
  const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".ts"),
  );
  return names.map((name) => ({ path: `${folder}/${name}`, text: readFileSync(join(ROOT, folder, name), "utf8") }));
}

/** The table of docs/architecture.md: room → the rooms that it may import. */
function documentedTable(text: string): Record<string, string[]> {
  const rows = [
    ...text
      .split("| room | may import")[1]!
      .split("\n\n")[0]!
      .matchAll(/^\| ([a-z, ]+) \| ([a-z, –]+) \|/gm),
  ];
  const rooms = rows.flatMap(([, names]) => names!.split(", "));
  const table: Record<string, string[]> = { base: [] };
  for (const [, names, cell] of rows) {
    for (const name of names!.split(", ")) {
      const others = /^every room but (.*)$/.exec(cell!)?.[1]?.split(", ");
      if (others) table[name] = rooms.filter((room) => room !== name && !others.includes(room));
      else table[name] = cell === "–" ? [] : cell!.split(", ");
    }
  }
  return table;
}

/** Runs the real rules over made-up sources; returns `rule: from → to`, sorted. */
function layersOf(sources: Record<string, string>): string[] {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-layers-"));
  try {
    for (const [name, text] of Object.entries({ ...sources, "tsconfig.json": "{}", "package.json": "{}" })) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
    const program = join(ROOT, "node_modules", "dependency-cruiser", "bin", "dependency-cruiser.mjs");
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [program, "--config", LAYERS, "--output-type", "json", "src"],
      { cwd: folder, encoding: "utf8" },
    );
    expect(stderr).toBe("");
    const { summary } = JSON.parse(stdout) as {
      summary: { violations: { rule: { name: string; severity: string }; from: string; to: string }[] };
    };
    expect(summary.violations.every(({ rule }) => rule.severity === "error")).toBe(true);
    return summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`).sort();
  } finally {
    rmSync(folder, { recursive: true });
  }
}
