/** `holdfast undo`: what a session, or the last act, did is taken back, and nothing that anybody else touched since. */

import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { agentsIn } from "./agent-payloads.ts";
import { ended, makeTree, type TestTree } from "./holdfast.ts";
import { submit } from "./order-fixture.ts";

let tree: TestTree;
const at = (path: string) => join(tree.root, path);
const undo = (...args: string[]) => tree.run(["undo", ...args]);
interface Undone {
  run: string | null;
  changed: string[];
  skipped: { path: string }[];
  overlaps: { path: string; by: string }[];
  acts: { what: string; actor: string; session: string | null }[];
}
const undone = (...args: string[]) => undo(...args, "--json").json<Undone>();

/** As Claude Code does it: the hook before, the command, the hook after. */
function agentRuns(session: string, command: string): void {
  const { before, after } = agentsIn(tree.root)["claude-code"]!;
  const fire = (event: string, payload: object) => {
    const config = JSON.parse(readFileSync(join(tree.base, "user/.claude/settings.json"), "utf8"));
    const ran = spawnSync("/bin/sh", ["-c", config.hooks[event][0].hooks[0].command], {
      cwd: tree.root,
      env: tree.environment,
      input: JSON.stringify({ ...payload, session_id: session, hook_event_name: event }),
      encoding: "utf8",
    });
    expect(ran).toMatchObject({ status: 0, stdout: "", stderr: "" });
  };
  fire(before.event, before.payload(command));
  spawnSync("/bin/sh", ["-c", command], { cwd: tree.root, env: tree.environment });
  const { error: _, ...payload } = after.payload(command, "done") as Record<string, unknown>;
  fire("PostToolUse", { ...payload, tool_response: { stdout: "done" } });
}

beforeAll(() => {
  tree = makeTree({ init: ["--orders"] });
  for (const name of ["a", "b", "c", "d"]) tree.write(`docs/${name}.md`, `${name} one\n`);
  tree.write("agents/x/run.sh", "#!/bin/sh\none\n", 0o755);
  tree.write("build.sh", "echo built > out.txt; rm -f docs/d.md; chmod 600 docs/c.md\n");
  tree.run(["protect", "agents/x", "--name", "x"]);
  expect(tree.run(["hooks", "install", "claude-code"]).code).toBe(0);
});
afterAll(() => tree?.end());

describe.each(["without a daemon", "with a daemon"])("%s", (when) => {
  const s = (name: string) => `${name}-${when === "with a daemon" ? 2 : 1}`;
  let daemon: Awaited<ReturnType<TestTree["up"]>> | null = null;
  beforeAll(async () => {
    if (when === "with a daemon") daemon = await tree.up();
  });
  afterAll(async () => {
    daemon?.kill("SIGTERM");
    if (daemon !== null) await ended(daemon);
  });

  it("a session's doings go back, whatever it called, and one command brings them back", () => {
    tree.write("docs/theirs.md", "before\n");
    agentRuns(s("one"), "sed -i s/one/two/ docs/a.md; rm docs/b.md");
    agentRuns(s("other"), "echo other > docs/other.md");
    tree.write("docs/theirs.md", "a person's\n");
    agentRuns(s("one"), "sh build.sh");
    agentRuns(s("one"), "sed -i s/two/three/ docs/a.md");
    const planned = undone("--session", s("one"), "--dry-run");
    const expected = ["docs/a.md", "docs/b.md", "docs/c.md", "docs/d.md", "out.txt"];
    expect([planned.run, planned.changed, planned.overlaps]).toEqual([null, expected, []]);
    expect(planned.acts.map(({ what, session }) => [what, session])).toEqual([
      ["sed -i s/one/two/ docs/a.md; rm docs/b.md", s("one")],
      ["sh build.sh", s("one")],
      ["sed -i s/two/three/ docs/a.md", s("one")],
    ]);
    expect(tree.read("docs/a.md")).toBe("a three\n");
    const ran = undo("--session", s("one"));
    expect([ran.code, ran.err]).toEqual([0, ""]);
    expect([tree.read("docs/a.md"), tree.read("docs/b.md"), tree.read("docs/d.md")]).toEqual([
      "a one\n",
      "b one\n",
      "d one\n",
    ]);
    expect([existsSync(at("out.txt")), tree.read("docs/other.md"), tree.read("docs/theirs.md")]).toEqual([
      false,
      "other\n",
      "a person's\n",
    ]);
    const records = tree
      .run(["history", "--json", "--limit", "3"])
      .json<{ records: { event: string; data: object }[] }>();
    expect(records.records).toContainEqual(
      expect.objectContaining({ event: "rollback.completed", data: expect.objectContaining({ kind: "undo" }) }),
    );
    const run = /holdfast rollback (R-[0-9a-f]+)/.exec(ran.out)![1]!;
    expect(tree.run(["rollback", run]).code).toBe(0);
    expect([tree.read("docs/a.md"), existsSync(at("docs/b.md")), tree.read("out.txt")]).toEqual([
      "a three\n",
      false,
      "built\n",
    ]);
    expect(undo("--session", s("one")).code).toBe(0);
    expect(tree.read("docs/a.md")).toBe("a one\n");
  });

  it("refuses where somebody changed it since, names them, and offers the rest", () => {
    agentRuns(s("two"), "echo two >> docs/a.md; echo two >> docs/b.md; echo two >> docs/c.md");
    agentRuns(s("second"), "echo second >> docs/b.md");
    tree.write("docs/c.md", "a person's\n");
    agentRuns(s("two"), "echo again >> docs/c.md");
    const refused = undo("--session", s("two"));
    expect([refused.code, refused.out, tree.read("docs/a.md")]).toEqual([3, "", "a one\ntwo\n"]);
    expect(refused.err).toContain("ROLLBACK_OVERLAPS");
    expect(refused.err).toMatch(/docs\/b\.md was changed since by echo second >> docs\/b\.md \(claude-code\)/);
    expect(refused.err).toMatch(/docs\/c\.md was changed since by somebody at /);
    expect(refused.err).toContain(`holdfast undo --session ${s("two")} --rest`);
    const rest = undone("--session", s("two"), "--rest");
    expect([rest.changed, rest.overlaps.map(({ path }) => path)]).toEqual([["docs/a.md"], ["docs/c.md", "docs/b.md"]]);
    expect([tree.read("docs/a.md"), tree.read("docs/b.md"), tree.read("docs/c.md")]).toEqual([
      "a one\n",
      "b one\ntwo\nsecond\n",
      "a person's\nagain\n",
    ]);
    tree.write("docs/b.md", "b one\n");
    tree.write("docs/c.md", "c one\n");
    chmodSync(at("docs/c.md"), 0o644);
  });

  it("the last act is undone by itself, and undone again it is back", () => {
    agentRuns(s("three"), "rm docs/a.md");
    expect(tree.run(["exec", "--", "sh", "-c", "rm docs/b.md; true"]).code).toBe(0);
    expect(undone("--last").changed).toEqual(["docs/b.md"]);
    const again = [undone(), undone("--dry-run")];
    expect(again.map(({ changed }) => changed)).toEqual([["docs/b.md"], ["docs/b.md"]]);
    const act = "sh -c 'rm docs/b.md; true'";
    expect(again.map(({ acts }) => acts.map(({ what }) => what))).toEqual([[`undo of ${act}`], [act]]);
    expect([existsSync(at("docs/a.md")), existsSync(at("docs/b.md"))]).toEqual([false, false]);
    expect(undone().changed).toEqual(["docs/b.md"]);
    // An agent's last is its own.
    const own = tree.run(["undo", "--json"], {
      env: { CLAUDECODE: "1", CLAUDE_CODE_SESSION_ID: s("three") },
    });
    expect(own.json<Undone>().changed).toEqual(["docs/a.md"]);
    expect(tree.read("docs/a.md")).toBe("a one\n");
  });

  it("what an order left accepted needs force; new work on what is protected does not", () => {
    submit(tree, { id: `WO-${s("o")}`, title: "o", files: [{ path: `srv/${s("o")}`, content: "o\n" }] }, "--wait");
    const refused = undo("--last");
    expect([refused.code, existsSync(at(`srv/${s("o")}`))]).toEqual([3, true]);
    expect(refused.err).toContain("ROLLBACK_PROTECTED");
    expect(undone("--last", "--force").changed).toContain(`srv/${s("o")}`);
    expect(existsSync(at(`srv/${s("o")}`))).toBe(false);
    agentRuns(s("four"), "echo newer >> agents/x/run.sh");
    expect(undone("--session", s("four")).changed).toEqual(["agents/x/run.sh"]);
    expect([tree.read("agents/x/run.sh"), tree.run(["check"]).code]).toEqual(["#!/bin/sh\none\n", 0]);
  });

  it("a session of which nothing is on record is said, with those that are", () => {
    const unknown = undo("--session", "nobody");
    expect(unknown.code).toBe(4);
    expect(unknown.err).toContain(`on record: ${s("four")}`);
    expect(undo("--session", "x", "--last").code).toBe(2);
    const forced = tree.run(["undo", "--last", "--force"], { env: { CLAUDECODE: "1" } });
    expect(forced.code).toBe(3);
  });
});

it("where nothing was done, nothing is undone", () => {
  const fresh = makeTree();
  try {
    fresh.write("a.md", "one\n");
    expect(fresh.run(["undo"])).toMatchObject({ code: 5, out: "" });
    rmSync(join(fresh.root, "a.md"));
    expect(fresh.run(["undo"]).err).toContain("ROLLBACK_NOTHING");
  } finally {
    fresh.end();
  }
});
