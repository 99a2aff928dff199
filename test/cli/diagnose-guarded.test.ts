/** `diagnose` and `forensics` in a tree that Holdfast guards: its memory beside git's. */

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, commit, git } from "./diagnose-fixture.ts";
import { makeTree, type TestTree } from "./holdfast.ts";

describe("in a tree that Holdfast guards", () => {
  let tree: TestTree;
  beforeAll(() => {
    tree = makeTree({ init: ["--orders"] });
    tree.write(".env", "SECRET=1\n");
    tree.write(".gitignore", ".env\n");
    tree.write("agents/run.sh", "#!/bin/sh\necho one\n", 0o755);
    commit(tree, "first");
    tree.run(["protect", "agents", "--name", "agents"]);
    tree.run(["snapshot"]);
  });
  afterAll(() => tree?.end());

  it("knows what git never had, and how to put it back", () => {
    spawnSync("rm", [join(tree.root, ".env")]);
    const answer = tree.run(["diagnose", ".env", "--json"]).json<Answer>();
    expect(answer).toMatchObject({
      verdict: "worked-then-broke",
      change: { kind: "deleted", commit: null, intentional: false },
      lastGood: { source: "vault", digest: `sha256:${createHash("sha256").update("SECRET=1\n").digest("hex")}` },
    });
    spawnSync(
      "sh",
      ["-c", answer.proposals[0]!.command.replace("holdfast", join(import.meta.dirname, "../../bin/holdfast"))],
      {
        cwd: tree.root,
        env: tree.environment,
      },
    );
    expect(tree.read(".env")).toBe("SECRET=1\n");
  });

  it("knows work that was lost before it was committed", () => {
    tree.write("agents/run.sh", "#!/bin/sh\necho two, not committed\n", 0o755);
    tree.run(["snapshot"]);
    git(tree, "checkout", "-q", "--", "agents/run.sh");
    const answer = tree.run(["diagnose", "agents/run.sh", "--json"]).json<Answer>();
    expect(answer).toMatchObject({
      verdict: "worked-then-broke",
      change: { kind: "reverted", commit: null },
      lastGood: {
        source: "vault",
        digest: `sha256:${createHash("sha256").update("#!/bin/sh\necho two, not committed\n").digest("hex")}`,
      },
    });
    tree.run(["restore", "agents/run.sh", "--from", answer.lastGood!.digest!]);
    expect(tree.read("agents/run.sh")).toContain("two, not committed");
  });

  it("knows an order's deletion for what it is", () => {
    tree.write("notes/old.txt", "old\n");
    tree.run(["snapshot"]);
    const order = { id: "WO-TIDY-1", title: "tidy", operations: [{ op: "delete", path: "notes/old.txt" }] };
    expect(tree.run(["submit", "-", "--wait"], { input: JSON.stringify(order) }).code).toBe(0);
    const answer = tree.run(["diagnose", "notes/old.txt", "--json"]);
    expect([answer.code, answer.json<Answer>().change]).toMatchObject([
      0,
      { kind: "deleted", intentional: true, by: { what: "order WO-TIDY-1" } },
    ]);
  });

  it("answers for a component by its name", () => {
    expect(tree.run(["diagnose", "agents", "--json"]).json()).toMatchObject({
      subject: { path: "agents", component: "agents" },
      verdict: "healthy",
    });
  });

  it("keeps a report of an investigation, on record and for other agents", () => {
    const { json } = tree.run(["forensics", "--since", "1h", "--name", "wo_pipeline", "--json", "agents"]);
    const { report, markdown } = json<{ report: string; markdown: string }>();
    expect(report).toMatch(/^g\/reports\/forensic_wo_pipeline_\d{8}\.json$/);
    expect(JSON.parse(tree.read(report))).toMatchObject({ v: 1, name: "wo_pipeline", components: ["agents"] });
    expect(tree.read(markdown)).toContain("# Forensics: `wo_pipeline`");
    const records = tree.run(["history", "--json"]).json<{ records: { event: string; data: unknown }[] }>().records;
    expect(records.find(({ event }) => event === "forensics.completed")?.data).toMatchObject({ report });
    const day = new Date().toISOString().slice(0, 10);
    expect(tree.read(`mls/ledger/${day}.jsonl`)).toContain("forensics wo_pipeline");
    const again = tree.run(["forensics", "--since", "1h", "--name", "wo_pipeline", "--json", "agents"]);
    expect(again.json<{ report: string }>().report).toMatch(/_\d{8}-2\.json$/);
  });

  it("puts the ledger's records among everything else that is known", () => {
    const { evidence } = tree
      .run(["history", "agents/run.sh", "--all", "--json"])
      .json<{ evidence: Answer["evidence"] }>();
    expect(new Set(evidence.map(({ source }) => source))).toEqual(new Set(["git", "ledger"]));
  });

  it("says in a copy what the canonical tree has", () => {
    const copy = join(tree.base, "copy");
    spawnSync("cp", ["-R", tree.root, copy]);
    tree.write("agents/new.sh", "#!/bin/sh\n", 0o755);
    const answer = tree.run(["diagnose", "agents/new.sh", "--json", "--tree", copy]).json<Answer>();
    expect(answer.verdict).toBe("stale-copy");
  });
});
