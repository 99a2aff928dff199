import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import ignore from "ignore";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { TreePath } from "../base/index.ts";
import { realPorts } from "../platform/index.ts";
import { IgnorePatterns } from "./ignore-patterns.ts";
import { RememberRules, type RuleSources } from "./ignore-rules.ts";
import { PathSet } from "./protected-paths.ts";
import { judgePath, type WalkRequest, walkTree } from "./walk.ts";

const { disk } = realPorts();
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "holdfast-walk-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("a walk", () => {
  test("takes all but what is excluded, and what is precious or protected in spite of that", () => {
    plant(
      "a.ts",
      "b.log",
      "important.local.log",
      "node_modules/x/index.js",
      "node_modules/x/kept/f",
      "dist/out.js",
      "sub/dist/out.js",
    );
    const rules = {
      exclude: ["*.log", "node_modules", "/dist"],
      precious: ["*.local.*"],
      protectedPaths: ["node_modules/x/kept"],
    };
    expect(walked(rules)).toMatchObject({
      keep: [
        "a.ts",
        "important.local.log",
        "node_modules/x/kept",
        "node_modules/x/kept/f",
        "sub",
        "sub/dist",
        "sub/dist/out.js",
      ],
      pass: ["node_modules", "node_modules/x"],
    });
  });

  test("below a protected folder takes what git ignores, and leaves out what is excluded by name", () => {
    plant("app/node_modules/x.js", "app/state.json", "app/deep/cache.json", "logs/audit.log", "logs/other.log");
    writeFileSync(join(root, ".gitignore"), "*.json\n");
    const rules = { exclude: ["node_modules", "*.log"], protectedPaths: ["app", "logs/audit.log"] };
    expect(walked({ ...rules }).keep).toEqual([
      ".gitignore",
      "app",
      "app/deep",
      "app/deep/cache.json",
      "app/state.json",
      "logs",
      "logs/audit.log",
    ]);
  });

  test("obeys git at every level, but for what is precious or tracked", () => {
    plant(
      "keep/generated.txt",
      "keep/other.gen",
      "build/.env",
      "build/out.o",
      "build/deep/dev.sqlite",
      "build/tracked.c",
      "sub/secret.txt",
      "secret.txt",
    );
    writeFileSync(join(root, ".gitignore"), "build/\n*.gen\n/secret.txt\n");
    writeFileSync(join(root, "keep/.gitignore"), "generated.txt\n!other.gen\n");
    const found = walked({ precious: [".env*", "*.sqlite*"], trackedIgnored: new Set(["build/tracked.c"]) });
    expect(found.keep).toEqual([
      ".gitignore",
      "build/.env",
      "build/deep/dev.sqlite",
      "build/tracked.c",
      "keep",
      "keep/.gitignore",
      "keep/other.gen",
      "sub",
      "sub/secret.txt",
    ]);
  });

  test("says what git says of which files are ignored", () => {
    const name = fc.constantFrom("a", "b.log", "c", "d.txt");
    const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
    const pattern = fc.constantFrom(
      "a",
      "a/",
      "/a",
      "*.log",
      "!b.log",
      "c/*",
      "a/c",
      "**/d.txt",
      "!/c",
      "d*",
      "# a",
      "",
      "\\#x",
      "b.log ",
    );
    const text = fc.array(pattern, { maxLength: 4 }).map((lines) => lines.join("\n"));
    execFileSync("git", ["init", "-q"], { cwd: root });
    fc.assert(
      fc.property(fc.array(path, { maxLength: 6 }), text, text, (paths, atRoot, atA) => {
        execFileSync("find", [".", "-mindepth", "1", "-not", "-path", "./.git*", "-delete"], { cwd: root });
        for (const one of paths) plantIfPossible(one);
        writeFileSync(join(root, ".gitignore"), atRoot);
        plantIfPossible("a/.gitignore", atA);
        const byGit = execFileSync("git", ["ls-files", "-z", "-o", "--exclude-standard"], { cwd: root });
        expect(walked({}).files).toEqual(byGit.toString().split("\0").filter(Boolean).sort());
      }),
      { numRuns: 60 },
    );
  });

  test("never enters .git, under any spelling, nor the state folder, and follows no link", () => {
    plant(".git/config", "sub/.git/config", "sub/.GIT/config", "state/holdfast.db", "real/f");
    symlinkSync("real", join(root, "link"));
    const skipped: string[] = [];
    for (const folder of walkTree(request({ apart: new Set(["state" as TreePath]) })))
      skipped.push(...folder.skipped.map((one) => one.path));
    expect(walked({ apart: new Set(["state" as TreePath]) }).keep).toEqual(["link", "real", "real/f", "sub"]);
    expect(skipped).toEqual(["sub/.GIT"]);
  });

  test("judges one path as it judges all", () => {
    plant("build/.env", "build/x", "src/a");
    writeFileSync(join(root, ".gitignore"), "build\n");
    const one = (path: string) => judgePath(request({ precious: [".env*"] }), path as TreePath, false);
    expect(["build/.env", "build/x", "src/a", "src/new"].map(one)).toEqual(["keep", "drop", "keep", "keep"]);
  });

  test("takes over what it knows of a folder that has not moved, but not below a changed ignore file", () => {
    plant("a/f", "b/f");
    writeFileSync(join(root, "a/.gitignore"), "nothing\n");
    const first = [...walkTree(request({}))];
    const ignoreFiles = new Map(
      first.flatMap(({ path, ignoreFile }) => (ignoreFile === null ? [] : [[path, ignoreFile] as const])),
    );
    writeFileSync(join(root, "a/.gitignore"), "f\n");
    const known = new Map(
      first.map(({ path, names }) => [path, { names: new Map(names.map((name) => [name.name, name])), skipped: [] }]),
    );
    const asked: string[] = [];
    const again = request({});
    const folders = walkTree({
      ...again,
      knownIgnoreFiles: ignoreFiles,
      known(path) {
        asked.push(path);
        return known.get(path) ?? null;
      },
    });
    expect([...folders].flatMap(({ names }) => names.map(({ path }) => path)).sort()).toEqual([
      "a",
      "a/.gitignore",
      "b",
      "b/f",
    ]);
    expect(asked).not.toContain("a");
    expect(asked).toContain("b");
  });
});

test("plain patterns mean what the ignore package says that they mean", () => {
  const word = fc.constantFrom("a", "B", ".env", "x.log", "a.b", "éa");
  const pattern = fc
    .tuple(fc.constantFrom("", "*"), word, fc.constantFrom("", "*", "/"))
    .map((parts) => parts.join(""));
  const path = fc.array(fc.constantFrom("a", "b", "B", ".env", ".env.local", "x.log", "a.b", "éa", "ab"), {
    minLength: 1,
    maxLength: 3,
  });
  fc.assert(
    fc.property(
      fc.array(pattern, { maxLength: 4 }),
      path,
      fc.boolean(),
      fc.boolean(),
      (patterns, parts, isFolder, ignoreCase) => {
        const text = parts.join("/");
        const reference = ignore({ ignorecase: ignoreCase }).add(patterns);
        expect(new IgnorePatterns(patterns, ignoreCase).covers(text, isFolder)).toBe(
          reference.ignores(isFolder ? `${text}/` : text),
        );
      },
    ),
    { numRuns: 2_000 },
  );
});

type Rules = Partial<Omit<RuleSources, "protectedPaths">> & { protectedPaths?: string[] };

function request(rules: Rules): WalkRequest {
  const sources = {
    exclude: [],
    precious: [],
    apart: new Set<TreePath>(),
    outerIgnores: [],
    trackedIgnored: new Set<string>(),
    ignoreCase: false,
    ...rules,
    protectedPaths: new PathSet(rules.protectedPaths ?? []),
  };
  return { root, disk, rules: new RememberRules(sources), useIgnoreFiles: true };
}

function walked(rules: Rules): { keep: string[]; pass: string[]; files: string[] } {
  const names = [...walkTree(request(rules))].flatMap((folder) => [...folder.names]);
  const by = (verdict: string) =>
    names
      .filter((name) => name.verdict === verdict)
      .map(({ path }) => path as string)
      .sort();
  const files = names.filter(({ stat }) => stat.kind !== "dir").map(({ path }) => path as string);
  return { keep: by("keep"), pass: by("pass"), files: files.sort() };
}

function plant(...paths: string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), path);
  }
}

function plantIfPossible(path: string, text = path): void {
  try {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  } catch (error) {
    if (!["EEXIST", "ENOTDIR", "EISDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}
