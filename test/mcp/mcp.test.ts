/** `holdfast mcp` as agents meet it: the official client, both generations of the protocol, with a daemon, without one, and in a sandbox. */

import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { getEncoding } from "js-tiktoken";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeTree, type TestTree, until } from "../cli/holdfast.ts";
import { type Agent, agentAt } from "./agent.ts";

const vocabularies = (["o200k_base", "cl100k_base"] as const).map((name) => getEncoding(name));
/** By the vocabulary that needs most. */
const tokensOf = (text: string) => Math.max(...vocabularies.map((one) => one.encode(text, "all").length));

const ORDER = {
  id: "WO-MCP-TEST",
  title: "install the processor",
  files: [{ path: "agents/run.sh", content: "#!/bin/sh\necho ok\n", mode: "755" }],
  tests: [{ name: "it runs", command: "sh agents/run.sh" }],
};

let tree: TestTree;
let agent: Agent;
beforeAll(async () => {
  tree = makeTree();
  tree.write("tools/sync.sh", "#!/bin/sh\necho sync\n", 0o755);
  tree.write(".env", "A=1\n");
  expect(tree.run(["protect", "tools", ".env", "--name", "tools"]).code).toBe(0);
  agent = await agentAt({ cwd: tree.root, env: tree.environment });
});
afterAll(async () => {
  await agent.close();
  tree.end();
});

describe("an agent without a daemon", () => {
  it("is told the rule first, and finds five tools, two kinds of resources and a prompt", async () => {
    const instructions = agent.client.getInstructions()!;
    expect(instructions).toContain("guards this tree; no incident is open");
    expect(instructions).toContain("call `diagnose`");
    expect(tokensOf(instructions)).toBeLessThanOrEqual(120);
    const { tools } = await agent.client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(["diagnose", "changes", "status", "restore", "submit"]);
    expect(tools.filter(({ annotations }) => annotations?.readOnlyHint).length).toBe(3);
    const { resources } = await agent.client.listResources();
    expect(resources.map(({ uri }) => uri)).toEqual(
      expect.arrayContaining(["holdfast://components", "holdfast://incidents", "holdfast://components/tools"]),
    );
    const { messages } = await agent.client.getPrompt({ name: "what-happened", arguments: { path: "tools/sync.sh" } });
    expect((messages[0]!.content as { text: string }).text).toContain('diagnose` with the path "tools/sync.sh"');
  });

  it("submits an order, which is accepted, or leaves the tree as it was", async () => {
    const accepted = await agent.call("submit", { order: ORDER });
    expect(accepted.text).toMatch(/^WO-MCP-TEST accepted\. install the processor\n- .*agents\/run\.sh\n/);
    expect(tree.read("agents/run.sh")).toContain("echo ok");
    const failing = { id: "WO-BAD", files: { "tools/x": "y" }, tests: [{ name: "no", command: "echo why; exit 3" }] };
    const undone = await agent.call("submit", { order: JSON.stringify(failing) });
    expect(undone.text).toContain("WO-BAD undone: WO_VERIFY_FAILED");
    expect(tree.names()).not.toContain("tools/x");
    const { text, isError } = await agent.call("submit", { order: "files: [" });
    expect([isError, text]).toEqual([true, expect.stringMatching(/^WO_/)]);
  });

  it("restores what is gone, and is told how to take that back", async () => {
    rmSync(join(tree.root, ".env"));
    const would = await agent.call("restore", { paths: [".env"], dry_run: true });
    expect(would.text).toBe("Would restore 1 path.\n- .env");
    expect(tree.names()).not.toContain(".env");
    const { text } = await agent.call("restore", { paths: [".env"] });
    expect(text).toMatch(/^Restored 1 path\.\n- \.env\n→ holdfast restore \.env --from V\d+$/);
    expect(tree.read(".env")).toBe("A=1\n");
    expect((await agent.call("restore", { paths: ["../outside"] })).isError).toBe(true);
  });

  it("is on record as the agent that it says it is", async () => {
    await agent.call("restore", { paths: ["tools/sync.sh"], from: "V1" });
    const { records } = tree.run(["history", "--json"]).json<{ records: { event: string; actor: object }[] }>();
    const submitted = records.find(({ event }) => event === "wo.received")!;
    expect(submitted.actor).toMatchObject({ kind: "agent", name: "test-agent" });
  });

  it("asks what became of a path, and gets a verdict, dated lines and one command", async () => {
    rmSync(join(tree.root, "tools/sync.sh"));
    const { text } = await agent.call("diagnose", { path: "tools/sync.sh" });
    expect(text).toMatch(/^worked-then-broke \(\d+ % sure\)\. /);
    expect(text.split("\n").filter((line) => /^- (\d{4}-\d\d-\d\d \d\d:\d\dZ|now) /.test(line)).length).toBeGreaterThan(
      0,
    );
    expect(text.split("\n").at(-1)).toMatch(/^→ holdfast restore /);
    const whole = JSON.parse((await agent.call("diagnose", { path: "tools/sync.sh", detail: true })).text);
    expect([whole.v, whole.verdict]).toEqual([1, "worked-then-broke"]);
    await agent.call("restore", { paths: ["tools/sync.sh"] });
  });

  it("gets at most 150 tokens of any tool, whatever stands in paths and command lines", async () => {
    const hostile = [
      `tools/${"x7Qz_".repeat(40)}`,
      `tools/${"深い木の中の道".repeat(10)}`,
      "tools/a b'c\"$(reboot)\u202e\u001b[2Jé😀",
      `tools/${Array.from({ length: 30 }, (_, index) => `d${index}`).join("/")}/f`,
    ];
    for (const path of hostile) {
      for (const [name, input] of [
        ["diagnose", { path }],
        ["changes", { of: path }],
        ["restore", { paths: [path] }],
        [
          "submit",
          { order: { id: "WO-H", title: path, files: { [path]: "x" }, tests: [{ name: path, command: "false" }] } },
        ],
      ] as const) {
        const { text } = await agent.call(name, input);
        expect([name, path, tokensOf(text) <= 150]).toEqual([name, path, true]);
        expect(text).not.toMatch(/[\u001b\u202e]/);
      }
    }
    for (const name of ["status", "changes"]) expect(tokensOf((await agent.call(name)).text)).toBeLessThanOrEqual(150);
  });

  it("reads a component and the list of incidents as documents", async () => {
    expect(await agent.resource("holdfast://components/tools")).toMatchObject({ name: "tools", drift: [] });
    expect(await agent.resource("holdfast://incidents")).toMatchObject({ incidents: expect.any(Array) });
    await expect(agent.resource("holdfast://components/none")).rejects.toThrow(/no component none/);
  });

  it("speaks the protocol of 2026 as well", async () => {
    const modern = await agentAt({ cwd: tree.root, env: tree.environment, version: { mode: { pin: "2026-07-28" } } });
    expect((await modern.call("status")).text).toMatch(/^(Held|Not all is well): /);
    await modern.call("submit", { order: { id: "WO-MODERN", files: { "tools/y": "y" } } });
    const { records } = tree.run(["history", "WO-MODERN", "--json"]).json<{ records: { actor: { name: string } }[] }>();
    expect(records[0]!.actor.name).toBe("test-agent");
    await modern.close();
  });
});

describe("an agent elsewhere", () => {
  it("is answered from git alone where no tree is", async () => {
    const place = join(tree.base, "plain");
    mkdirSync(place);
    const git = (...args: string[]) =>
      spawnSync("git", ["-c", "user.name=T", "-c", "user.email=t@example.org", ...args], {
        cwd: place,
        env: tree.environment,
      });
    git("init", "-q");
    writeFileSync(join(place, "tool.sh"), "echo 1\n");
    git("add", ".");
    git("commit", "-qm", "add the tool");
    git("rm", "-q", "tool.sh");
    git("commit", "-qm", "tidy up");
    const plain = await agentAt({ cwd: place, env: tree.environment });
    expect(plain.client.getInstructions()).toContain("does not guard this folder");
    expect((await plain.call("diagnose", { path: "tool.sh" })).text).toMatch(/tool\.sh/);
    expect((await plain.call("changes", { of: "tool.sh" })).text).toContain("tidy up");
    const { text, isError } = await plain.call("status");
    expect([isError, text]).toEqual([true, expect.stringContaining("→ holdfast init")]);
    expect(plain.said()).toBe("");
    await plain.close();
  });

  it("is told of the tree that --tree names", async () => {
    const far = await agentAt({ cwd: tree.base, env: tree.environment, args: ["--tree", tree.root] });
    expect((await far.call("changes", { of: "tools/sync.sh" })).text).toMatch(/on record of tools\/sync\.sh/);
    await far.close();
  });

  it("can ask in a sandbox in which nothing can be written, and is told why nothing is done", async () => {
    // A user who may read everything and write nothing, on a machine where nobody else may either.
    const limited = await agentAt({
      cwd: tree.root,
      env: tree.environment,
      command: [
        "unshare",
        "--mount",
        "--map-root-user",
        "sh",
        "-c",
        `mount --bind ${tree.base} ${tree.base} && mount -o remount,ro,bind ${tree.base} && cd ${tree.root} && exec "$@"`,
        "sh",
        join(import.meta.dirname, "../../bin/holdfast"),
      ],
    });
    expect((await limited.call("status")).text).toMatch(/^(Held|Not all is well): /);
    expect((await limited.call("diagnose", { path: "tools/sync.sh" })).text).toMatch(/^healthy /);
    expect((await limited.call("changes")).text).toContain("on record");
    expect(await limited.resource("holdfast://components/tools")).toMatchObject({ name: "tools" });
    const { text, isError } = await limited.call("submit", { order: { id: "WO-NO", files: { z: "z" } } });
    expect([isError, text]).toEqual([true, expect.stringMatching(/^(STORE_UNAVAILABLE|EROFS)/)]);
    await limited.close();
  });
});

describe("the paragraph for agents", () => {
  it("is offered by init, and added only when asked, once, to what is there", () => {
    const place = makeTree({ init: null });
    try {
      place.write("AGENTS.md", "# House rules");
      place.write("CLAUDE.md", "@AGENTS.md\n");
      const shown = place.run(["init", "--yes"]);
      expect(shown.out).toContain("a paragraph in AGENTS.md tells agents of it  → holdfast init --agents-note");
      expect(place.read("AGENTS.md")).toBe("# House rules");
      const added = place.run(["init", "--yes", "--agents-note"]);
      expect(added.out).toContain("agents are told in AGENTS.md\n  │ ## Holdfast guards this tree\n");
      expect(place.read("AGENTS.md")).toMatch(/^# House rules\n\n## Holdfast guards this tree\n/);
      expect(place.read("CLAUDE.md")).toBe("@AGENTS.md\n");
      const once = place.read("AGENTS.md");
      expect(place.run(["init", "--yes", "--agents-note"]).out).not.toContain("AGENTS.md");
      expect(place.read("AGENTS.md")).toBe(once);
      expect(place.run(["restore", "AGENTS.md", "--dry-run"]).out).toContain("AGENTS.md");
      expect(place.run(["history"]).out).toContain("a paragraph about Holdfast was added to AGENTS.md");
    } finally {
      place.end();
    }
  });
});

describe("an agent beside a daemon", () => {
  it("sees a loss by git clean, its cause, and that it is back", async () => {
    await tree.up();
    const before = await agent.call("status");
    expect(before.text).toContain("guarded");
    spawnSync("git", ["clean", "-fdxq", "tools"], { cwd: tree.root, env: tree.environment });
    await until("it is back", () => tree.run(["incidents", "--json"]).out.includes('"state":"resolved"'));
    const { incidents } = await agent.resource<{ incidents: { id: string }[] }>("holdfast://incidents");
    const { text } = await agent.call("changes", { of: incidents[0]!.id });
    expect(text).toMatch(/^INC-\S+ resolved: deleted /);
    expect(tokensOf(text)).toBeLessThanOrEqual(150);
    expect(await agent.resource(`holdfast://incidents/${incidents[0]!.id}`)).toMatchObject({
      incident: { id: incidents[0]!.id },
    });
  });

  it("ends with its agent", async () => {
    const brief = await agentAt({ cwd: tree.root, env: tree.environment });
    const pid = (brief.client.transport as unknown as { pid: number }).pid;
    await brief.close();
    await until("the process is gone", () => spawnSync("kill", ["-0", String(pid)]).status !== 0);
  });
});
