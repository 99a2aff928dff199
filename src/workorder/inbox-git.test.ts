import { execFileSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeClock } from "../../test/fakes/index.ts";
import { LIMITS } from "../base/index.ts";
import type { EventData } from "../ledger/index.ts";
import { realPorts } from "../platform/index.ts";
import { drop, openIntake, orderText, pass } from "./inbox-fixture.ts";
import { makeTestTree, recordsOf, type TestTree } from "./world-fixture.ts";

let tree: TestTree;
beforeEach(() => {
  tree = makeTestTree();
});
afterEach(() => tree.end());

const INBOX = "bridge/inbox/CLC";
const fakeClock = () => ({ clock: new FakeClock(Date.now()) });
const asides = (world: Parameters<typeof recordsOf>[0]) =>
  recordsOf(world, "wo.set-aside").map(({ data }) => data as EventData["wo.set-aside"]);

describe("in a git checkout", () => {
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t", ...args], { cwd: tree.root, stdio: "pipe" });
  beforeEach(() => {
    tree.end();
    tree = makeTestTree({ make: (root) => execFileSync("git", ["init", "-q", root]) });
    drop(tree, `${INBOX}/pulled.yaml`, orderText("WO-1", "a.txt", "x"));
    git("add", "-f", ".");
    git("commit", "-qm", "brings an order");
  });

  it("what git tracks is not executed: it stays, is named once, and says why in failed", async () => {
    const { drain, world, inbox } = await openIntake(tree);
    expect(await drain()).toMatchObject({ taken: [], setAside: [] });
    await drain();
    expect(asides(world)).toMatchObject([
      { code: "WO_FROM_GIT", to: `${INBOX}/pulled.yaml`, raw: expect.stringMatching(/^sha256:/) },
    ]);
    expect(JSON.parse(tree.text("bridge/failed/CLC/pulled.yaml.error.json"))).toMatchObject({ code: "WO_FROM_GIT" });
    expect(inbox.trouble).toMatchObject([{ code: "WO_FROM_GIT" }]);
    expect(git("status", "--porcelain", INBOX).toString()).toBe("");
  });

  it("is taken once git no longer tracks it", async () => {
    const { drain, world } = await openIntake(tree);
    await drain();
    git("rm", "-q", "--cached", `${INBOX}/pulled.yaml`);
    await world.ports.clock.sleep(LIMITS.inboxRetryMs);
    expect((await drain()).taken).toEqual(["WO-1"]);
  });

  it("a pull that has written its files and not yet its index brings no order", async () => {
    git("rm", "-q", "--cached", `${INBOX}/pulled.yaml`);
    const { clock } = fakeClock();
    const { drain, inbox, world } = await openIntake(tree, { clock });
    const lock = openSync(tree.place(".git/index.lock"), "w");
    expect(await drain()).toMatchObject({ taken: [] });
    expect(inbox.trouble).toMatchObject([
      { code: "WO_IO", message: expect.stringContaining("git is changing the tree") },
    ]);
    closeSync(lock);
    execFileSync("rm", [tree.place(".git/index.lock")]);
    git("add", "-f", ".");
    await pass(world.ports.clock, LIMITS.inboxRetryMs);
    expect(await drain()).toMatchObject({ taken: [] });
    expect(inbox.trouble).toMatchObject([{ code: "WO_FROM_GIT" }]);
  });

  it("nothing is taken when git cannot say what it tracks", async () => {
    const ports = realPorts();
    const broken = {
      ...ports.git,
      run: () => Promise.reject(Object.assign(new Error("fatal: index file corrupt"), { code: 128, cmd: "git" })),
    };
    const { drain, inbox } = await openIntake(tree, { git: broken });
    expect(await drain()).toMatchObject({ taken: [] });
    expect(inbox.trouble).toMatchObject([{ message: expect.stringContaining("index file corrupt") }]);
  });
});
