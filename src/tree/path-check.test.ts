import { execFileSync } from "node:child_process";
import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { temporaryWorld, type World } from "../../test/temporary-world.ts";
import { HoldfastError, type TreeId, type TreePath } from "../base/index.ts";
import { allowedOutside } from "./outside.ts";
import { parseConfig } from "./parse-config.ts";
import { isAtOrBelow, parseTreePath } from "./path.ts";
import { checkedPath, treePathOf } from "./path-check.ts";
import { stateFolder } from "./state-folder.ts";
import type { Tree } from "./tree.ts";

let world: World;
let tree: Tree;

beforeEach(() => {
  world = temporaryWorld();
  const root = world.folder("tree");
  tree = {
    id: "0123456789abcdef" as TreeId,
    root,
    state: stateFolder(world.at("state"), "0123456789abcdef" as TreeId, world.ports.process),
    git: null,
  };
  world.write("tree/src/file.txt", "x");
  world.write("outside/secret", "x");
});
afterEach(() => world.remove());

function codeOf(work: () => unknown): string {
  try {
    work();
    return "accepted";
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    return error.code;
  }
}
const check = (text: string, of: Tree = tree) => checkedPath(of, parseTreePath(text), world.ports.disk);
const typed = (text: string, cwd?: string) =>
  treePathOf(tree, text, { disk: world.ports.disk, ...(cwd === undefined ? {} : { cwd }) });

describe("a path that is about to be written", () => {
  it("is the place below the root, whether it exists or not", () => {
    expect(check("src/file.txt")).toBe(join(tree.root, "src/file.txt"));
    expect(check("not/yet/there")).toBe(join(tree.root, "not/yet/there"));
  });

  it("may be a symbolic link itself, but never lead through one", () => {
    symlinkSync(world.at("outside"), join(tree.root, "way-out"));
    symlinkSync("src", join(tree.root, "way-round"));
    symlinkSync("nowhere", join(tree.root, "src/dangling"));
    expect(check("way-out")).toBe(join(tree.root, "way-out"));
    expect(codeOf(() => check("way-out/secret"))).toBe("PATH_THROUGH_LINK");
    expect(codeOf(() => check("way-round/file.txt"))).toBe("PATH_THROUGH_LINK");
    expect(codeOf(() => check("src/dangling/x"))).toBe("PATH_THROUGH_LINK");
  });

  it("has folders above it, and is no device, fifo or socket", () => {
    execFileSync("mkfifo", [join(tree.root, "pipe")]);
    expect(codeOf(() => check("src/file.txt/x"))).toBe("PATH_INVALID");
    expect(codeOf(() => check("pipe"))).toBe("PATH_INVALID");
    expect(codeOf(() => check("pipe/x"))).toBe("PATH_INVALID");
  });

  it("is never in a state folder that lies inside the tree, under any spelling", () => {
    const inside: Tree = {
      ...tree,
      state: stateFolder(join(tree.root, "Data/holdfast"), tree.id, world.ports.process),
    };
    for (const path of [
      "Data/holdfast",
      "data/HOLDFAST/trees.json",
      "Data/hold\u200cfast/x",
      `Data/holdfast/${tree.id}/holdfast.db`,
      "Data/holdfast./x",
    ]) {
      expect(codeOf(() => check(path, inside))).toBe("PATH_FORBIDDEN");
      expect(codeOf(() => treePathOf(inside, path, world.ports))).toBe("PATH_FORBIDDEN");
    }
    expect(codeOf(() => check("Data/other", inside))).toBe("accepted");
    expect(codeOf(() => check("Data/holdfast-notes", inside))).toBe("accepted");
  });

  it("is never in git's folder, by whatever name git keeps it", () => {
    mkdirSync(join(tree.root, "store/objects"), { recursive: true });
    const git = { workTree: tree.root, gitDir: join(tree.root, "store"), commonDir: join(tree.root, "store") };
    expect(codeOf(() => check("store/objects/x", { ...tree, git }))).toBe("PATH_FORBIDDEN");
    expect(codeOf(() => check("STORE/config", { ...tree, git }))).toBe("PATH_FORBIDDEN");
    expect(codeOf(() => check("stores/x", { ...tree, git }))).toBe("accepted");
  });

  it("is known for the state folder by what it is, not only by its name", () => {
    mkdirSync(tree.state.dir, { recursive: true });
    const disk = {
      // As a bind mount or a case-insensitive disk has it: another name, the same folder.
      lstat: (path: string) => world.ports.disk.lstat(path === join(tree.root, "mounted") ? tree.state.dir : path),
    };
    expect(codeOf(() => checkedPath(tree, "mounted/holdfast.db" as TreePath, disk))).toBe("PATH_FORBIDDEN");
  });
});

describe("a path as somebody typed it", () => {
  it("is relative to where they are, or absolute inside the tree", () => {
    expect(typed("src/file.txt")).toBe("src/file.txt");
    expect(typed("file.txt", join(tree.root, "src"))).toBe("src/file.txt");
    expect(typed("../other", join(tree.root, "src"))).toBe("other");
    expect(typed(join(tree.root, "a/b"))).toBe("a/b");
    expect(typed(`${tree.root}//src/./file.txt/`)).toBe("src/file.txt");
  });

  it("is taken by its real place, so that a link to the tree is a way in and a link out is none", () => {
    symlinkSync(tree.root, world.at("alias"));
    symlinkSync(world.at("outside"), join(tree.root, "way-out"));
    expect(typed(world.at("alias/src/file.txt"))).toBe("src/file.txt");
    expect(typed(join(tree.root, "way-out"))).toBe("way-out");
    expect(codeOf(() => typed(join(tree.root, "way-out/secret")))).toBe("PATH_ESCAPES");
  });

  it("does not leave the tree, and is not the tree", () => {
    expect(codeOf(() => typed("/etc/passwd"))).toBe("PATH_ESCAPES");
    expect(codeOf(() => typed("../..", join(tree.root, "src")))).toBe("PATH_ESCAPES");
    expect(codeOf(() => typed(`${tree.root}-other/x`))).toBe("PATH_ESCAPES");
    expect(codeOf(() => typed(tree.root))).toBe("PATH_INVALID");
    expect(codeOf(() => typed(".", tree.root))).toBe("PATH_INVALID");
    expect(codeOf(() => typed(`${tree.root}/x\0y`))).toBe("PATH_INVALID");
    expect(codeOf(() => typed(join(tree.root, ".git/config")))).toBe("PATH_FORBIDDEN");
  });

  it("that goes in circles or is too long is refused with a code", () => {
    symlinkSync("loop", join(tree.root, "loop"));
    expect(codeOf(() => typed(join(tree.root, "loop/x")))).toBe("PATH_THROUGH_LINK");
    expect(codeOf(() => typed(join(tree.root, "x".repeat(300), "y")))).toBe("PATH_INVALID");
  });

  it("never resolves outside the tree, whatever links and spellings are on the way", () => {
    symlinkSync(world.at("outside"), join(tree.root, "out"));
    symlinkSync("..", join(tree.root, "up"));
    symlinkSync("src", join(tree.root, "in"));
    const segment = fc.constantFrom(
      "..",
      ".",
      "src",
      "out",
      "up",
      "in",
      "tree",
      "file.txt",
      "outside",
      "secret",
      "new",
      "",
      ".git",
    );
    const text = fc
      .tuple(fc.boolean(), fc.array(segment, { maxLength: 7 }))
      .map(([absolute, parts]) => (absolute ? `${tree.root}/` : "") + parts.join("/"));
    fc.assert(
      fc.property(text, fc.boolean(), (written, inSrc) => {
        let place: string;
        try {
          place = checkedPath(tree, typed(written, inSrc ? join(tree.root, "src") : undefined), world.ports.disk);
        } catch (error) {
          if (!(error instanceof HoldfastError)) throw error;
          return;
        }
        const parent = nearestRealParent(place);
        expect(isAtOrBelow(parent, tree.root)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});

function nearestRealParent(place: string): string {
  for (let parent = join(place, ".."); ; parent = join(parent, "..")) {
    if (world.ports.disk.lstat(parent) !== null) return realpathSync(parent);
  }
}

describe("a path outside the tree", () => {
  const config = (...folders: string[]) => parseConfig(`orders: { allowOutside: ${JSON.stringify(folders)} }`);
  const outside = (text: string, ...folders: string[]) => allowedOutside(tree, config(...folders), text, world.ports);

  it("is allowed below a folder that the configuration names, in either spelling of home", () => {
    const folder = world.folder("home/Library/LaunchAgents");
    expect(outside("~/Library/LaunchAgents/a.plist", "~/Library/LaunchAgents")).toBe(join(folder, "a.plist"));
    expect(outside(join(folder, "deep/a.plist"), "~/Library/LaunchAgents/")).toBe(join(folder, "deep/a.plist"));
  });

  it("is accepted again as what it became", () => {
    const real = world.folder("elsewhere");
    symlinkSync(real, world.at("home/agents"));
    const path = outside("~/agents/x", "~/agents");
    expect(path).toBe(join(real, "x"));
    expect(outside(path, "~/agents")).toBe(path);
  });

  it("is refused anywhere else", () => {
    const folder = world.folder("allowed");
    for (const text of ["/etc/passwd", `${folder}-not/x`, "~/x", "relative", folder, `${folder}/`]) {
      expect(codeOf(() => outside(text, folder))).toBe("PATH_ESCAPES");
    }
    expect(codeOf(() => outside(`${folder}/../x`, folder))).toBe("PATH_ESCAPES");
    expect(codeOf(() => outside("/etc/passwd"))).toBe("PATH_ESCAPES");
    expect(codeOf(() => outside(`${folder}/.GIT/x`, folder))).toBe("PATH_FORBIDDEN");
    expect(codeOf(() => outside(`${folder}/a\0`, folder))).toBe("PATH_INVALID");
  });

  it("does not pass a link below the allowed folder", () => {
    const folder = world.folder("allowed");
    symlinkSync(world.at("outside"), join(folder, "out"));
    expect(codeOf(() => outside(join(folder, "out/secret"), folder))).toBe("PATH_THROUGH_LINK");
    writeFileSync(join(folder, "file"), "");
    expect(codeOf(() => outside(join(folder, "file/x"), folder))).toBe("PATH_INVALID");
  });

  it("is no back door into the tree, the state folder or git", () => {
    mkdirSync(tree.state.dir, { recursive: true });
    expect(codeOf(() => outside(join(tree.root, "x"), world.dir))).toBe("PATH_FORBIDDEN");
    expect(codeOf(() => outside(tree.state.db, world.dir))).toBe("PATH_FORBIDDEN");
    expect(codeOf(() => outside(world.at("state/trees.json"), world.dir))).toBe("PATH_FORBIDDEN");
  });
});
