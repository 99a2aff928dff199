import { execFileSync } from "node:child_process";
import { appendFileSync, chmodSync, closeSync, mkdirSync, openSync, renameSync, symlinkSync, writeFileSync, writeSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { digestOf, LIMITS, type TreePath } from "../base/index.ts";
import { realPorts } from "../platform/index.ts";
import { FakeClock } from "../../test/fakes/index.ts";
import type { EventData } from "../ledger/index.ts";
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
const asides = (world: Parameters<typeof recordsOf>[0]) => recordsOf(world, "wo.set-aside").map(({ data }) => data as EventData["wo.set-aside"]);

describe("a dropped order", () => {
  it("is carried out, and its original lies in the archive", async () => {
    const { drain, world } = await openIntake(tree);
    const text = orderText("WO-1", "a.txt", "hello");
    drop(tree, `${INBOX}/one.yaml`, text);
    expect(await drain()).toMatchObject({ taken: ["WO-1"], setAside: [] });
    expect(tree.text("a.txt")).toBe("hello");
    expect(tree.text(`bridge/archive/CLC/${today()}/one.yaml`)).toBe(text);
    expect(tree.names(INBOX)).toEqual([]);
    expect(world.book.mustRow("WO-1")).toMatchObject({ stage: "accepted", agent: "CLC", inboxPath: `${INBOX}/one.yaml`, rawFilename: "one.yaml" });
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
    expect(JSON.parse(tree.text("bridge/failed/CLC/two.yaml.error.json"))).toMatchObject({ code: "WO_ID_REUSED", line: null, column: null });
    expect(asides(world)).toMatchObject([{ file: `${INBOX}/two.yaml`, to: "bridge/failed/CLC/two.yaml", code: "WO_ID_REUSED" }]);
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
    for (const name of ["b", "a", "c"]) drop(tree, `${INBOX}/${name}.yaml`, orderText(`WO-${name}`, `${name}.txt`, name));
    const seconds = (name: string, time: number) => execFileSync("touch", ["-d", `@${time}`, tree.place(`${INBOX}/${name}.yaml`)]);
    seconds("c", 1_000);
    seconds("a", 2_000);
    seconds("b", 2_000);
    await drain();
    expect(recordsOf(world, "wo.received").map(({ wo }) => wo)).toEqual(["WO-c", "WO-a", "WO-b"]);
  });

  it("is not looked at under a name that says unfinished", async () => {
    const { drain } = await openIntake(tree);
    for (const name of [".hidden.yaml", "x.tmp", "x.part", "x.yaml~"]) drop(tree, `${INBOX}/${name}`, orderText("WO-1", "a.txt", "x"));
    expect(await drain()).toMatchObject({ taken: [], setAside: [] });
    expect(tree.names(INBOX)).toHaveLength(4);
  });
});

describe("a file that is still being written", () => {
  it("is not taken while it grows, whatever it holds meanwhile", async () => {
    const { clock } = fakeClock();
    const { inbox, world } = await openIntake(tree, { clock });
    const place = drop(tree, `${INBOX}/slow.yaml`, "");
    for (const piece of ["wo_id: WO-1\n", "files:\n", "  - path: a.txt\n", "    content: one\n", "  - path: b.txt\n", "    content: two\n"]) {
      await inbox.scan();
      await clock.advance(LIMITS.inboxSettleMs - 1);
      expect((await inbox.scan()).taken).toEqual([]);
      appendFileSync(place, piece);
    }
    await inbox.scan();
    await clock.advance(LIMITS.inboxSettleMs);
    expect((await inbox.scan()).taken).toEqual(["WO-1"]);
    expect(world.book.order(world.book.mustRow("WO-1")).operations).toHaveLength(2);
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
    expect(JSON.parse(tree.text("bridge/failed/CLC/cut.json.error.json"))).toMatchObject({ code: "WO_SYNTAX", line: 1, column: expect.any(Number) });
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
    const { drain, inbox, world } = await openIntake(tree, { process: { ...realPorts().process, isOpenForWriting: () => null } });
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

describe("what is no order to take", () => {
  it("goes to failed when it is wrong, with line and column, its bytes in the vault", async () => {
    const { drain, world } = await openIntake(tree);
    const text = "wo_id: WO-1\nwo_id: WO-2\n";
    drop(tree, `${INBOX}/twice.yaml`, text);
    expect(await drain()).toMatchObject({ setAside: ["bridge/failed/CLC/twice.yaml"] });
    expect(JSON.parse(tree.text("bridge/failed/CLC/twice.yaml.error.json"))).toMatchObject({ code: "WO_DUPLICATE_KEY", line: 2, column: 1 });
    const [aside] = asides(world);
    expect(aside).toMatchObject({ line: 2, column: 1, raw: digestOf(text) });
    expect(world.vault.read(aside!.raw!).toString()).toBe(text);
    expect(world.vault.versions("bridge/failed/CLC/twice.yaml" as TreePath)).toHaveLength(1);
  });

  it("goes to the archive with its reason when it is something else", async () => {
    const { drain } = await openIntake(tree);
    drop(tree, `${INBOX}/x.ack.json`, '{"wo_id":"WO-9","status":"success","completed_at":"2025-11-29T21:36:37Z","result":null}');
    expect(await drain()).toMatchObject({ taken: [], setAside: [`bridge/archive/CLC/${today()}/x.ack.json`] });
    expect(JSON.parse(tree.text(`bridge/archive/CLC/${today()}/x.ack.json.reason.json`))).toMatchObject({ code: "WO_NOT_AN_ORDER", what: "acknowledgement" });
  });

  it("fails as a whole when one of its documents cannot be read", async () => {
    const { drain, world } = await openIntake(tree);
    drop(tree, `${INBOX}/many.yaml`, `${orderText("WO-1", "a.txt", "x")}---\nwo_id: WO-2\nnot_before: whenever\ncmd: ls\nskill: bash\n`);
    expect(await drain()).toMatchObject({ taken: [], setAside: ["bridge/failed/CLC/many.yaml"] });
    expect(world.book.rows()).toEqual([]);
  });

  it("of several documents each is an order, and the file is kept whole", async () => {
    const { drain, world } = await openIntake(tree);
    const text = `${orderText("WO-1", "a.txt", "x")}---\n${orderText("WO-2", "b.txt", "y")}`;
    drop(tree, `${INBOX}/many.yaml`, text);
    expect((await drain()).taken).toEqual(["WO-1", "WO-2"]);
    const [version] = world.vault.versions(`bridge/archive/CLC/${today()}/many.yaml` as TreePath);
    expect(version?.entry).toMatchObject({ digest: digestOf(text) });
  });

  it("is refused unread when it is too large, and never overwrites an earlier failure", async () => {
    const { drain, world } = await openIntake(tree, fakeClock());
    drop(tree, `${INBOX}/big.yaml`, Buffer.alloc(LIMITS.orderSizeBytesMax + 1, 0x20));
    await drain();
    drop(tree, `${INBOX}/big.yaml`, Buffer.alloc(LIMITS.orderSizeBytesMax + 2, 0x20));
    await drain();
    expect(tree.names("bridge/failed/CLC")).toEqual(["big.yaml", "big.yaml.2", "big.yaml.2.error.json", "big.yaml.error.json"]);
    expect(asides(world)).toMatchObject([{ code: "WO_TOO_LARGE", raw: null }, { code: "WO_TOO_LARGE", raw: null }]);
  });

  it("is named once and left lying when it is a fifo, a device or a link", async ({ skip }) => {
    mkdirSync(tree.place(INBOX), { recursive: true });
    execFileSync("mkfifo", [tree.place(`${INBOX}/fifo`)]);
    symlinkSync("/etc/hostname", tree.place(`${INBOX}/link.yaml`));
    const isRoot = process.getuid?.() === 0;
    if (isRoot) execFileSync("mknod", [tree.place(`${INBOX}/null`), "c", "1", "3"]);
    const first = await openIntake(tree);
    await first.drain();
    await first.drain();
    const second = await openIntake(tree);
    await second.drain();
    const names = isRoot ? ["fifo", "link.yaml", "null"] : ["fifo", "link.yaml"];
    expect(tree.names(INBOX)).toEqual(names);
    expect(asides(second.world).map(({ code, file, to }) => [code, file, to])).toEqual(
      expect.arrayContaining(names.map((name) => ["WO_NOT_A_FILE", `${INBOX}/${name}`, `${INBOX}/${name}`])),
    );
    expect(asides(second.world)).toHaveLength(names.length);
    expect(second.inbox.trouble).toHaveLength(names.length);
    if (!isRoot) skip("a device node needs root");
  });

  it("is named once when it lies beside the agents' folders, or is a folder that is no order", async () => {
    drop(tree, "bridge/inbox/stray.yaml", orderText("WO-1", "a.txt", "x"));
    mkdirSync(tree.place(`${INBOX}/things`), { recursive: true });
    writeFileSync(tree.place(`${INBOX}/things/readme.txt`), "x");
    const { drain, world, inbox } = await openIntake(tree, fakeClock());
    await drain();
    await drain();
    expect(asides(world).map(({ code }) => code).sort()).toEqual(["WO_INVALID", "WO_NOT_A_FILE"]);
    expect(inbox.trouble).toHaveLength(2);
    expect(tree.names(`${INBOX}/things`)).toEqual(["readme.txt"]);
  });
});

describe("a folder that is one order", () => {
  const order = orderText("WO-F", "f.txt", "folder");
  const sums = `${digestOf(order).slice(7)}  WO-F.yaml\n`;
  const make = (folder: string, checksums: string) => {
    mkdirSync(tree.place(`${INBOX}/${folder}/evidence`), { recursive: true });
    writeFileSync(tree.place(`${INBOX}/${folder}/WO-F.yaml`), order);
    writeFileSync(tree.place(`${INBOX}/${folder}/evidence/checksums.sha256`), checksums);
  };

  it("is taken as one and archived as one", async () => {
    make("WO-F", sums);
    const { drain } = await openIntake(tree);
    expect((await drain()).taken).toEqual(["WO-F"]);
    expect(tree.text("f.txt")).toBe("folder");
    expect(tree.names(`bridge/archive/CLC/${today()}/WO-F`)).toEqual(["WO-F.yaml", "evidence"]);
    expect(tree.names(INBOX)).toEqual([]);
  });

  it("fails when its sums do not match, after time for the rest to come", async () => {
    make("WO-F", sums.replace(/^./, (digit) => (digit === "0" ? "1" : "0")));
    const { drain } = await openIntake(tree, fakeClock());
    expect(await drain()).toMatchObject({ taken: [], setAside: ["bridge/failed/CLC/WO-F"] });
    expect(JSON.parse(tree.text("bridge/failed/CLC/WO-F.error.json"))).toMatchObject({ code: "WO_CHECKSUM" });
    expect(tree.names("bridge/failed/CLC/WO-F")).toEqual(["WO-F.yaml", "evidence"]);
  });
});

describe("names", () => {
  it("are kept byte for byte, however odd", async () => {
    const names = ["new\nline.yaml", "x..%2f..%2fetc.yaml", "git~.yaml", "a b;c`d$(e).yaml", "ümläut.yaml", "x".repeat(250) + ".yaml"].sort();
    const { drain } = await openIntake(tree);
    names.forEach((name, index) => drop(tree, `${INBOX}/${name}`, orderText(`WO-${index}`, `${index}.txt`, name)));
    expect((await drain()).taken).toHaveLength(names.length);
    const kept = archive();
    expect(kept).toHaveLength(names.length);
    for (const name of names.filter(({ length }) => length < 200)) expect(kept).toContain(name);
  });

  it("leave room for their report", async () => {
    const { drain } = await openIntake(tree, fakeClock());
    drop(tree, `${INBOX}/${"y".repeat(255)}`, "{");
    await drain();
    const [file, report] = tree.names("bridge/failed/CLC");
    expect(report).toBe(`${file}.error.json`);
    expect(tree.names(INBOX)).toEqual([]);
  });

  it("that are not valid UTF-8 are named, and the file is left", async () => {
    mkdirSync(tree.place(INBOX), { recursive: true });
    const raw = Buffer.concat([Buffer.from(`${tree.place(INBOX)}/caf`), Buffer.from([0xe9])]);
    writeFileSync(raw, "{}");
    const { drain, world, inbox } = await openIntake(tree);
    await drain();
    expect(asides(world)).toMatchObject([{ code: "WO_NOT_A_FILE", file: `${INBOX}/caf\\xe9` }]);
    expect(inbox.trouble).toHaveLength(1);
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

  it("holds up a file that may not be read, says so, and takes it when it may", async ({ skip }) => {
    if (process.getuid?.() === 0) skip("root reads everything");
    const place = drop(tree, `${INBOX}/a.yaml`, orderText("WO-1", "a.txt", "x"));
    chmodSync(place, 0);
    const { drain, inbox, world } = await openIntake(tree);
    await drain();
    expect(inbox.trouble).toMatchObject([{ code: "WO_UNREADABLE" }]);
    chmodSync(place, 0o644);
    await world.ports.clock.sleep(LIMITS.inboxRetryMs);
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

describe("in a git checkout", () => {
  const git = (...args: string[]) => execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t", ...args], { cwd: tree.root, stdio: "pipe" });
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
    expect(asides(world)).toMatchObject([{ code: "WO_FROM_GIT", to: `${INBOX}/pulled.yaml`, raw: expect.stringMatching(/^sha256:/) }]);
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
    expect(inbox.trouble).toMatchObject([{ code: "WO_IO", message: expect.stringContaining("git is changing the tree") }]);
    closeSync(lock);
    execFileSync("rm", [tree.place(".git/index.lock")]);
    git("add", "-f", ".");
    await pass(world.ports.clock, LIMITS.inboxRetryMs);
    expect(await drain()).toMatchObject({ taken: [] });
    expect(inbox.trouble).toMatchObject([{ code: "WO_FROM_GIT" }]);
  });

  it("nothing is taken when git cannot say what it tracks", async () => {
    const ports = realPorts();
    const broken = { ...ports.git, run: () => Promise.reject(Object.assign(new Error("fatal: index file corrupt"), { code: 128, cmd: "git" })) };
    const { drain, inbox } = await openIntake(tree, { git: broken });
    expect(await drain()).toMatchObject({ taken: [] });
    expect(inbox.trouble).toMatchObject([{ message: expect.stringContaining("index file corrupt") }]);
  });
});
