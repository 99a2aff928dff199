/** Copies of a tree, as a user meets them: found, compared, brought over, and made canonical on purpose. */

import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeTree, type TestTree } from "./holdfast.ts";

let tree: TestTree;
beforeEach(() => {
  tree = makeTree();
  for (const name of ["a", "b", "c"]) tree.write(`tools/${name}.sh`, `${name} 1\n`, 0o755);
  git("add", "tools");
  git("commit", "-q", "-m", "tools");
  tree.run(["protect", "tools", "--name", "tools"]);
});
afterEach(() => tree?.end());

function git(...args: string[]): void {
  gitIn(tree.root, ...args);
}
function gitIn(folder: string, ...args: string[]): void {
  const identity = ["-c", "user.name=T", "-c", "user.email=t@example.org"];
  const ran = spawnSync("git", [...identity, ...args], { cwd: folder, env: tree.environment, encoding: "utf8" });
  if (ran.status !== 0) throw new Error(ran.stderr);
}
const at = (path: string) => join(tree.base, path);
function clone(): string {
  gitIn(tree.base, "clone", "-q", tree.root, at("clone"));
  return at("clone");
}
const write = (path: string, text: string) => writeFileSync(at(path), text);
function json<T>(args: string[], options?: { cwd?: string; env?: NodeJS.ProcessEnv }): { code: number | null } & T {
  const ran = tree.run([...args, "--json"], options);
  return { code: ran.code, ...ran.json<T>() };
}
interface Compared {
  components: { name: string | null; same: number; paths: { path: string; kind: string; knownAs: string | null }[] }[];
  taken: { id: string; status: string; paths: string[]; left: { path: string; why: string }[] } | null;
}
const kinds = ({ components }: Compared) =>
  components.flatMap(({ name, paths }) => paths.map(({ path, kind }) => `${name ?? "-"} ${path} ${kind}`));

/** In the tree `a` went on, in the clone `b` was committed and `c` edited; the clone has lost its execute bit and a file. */
function diverge(): void {
  clone();
  tree.write("tools/a.sh", "a 2\n");
  git("commit", "-q", "-am", "a 2");
  tree.run(["accept", "tools"]);
  write("clone/tools/b.sh", "b 2\n");
  gitIn(at("clone"), "commit", "-q", "-am", "b 2");
  write("clone/tools/c.sh", "c, edited\n");
  tree.write("tools/d.sh", "d\n");
  tree.write("tools/e.sh", "e\n", 0o755);
  git("add", "tools");
  git("commit", "-q", "-m", "d and e");
  tree.run(["accept", "tools"]);
  write("clone/tools/e.sh", "e\n");
  write("clone/notes.md", "only in the clone\n");
}

describe("a copy", () => {
  it("is told apart from the tree file by file: missing, older, newer, unknown, mode, only there", () => {
    diverge();
    const compared = json<Compared>(["tree", "compare", at("clone")]);
    expect([compared.code, kinds(compared)]).toEqual([
      1,
      [
        "tools tools/a.sh older",
        "tools tools/b.sh newer",
        "tools tools/c.sh unknown",
        "tools tools/d.sh missing",
        "tools tools/e.sh mode",
        "holdfast holdfast.yaml missing",
        "- notes.md only-there",
      ],
    ]);
    const listed = json<{ copies: { standing: string; behind: number; components: object[] | null }[] }>([
      "tree",
      "list",
    ]);
    expect(listed.copies).toMatchObject([
      { standing: "canonical", components: null },
      {
        ...{ standing: "copy", root: at("clone"), behind: 2, ahead: 1 },
        components: [
          { name: "tools", missing: 1, older: 1, newer: 1, unknown: 1, mode: 1, same: 1 },
          { name: "holdfast" },
        ],
      },
    ]);
  });

  it("gives what only it has through an order, which overwrites nothing", () => {
    diverge();
    write("clone/run.sh", "#!/bin/sh\n");
    chmodSync(at("clone/run.sh"), 0o755);
    const compared = json<Compared>(["tree", "compare", "--apply"], { cwd: at("clone/tools") });
    expect(compared.taken).toMatchObject({ status: "done", paths: ["notes.md", "run.sh"], left: [] });
    expect([tree.read("notes.md"), statSync(join(tree.root, "run.sh")).mode & 0o777]).toEqual([
      "only in the clone\n",
      0o755,
    ]);
    expect([tree.read("tools/b.sh"), tree.read("tools/c.sh")]).toEqual(["b 1\n", "c 1\n"]);
    expect(json(["wo", "show", compared.taken!.id])).toMatchObject({
      stage: "accepted",
      paths: ["notes.md", "run.sh"],
    });
    expect(kinds(json<Compared>(["tree", "compare", at("clone")])).filter((one) => one.startsWith("-"))).toEqual([]);
  });

  it("is only read by every other verb, and what is asked there is answered for the tree", () => {
    clone();
    cpSync(join(tree.root, "holdfast.yaml"), at("clone/holdfast.yaml"));
    const ran = tree.run(["protect", "tools", "--json"], { cwd: at("clone") });
    expect([ran.code, ran.json()]).toMatchObject([3, { error: { code: "TREE_IS_COPY" } }]);
    expect(tree.run(["status"], { cwd: at("clone") }).err).toContain("is a copy; this is about");
  });

  it("is no answer in the tree itself, and a stranger is none of it", () => {
    gitIn(tree.base, "init", "-q", at("stranger"));
    const error = (...args: string[]) => json<{ error: { code: string } }>(["tree", ...args]);
    expect(error("compare")).toMatchObject({ code: 4, error: { code: "TREE_NO_COPY" } });
    expect(error("compare", at("stranger"))).toMatchObject({ code: 4, error: { code: "TREE_NOT_FOUND" } });
    expect(error("adopt", at("stranger"), "--yes")).toMatchObject({ code: 4, error: { code: "TREE_NOT_FOUND" } });
  });
});

describe("the canonical tree", () => {
  const which = (cwd: string) =>
    json<{ canonical: { root: string; id: string } }>(["tree", "which"], { cwd }).canonical;
  const history = (cwd: string) =>
    json<{ records: { event: string; summary: string }[] }>(["history"], { cwd }).records.map(({ event }) => event);

  it("that was moved is asked about, not guessed, and keeps its ledger, vault and baselines", () => {
    const { id } = which(tree.root);
    renameSync(tree.root, at("moved"));
    const refused = tree.run(["components", "--json"], { cwd: at("moved") });
    expect([refused.code, refused.json()]).toMatchObject([
      3,
      { error: { code: "TREE_MOVED", hint: `holdfast tree adopt ${at("moved")}` } },
    ]);
    expect(json(["tree", "adopt"], { cwd: at("moved") })).toMatchObject({
      code: 3,
      error: { code: "TREE_ADOPT_ASKS" },
    });
    expect(json(["tree", "adopt", "--yes"], { cwd: at("moved") })).toMatchObject({
      adopted: true,
      to: at("moved"),
      standing: "moved",
    });
    expect(which(at("moved"))).toMatchObject({ id, root: at("moved") });
    expect(history(at("moved"))).toEqual(
      expect.arrayContaining(["tree.initialized", "component.accepted", "tree.adopted"]),
    );
    expect(json(["check"], { cwd: at("moved") })).toMatchObject({ code: 0, ok: true });
    expect(json(["tree", "adopt", "--yes"], { cwd: at("moved") })).toMatchObject({ adopted: false, to: at("moved") });
  });

  it("moves to a copy on purpose: what the copy lacks is drift there, and what the old place had is in the vault", () => {
    diverge();
    tree.write("only-in-old.txt", "not remembered yet\n");
    const adopted = json<{ components: object[] }>(["tree", "adopt", at("clone"), "--yes"]);
    expect(adopted).toMatchObject({
      adopted: true,
      from: tree.root,
      to: at("clone"),
      components: [{ name: "tools", differing: 5 }, {}],
    });
    expect(readFileSync(at("clone/holdfast.yaml"), "utf8")).toBe(tree.read("holdfast.yaml"));
    const check = json<{ components: { drift: { path: string; kind: string }[] }[] }>(["check"], { cwd: at("clone") });
    expect(check.components[0]?.drift.map(({ path, kind }) => `${path} ${kind}`)).toEqual([
      "tools/a.sh reverted",
      "tools/d.sh deleted",
      "tools/e.sh mode-changed",
    ]);
    expect(json(["restore", "only-in-old.txt"], { cwd: at("clone") })).toMatchObject({ restored: ["only-in-old.txt"] });
    expect(existsSync(join(tree.root, "only-in-old.txt"))).toBe(true);
    expect(which(tree.root)).toMatchObject({ root: at("clone") });
  });

  it("moves to a worktree, and the checkout that it was is a workspace then", () => {
    git("worktree", "add", "-q", at("side"));
    tree.run(["snapshot"], { cwd: at("side") });
    expect(json(["tree", "adopt", at("side"), "--yes"])).toMatchObject({ adopted: true, standing: "workspace" });
    expect(json(["tree", "list"], { cwd: at("side") })).toMatchObject({
      copies: [
        { standing: "canonical", root: at("side") },
        { standing: "workspace", root: tree.root },
      ],
    });
    expect(json(["check"], { cwd: at("side") })).toMatchObject({ ok: true });
  });

  it("is not moved by an agent, nor under a running daemon", async () => {
    clone();
    const asAgent = { env: { CLAUDECODE: "1" } };
    expect(json(["tree", "adopt", at("clone"), "--yes"], asAgent)).toMatchObject({
      code: 3,
      error: { code: "REFUSED_FOR_AGENT" },
    });
    await tree.up();
    expect(json(["tree", "adopt", at("clone"), "--yes"])).toMatchObject({ code: 6, error: { code: "DAEMON_RUNNING" } });
    expect(which(tree.root).root).toBe(tree.root);
  });

  it("is the one that `LUKA_SOT` names, and a contradiction is said", () => {
    clone();
    const env = { LUKA_SOT: at("clone") };
    const { code, canonical } = json<{ canonical: { root: string; conflict: string } }>(["tree", "which"], { env });
    expect([code, canonical]).toMatchObject([1, { root: at("clone"), namedBy: "LUKA_SOT" }]);
    expect(canonical.conflict).toContain("is the registered tree");
    expect(json(["tree", "list"], { env })).toMatchObject({ code: 1, canonical: { root: at("clone") } });
    rmSync(at("clone"), { recursive: true });
  });
});
