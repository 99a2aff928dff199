import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  renameSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
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
const today = () => new Date().toISOString().slice(0, 10);
const archive = () => tree.names(`bridge/archive/CLC/${today()}`);
const asides = (world: Parameters<typeof recordsOf>[0]) =>
  recordsOf(world, "wo.set-aside").map(({ data }) => data as EventData["wo.set-aside"]);

describe("a dropped order", () => {
  it("is carried out, and its original lies in the archive", async () => {
    const { drain, world } = await openIntake(tree);
    const text = orderText("WO-1", "a.txt", "hello");
    drop(tree, `${INBOX}/one.yaml`, text);
    expect(await drain()).toMatchObject({ taken: ["WO-1"], setAside: [] });
    expect(tree.text("a.txt")).toBe("hello");
    expect(tree.text(`bridge/archive/CLC/${today()}/one.yaml`)).toBe(text);
    expect(tree.names(INBOX)).toEqual([]);
    expect(world.book.mustRow("WO-1")).toMatchObject({
      stage: "accepted",
      agent: "CLC",
      inboxPath: `${INBOX}/one.yaml`,
      rawFilename: "one.yaml",
    });
  });

  it("is nothing new when the same bytes come again, and that original is archived too, beside the first", async () => {
    const { drain, world } = await openIntake(tree);
    drop(tree, `${INBOX}/one.yaml`, orderText("WO-1", "a.txt", "hello"));
    await drain();
    drop(tree, `${INBOX}/one.yaml`, orderText("WO-1", "a.txt", "hello"));
    expect(await drain()).toMatchObject({ taken: [], setAside: [] });
    expect(recordsOf(world, "wo.received")).toHaveLength(1);
    expect(archive()).toEqual(["one.yaml", "one.yaml.2"]);
  });

  it("with an id that is taken fails, with the reason beside it, and nothing of it happens", async () => {
    const { drain, world } = await openIntake(tree);
    drop(tree, `${INBOX}/one.yaml`, orderText("WO-1", "a.txt", "first"));
    await drain();
    drop(tree, `${INBOX}/two.yaml`, orderText("WO-1", "a.txt", "second"));
    expect(await drain()).toMatchObject({ taken: [], setAside: ["bridge/failed/CLC/two.yaml"] });
    expect(tree.text("a.txt")).toBe("first");
    expect(JSON.parse(tree.text("bridge/failed/CLC/two.yaml.error.json"))).toMatchObject({
      code: "WO_ID_REUSED",
      line: null,
      column: null,
    });
    expect(asides(world)).toMatchObject([
      { file: `${INBOX}/two.yaml`, to: "bridge/failed/CLC/two.yaml", code: "WO_ID_REUSED" },
    ]);
  });

  it("that failed is tried again when it is dropped again, by mv too", async () => {
    const { drain, world } = await openIntake(tree);
    drop(tree, `${INBOX}/one.yaml`, "wo_id: WO-1\nedits:\n  - {path: a.txt, find: x, replace: y}\n");
    await drain();
    expect(world.book.mustRow("WO-1").status).toBe("failed");
    writeFileSync(tree.place("a.txt"), "x");
    renameSync(tree.place(`bridge/archive/CLC/${today()}/one.yaml`), tree.place(`${INBOX}/one.yaml`));
    expect(await drain()).toMatchObject({ taken: ["WO-1"] });
    expect(world.book.mustRow("WO-1")).toMatchObject({ stage: "accepted", attempt: 2 });
    expect(tree.text("a.txt")).toBe("y");
  });

  it("comes in by age, then by name", async () => {
    const { drain, world } = await openIntake(tree);
    for (const name of ["b", "a", "c"])
      drop(tree, `${INBOX}/${name}.yaml`, orderText(`WO-${name}`, `${name}.txt`, name));
    const seconds = (name: string, time: number) =>
      execFileSync("touch", ["-d", `@${time}`, tree.place(`${INBOX}/${name}.yaml`)]);
    seconds("c", 1_000);
    seconds("a", 2_000);
    seconds("b", 2_000);
    await drain();
    expect(recordsOf(world, "wo.received").map(({ wo }) => wo)).toEqual(["WO-c", "WO-a", "WO-b"]);
  });

  it("is not looked at under a name that says unfinished", async () => {
    const { drain } = await openIntake(tree);
    for (const name of [".hidden.yaml", "x.tmp", "x.part", "x.yaml~"])
      drop(tree, `${INBOX}/${name}`, orderText("WO-1", "a.txt", "x"));
    expect(await drain()).toMatchObject({ taken: [], setAside: [] });
    expect(tree.names(INBOX)).toHaveLength(4);
  });
});

describe("a file that is still being written", () => {
  it("is not taken while it grows, whatever it holds meanwhile", async () => {
    const { clock } = fakeClock();
    const { inbox, world, drain } = await openIntake(tree, { clock });
    const place = drop(tree, `${INBOX}/slow.yaml`, "");
    for (const piece of [
      "wo_id: WO-1\n",
      "files:\n",
      "  - path: a.txt\n",
      "    content: one\n",
      "  - path: b.txt\n",
      "    content: two\n",
    ]) {
      await inbox.scan();
      await clock.advance(LIMITS.inboxSettleMs - 1);
      expect((await inbox.scan()).taken).toEqual([]);
      appendFileSync(place, piece);
    }
    await inbox.scan();
    await clock.advance(LIMITS.inboxSettleMs);
    expect((await inbox.scan()).taken).toEqual(["WO-1"]);
    expect(world.book.order(world.book.mustRow("WO-1")).operations).toHaveLength(2);
    await drain();
  });

  it("gets two seconds for its rest when it is cut off, then it has failed", async () => {
    const { clock } = fakeClock();
    const { inbox } = await openIntake(tree, { clock });
    drop(tree, `${INBOX}/cut.json`, '{"wo_id": "WO-1", "files": [{"path": "a');
    await inbox.scan();
    await clock.advance(LIMITS.inboxCutOffWaitMs - 1);
    expect(await inbox.scan()).toMatchObject({ setAside: [], waiting: 1 });
    await clock.advance(1);
    expect(await inbox.scan()).toMatchObject({ setAside: ["bridge/failed/CLC/cut.json"] });
    expect(JSON.parse(tree.text("bridge/failed/CLC/cut.json.error.json"))).toMatchObject({
      code: "WO_SYNTAX",
      line: 1,
      column: expect.any(Number),
    });
  });

  it("is left to who has it open for writing", async ({ skip }) => {
    if (process.platform !== "linux") skip("only Linux tells who has a file open");
    const { inbox, world, drain } = await openIntake(tree);
    const place = drop(tree, `${INBOX}/open.yaml`, orderText("WO-1", "a.txt", "x"));
    const fd = openSync(place, "a");
    await inbox.scan();
    await world.ports.clock.sleep(LIMITS.inboxSettleMs + 20);
    expect(await inbox.scan()).toMatchObject({ taken: [], waiting: 1 });
    closeSync(fd);
    expect((await drain()).taken).toEqual(["WO-1"]);
  });

  it("keeps what is written after it was taken, and the ledger names it", async () => {
    const { drain, inbox, world } = await openIntake(tree, {
      process: { ...realPorts().process, isOpenForWriting: () => null },
    });
    const place = drop(tree, `${INBOX}/late.yaml`, orderText("WO-1", "a.txt", "x"));
    const fd = openSync(place, "a");
    for (let taken = 0; taken === 0; ) {
      taken = (await inbox.scan()).taken.length;
      if (taken === 0) await world.ports.clock.sleep(inbox.settleMs());
    }
    writeSync(fd, "# later\n");
    closeSync(fd);
    await drain();
    const [late] = recordsOf(world, "wo.late-writer");
    const { path, digest } = late!.data as EventData["wo.late-writer"];
    expect([late!.wo, path]).toEqual(["WO-1", `bridge/archive/CLC/${today()}/late.yaml`]);
    expect(world.vault.read(digest).toString()).toMatch(/# later\n$/);
  });
});

describe("the way in", () => {
  it("is not through a symbolic link, neither the inbox nor an agent's folder", async () => {
    mkdirSync(`${tree.base}/elsewhere/CLC`, { recursive: true });
    writeFileSync(`${tree.base}/elsewhere/CLC/a.yaml`, orderText("WO-1", "a.txt", "x"));
    mkdirSync(tree.place("bridge"));
    symlinkSync(`${tree.base}/elsewhere`, tree.place("bridge/inbox"));
    const linked = await openIntake(tree);
    expect(await linked.drain()).toMatchObject({ taken: [] });
    expect(linked.inbox.trouble).toMatchObject([{ code: "PATH_THROUGH_LINK" }]);
  });

  it("is not through a linked agent's folder", async () => {
    mkdirSync(`${tree.base}/elsewhere`, { recursive: true });
    writeFileSync(`${tree.base}/elsewhere/a.yaml`, orderText("WO-1", "a.txt", "x"));
    mkdirSync(tree.place("bridge/inbox"), { recursive: true });
    symlinkSync(`${tree.base}/elsewhere`, tree.place(INBOX));
    const { drain, inbox } = await openIntake(tree);
    expect(await drain()).toMatchObject({ taken: [] });
    expect(inbox.trouble).toMatchObject([{ code: "WO_NOT_A_FILE" }]);
  });

  it("holds up a file that may not be read, says so, and takes it when it may", async () => {
    const real = realPorts().disk;
    const refused = Object.assign(new Error("EACCES: permission denied"), { code: "EACCES" });
    const openRead = (path: string) => {
      if (path.endsWith("/a.yaml") && real.lstat(path)?.mode === 0) throw refused;
      return real.openRead(path);
    };
    const place = drop(tree, `${INBOX}/a.yaml`, orderText("WO-1", "a.txt", "x"));
    chmodSync(place, 0);
    const { drain, inbox, world } = await openIntake(tree, { ...fakeClock(), disk: { ...real, openRead } });
    await drain();
    expect(inbox.trouble).toMatchObject([{ code: "WO_UNREADABLE" }]);
    chmodSync(place, 0o644);
    await pass(world.ports.clock, LIMITS.inboxRetryMs);
    expect((await drain()).taken).toEqual(["WO-1"]);
  });

  it("stays open when the archive cannot be written: the order runs, once, and its file is moved later", async () => {
    drop(tree, `${INBOX}/a.yaml`, orderText("WO-1", "a.txt", "x"));
    writeFileSync(tree.place("bridge/archive"), "in the way");
    const { drain, inbox, world } = await openIntake(tree, fakeClock());
    expect((await drain()).taken).toEqual(["WO-1"]);
    expect(inbox.trouble).toHaveLength(1);
    execFileSync("rm", [tree.place("bridge/archive")]);
    await pass(world.ports.clock, LIMITS.inboxRetryMs);
    await drain();
    expect(archive()).toEqual(["a.yaml"]);
    expect(inbox.trouble).toEqual([]);
    expect(recordsOf(world, "wo.received")).toHaveLength(1);
  });
});
