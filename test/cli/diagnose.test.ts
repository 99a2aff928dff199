/** `diagnose`, `forensics`, `history --all` in a repository that nobody set up: the contract, nothing written, nothing run, hostile content. */

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, commit, ESCAPE, everything, git, hostileConfiguration } from "./diagnose-fixture.ts";
import { makeTree, type TestTree } from "./holdfast.ts";

describe("in a repository that nobody set up", () => {
  let tree: TestTree;
  let deleted: string;
  let good: string;
  const ran = () => (existsSync(join(tree.base, "ran")) ? readFileSync(join(tree.base, "ran"), "utf8") : "");
  const diagnose = (path: string, ...more: string[]) => tree.run(["diagnose", path, "--json", ...more]);

  beforeAll(() => {
    tree = makeTree({ init: null });
    tree.write("tools/sync.sh", "#!/bin/sh\necho sync\n", 0o755);
    tree.write("tools/old.sh", "#!/bin/sh\necho old\n", 0o755);
    tree.write(".gitattributes", "* diff=evil filter=evil merge=evil\n");
    tree.write("docs/guide.md", "run tools/ghost.sh\n");
    good = commit(tree, `first ${ESCAPE}`);
    git(tree, "rm", "-q", "tools/sync.sh");
    deleted = commit(tree, `auto-commit ${ESCAPE}`);
    git(tree, "rm", "-q", "tools/old.sh");
    commit(tree, "chore: remove old.sh");
    tree.write(`odd/a\nb${ESCAPE}.sh`, "x\n");
    commit(tree, "odd");
    symlinkSync("loop-b", join(tree.root, "loop-a"));
    symlinkSync("loop-a", join(tree.root, "loop-b"));
    mkdirSync(join(tree.root, "around"));
    symlinkSync("..", join(tree.root, "around/again"));
    tree.write("uncommitted.txt", "not in git\n");
    hostileConfiguration(tree);
  });
  afterAll(() => tree?.end());

  it("gives the contract's document, and exit code 1 for a loss", () => {
    const { code, err, json } = diagnose("tools/sync.sh");
    expect([code, err]).toEqual([1, ""]);
    expect(json()).toEqual({
      v: 1,
      subject: { path: "tools/sync.sh", component: null },
      state: { exists: false, kind: null, mode: null },
      verdict: "worked-then-broke",
      confidence: expect.any(Number),
      change: {
        kind: "deleted",
        at: expect.stringMatching(/^\d{4}-.*Z$/),
        by: { what: expect.stringContaining("auto-commit"), actor: "A", pid: null, confidence: expect.any(Number) },
        commit: deleted,
        equivalentCommits: [],
        intentional: false,
      },
      lastGood: {
        at: expect.stringMatching(/^\d{4}-.*Z$/),
        source: "git",
        commit: good,
        snapshot: null,
        digest: `sha256:${createHash("sha256").update("#!/bin/sh\necho sync\n").digest("hex")}`,
      },
      movedTo: null,
      says: expect.stringContaining("tools/sync.sh: it worked"),
      evidence: expect.arrayContaining([
        { at: expect.any(String), source: "git", says: expect.any(String), ref: deleted, weight: 0.95 },
      ]),
      searched: expect.arrayContaining([{ source: "git", complete: true, elapsedMs: expect.any(Number), note: null }]),
      proposals: expect.arrayContaining([
        { title: expect.any(String), command: expect.stringContaining("git restore --source="), risk: "low" },
      ]),
      elapsedMs: expect.any(Number),
    });
  });

  it("exits 0 for what is healthy and for what was meant, 1 for all else, and never 4", () => {
    expect(diagnose("docs/guide.md").code).toBe(0);
    const meant = diagnose("tools/old.sh");
    expect([meant.code, meant.json<Answer>().change?.intentional]).toEqual([0, true]);
    const ghost = diagnose("tools/ghost.sh");
    expect([ghost.code, ghost.json<Answer>().verdict]).toEqual([1, "never-existed"]);
    expect(ghost.json<Answer>().evidence).toContainEqual(
      expect.objectContaining({ says: expect.stringContaining("docs/guide.md"), weight: 0 }),
    );
  });

  it("does what its commands propose: the last good version is back", () => {
    const { command } = diagnose("tools/sync.sh")
      .json<Answer>()
      .proposals.find(({ title }) => /put/.test(title))!;
    spawnSync("sh", ["-c", command], { cwd: tree.root, env: { PATH: tree.environment["PATH"] } });
    expect(tree.read("tools/sync.sh")).toBe("#!/bin/sh\necho sync\n");
    spawnSync("rm", [join(tree.root, "tools/sync.sh")]);
  });

  it("asks from a folder, by an absolute path, through --tree, and with a glob", () => {
    mkdirSync(join(tree.root, "tools"), { recursive: true });
    const below = tree.run(["diagnose", "sync.sh", "--json"], { cwd: join(tree.root, "tools") });
    expect(below.json<Answer & { subject: { path: string } }>().subject.path).toBe("tools/sync.sh");
    expect(diagnose(join(tree.root, "tools/sync.sh")).json<Answer>().change?.commit).toBe(deleted);
    const away = tree.run(["diagnose", "tools/sync.sh", "--json", "--tree", tree.root], { cwd: tree.base });
    expect(away.json<Answer>().change?.commit).toBe(deleted);
    expect(diagnose("tools/s*.sh").json<Answer>().change?.commit).toBe(deleted);
  });

  it("shows foreign text as text, and stays one document", () => {
    for (const path of [
      "tools/sync.sh",
      `odd/a\nb${ESCAPE}.sh`,
      "loop-a",
      "loop-a/x",
      "around/again/around/again/tools/sync.sh",
      "odd",
    ]) {
      const shown = tree.run(["diagnose", path]);
      expect([path, shown.out.includes("\u001b"), shown.out.includes("\u0007")]).toEqual([path, false, false]);
      expect([0, 1]).toContain(shown.code);
      const raw = diagnose(path);
      expect(raw.out.trim().split("\n")).toHaveLength(1);
      expect(raw.out).not.toContain("\u001b");
    }
    expect(diagnose(`odd/a\nb${ESCAPE}.sh`).json<Answer>().verdict).toBe("healthy");
  });

  it("reads a log of 2 GB from its end, and passes over a line of 50 MB", () => {
    mkdirSync(join(tree.root, "logs"));
    const log = openSync(join(tree.root, "logs/huge.log"), "w");
    const size = 2 * 1024 ** 3;
    ftruncateSync(log, size);
    writeSync(log, "\n2026-01-02T03:04:05Z zsh: no such file: tools/sync.sh\n", size - 64);
    closeSync(log);
    mkdirSync(join(tree.root, "g/telemetry"), { recursive: true });
    const ledger = openSync(join(tree.root, "g/telemetry/unified.jsonl"), "w");
    writeSync(ledger, '{"ts":"2026-01-01T00:00:00Z","event":"run.ok","script":"tools/sync.sh"}\n{"a":"');
    writeSync(ledger, Buffer.alloc(50 * 1024 * 1024, "x"));
    writeSync(ledger, '"}\n');
    closeSync(ledger);
    const { evidence } = diagnose("tools/sync.sh").json<Answer>();
    expect(evidence).toContainEqual(
      expect.objectContaining({ source: "service-log", at: "2026-01-02T03:04:05.000Z", weight: 0.6 }),
    );
    expect(evidence).toContainEqual(
      expect.objectContaining({ source: "mls", says: expect.stringContaining("it ran") }),
    );
    spawnSync("rm", ["-r", join(tree.root, "logs"), join(tree.root, "g")]);
  });

  it("answers agents in at most 150 tokens", () => {
    for (const path of ["tools/sync.sh", "tools/ghost.sh", "docs/guide.md", "."]) {
      const { out } = tree.run(["diagnose", path, "--brief"]);
      // Tokens of today's models are some four characters of English; commits and paths take more.
      expect(out.length / 3.2, out).toBeLessThan(150);
    }
  });

  it("investigates a window and draws the gaps, without keeping a report where nobody asked for one", () => {
    const { code, json } = tree.run(["forensics", "--since", "1h", "--json", "tools/sync.sh"]);
    const report = json<{
      likely_cause: { commit: string; confidence: number; components: string[] };
      gaps: { source: string }[];
      report: null;
      git_events: { deleted: string[] }[];
    }>();
    expect(code).toBe(1);
    expect(report.likely_cause).toMatchObject({ commit: deleted, components: ["tools/sync.sh"] });
    expect(report.git_events.some((event) => event.deleted.includes("tools/sync.sh"))).toBe(true);
    expect(report.gaps.map(({ source }) => source)).toContain("holdfast");
    expect(report.report).toBeNull();
    expect(tree.run(["forensics", "--since", "now", "--until", "1h ago"]).code).toBe(2);
  });

  it("tells everything that git knows of a path", () => {
    const { code, json } = tree.run(["history", "tools/sync.sh", "--all", "--json"]);
    const { evidence } = json<{ evidence: { ref: string }[] }>();
    expect([code, evidence.map(({ ref }) => ref)]).toEqual([0, [good, deleted]]);
  });

  it("leaves no byte changed, makes no state folder, and runs nothing that the repository configures", () => {
    // What other tests' own git did is no matter here.
    rmSync(join(tree.base, "ran"), { force: true });
    const before = everything(tree.root);
    for (const args of [
      ["diagnose", "tools/sync.sh"],
      ["diagnose", "docs/guide.md"],
      ["diagnose", "tools"],
      ["diagnose", "tools/ghost.sh"],
      ["diagnose", "."],
      ["diagnose", ".git/config"],
      ["forensics", "--since", "1h"],
      ["history", "--all"],
    ])
      expect([0, 1]).toContain(tree.run(args).code);
    expect(everything(tree.root)).toBe(before);
    expect(existsSync(tree.home)).toBe(false);
    expect(ran()).toBe("");
    // They would have run: git itself does it.
    git(tree, "status");
    expect(ran()).not.toBe("");
  });

  it("works where nothing may be written", () => {
    if (process.getuid?.() !== 0) return;
    const place = join(tree.base, "sealed");
    spawnSync("git", ["clone", "-q", tree.root, place], { env: tree.environment });
    spawnSync("chown", ["-R", "65534:65534", place]);
    spawnSync("chmod", ["-R", "a-w,a+rX", tree.base]);
    try {
      const { status, stdout } = spawnSync(
        "setpriv",
        [
          "--reuid=65534",
          "--regid=65534",
          "--clear-groups",
          process.execPath,
          join(import.meta.dirname, "../../dist/main.cjs"),
          "diagnose",
          "tools/sync.sh",
          "--json",
          "--tree",
          place,
        ],
        { cwd: "/", env: { ...tree.environment, HOLDFAST_HOME: "/proc/nothing" }, encoding: "utf8" },
      );
      expect([status, (JSON.parse(stdout) as Answer).change?.commit]).toEqual([1, deleted]);
    } finally {
      spawnSync("chmod", ["-R", "u+w", tree.base]);
    }
  });
});
