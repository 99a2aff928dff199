import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { temporaryWorld, type World } from "../../test/temporary-world.ts";
import type { TreePath } from "../base/index.ts";
import { headOf, trackedPaths } from "./git-facts.ts";
import { treeOf } from "./locate.ts";
import type { RegistryEntry } from "./registry-file.ts";
import type { Tree } from "./tree.ts";

let world: World;
beforeEach(() => {
  world = temporaryWorld();
});
afterEach(() => world.remove());

function treeAt(root: string): Tree {
  return treeOf({ id: "0123456789abcdef", root } as RegistryEntry, world.at("state"), world.ports);
}
const tracked = async (tree: Tree, ...paths: string[]) => [
  ...(await trackedPaths(tree, paths as TreePath[], world.ports)),
];

describe("tracked paths", () => {
  it("are those in the index, whatever their names", async () => {
    const root = world.repository("mono");
    const hostile = [
      "a b",
      "new\nline",
      'quo"te',
      "back\\slash",
      "*.txt",
      ":(top)x",
      "-f",
      "ä",
      "a\u0308",
      "[x]",
      "tab\t",
      "!x",
      "#x",
      "\u{1f600}",
      "sub/deep/x",
      ":!README.md",
    ];
    for (const name of hostile) world.write(`mono/${name}`, name);
    world.git(root, "add", "-A");
    world.write("mono/y.txt", "untracked, though *.txt is asked for");
    world.write("mono/sub/untracked", "");
    const asked = [...hostile, "y.txt", "sub/untracked", "sub", "missing", ".gitignore"];
    expect(await tracked(treeAt(root), ...asked)).toEqual(hostile);
  });

  it("are found in a submodule, a nested clone and a subfolder tree too", async () => {
    const root = world.repository("mono");
    world.repository("library");
    world.git(
      root,
      "-c",
      "protocol.file.allow=always",
      "submodule",
      "add",
      "-q",
      world.at("library"),
      "vendor/library",
    );
    world.repository("mono/nested");
    world.write("mono/nested/loose", "");
    const asked = ["vendor/library/README.md", "vendor/library/x", "nested/README.md", "nested/loose", "README.md"];
    expect(await tracked(treeAt(root), ...asked)).toEqual([
      "vendor/library/README.md",
      "nested/README.md",
      "README.md",
    ]);
    world.write("mono/part/file", "");
    world.git(root, "add", "part/file");
    expect(await tracked(treeAt(world.at("mono/part")), "file", "other")).toEqual(["file"]);
  });

  it("are none outside git, and nothing is tracked beyond a link", async () => {
    world.write("plain/file", "");
    expect(await tracked(treeAt(world.at("plain")), "file")).toEqual([]);
    const root = world.repository("mono");
    world.write("mono/sub/file", "");
    world.git(root, "add", "sub/file");
    symlinkSync("sub", world.at("mono/link"));
    expect(await tracked(treeAt(root), "link/file", "sub/file", "link")).toEqual(["sub/file"]);
  });

  it("are never guessed: when git fails, that is an error", async () => {
    const root = world.repository("mono");
    writeFileSync(world.at("mono/.git/index"), "rubbish");
    await expect(tracked(treeAt(root), "README.md")).rejects.toThrow();
  });

  it("come in batches that a command line can hold", async () => {
    const root = world.repository("mono");
    const names = Array.from({ length: 3_000 }, (_, n) => `folder-${"x".repeat(40)}/${n}-${"y".repeat(30)}`);
    for (const name of names) {
      mkdirSync(dirname(world.at("mono", name)), { recursive: true });
      writeFileSync(world.at("mono", name), "");
    }
    world.git(root, "add", "-A");
    const asked = names.flatMap((name) => [name, `${name}-not`]);
    expect(await tracked(treeAt(root), ...asked)).toEqual(names);
  });

  it("are exactly what git added, for any names", async () => {
    const root = world.repository("mono");
    const tree = treeAt(root);
    const name = fc
      .string({ unit: "binary", minLength: 1, maxLength: 8 })
      .filter(
        (text) => text.isWellFormed() && !/[/\0]/.test(text) && !/git/i.test(text) && text !== "." && text !== "..",
      );
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(name, { minLength: 2, maxLength: 6 }), async (names) => {
        round += 1;
        const folder = `round-${round}`;
        const paths = names.map((text) => `${folder}/${text}`);
        for (const path of paths) world.write(`mono/${path}`, "");
        const [first, ...rest] = paths;
        world.git(root, "--literal-pathspecs", "add", "-f", "--", first!);
        expect(await tracked(tree, first!, ...rest)).toEqual([first]);
      }),
      { numRuns: 15 },
    );
  });
});

describe("what a tree has checked out", () => {
  it("is a branch, a commit, or nothing outside git", () => {
    const root = world.repository("mono");
    expect(headOf(treeAt(root), world.ports.git)?.branch).toBe("main");
    world.git(root, "checkout", "-q", "--detach");
    expect(headOf(treeAt(root), world.ports.git)).toEqual({
      branch: null,
      commit: world.git(root, "rev-parse", "HEAD").trim(),
    });
    expect(headOf(treeAt(world.folder("plain")), world.ports.git)).toBeNull();
  });
});
