import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeClock } from "../../test/fakes/index.ts";
import { digestOf, LIMITS, type TreePath } from "../base/index.ts";
import type { EventData } from "../ledger/index.ts";
import { drop, openIntake, orderText } from "./inbox-fixture.ts";
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

describe("what is no order to take", () => {
  it("goes to failed when it is wrong, with line and column, its bytes in the vault", async () => {
    const { drain, world } = await openIntake(tree);
    const text = "wo_id: WO-1\nwo_id: WO-2\n";
    drop(tree, `${INBOX}/twice.yaml`, text);
    expect(await drain()).toMatchObject({ setAside: ["bridge/failed/CLC/twice.yaml"] });
    expect(JSON.parse(tree.text("bridge/failed/CLC/twice.yaml.error.json"))).toMatchObject({
      code: "WO_DUPLICATE_KEY",
      line: 2,
      column: 1,
    });
    const [aside] = asides(world);
    expect(aside).toMatchObject({ line: 2, column: 1, raw: digestOf(text) });
    expect(world.vault.read(aside!.raw!).toString()).toBe(text);
    expect(world.vault.versions("bridge/failed/CLC/twice.yaml" as TreePath)).toHaveLength(1);
  });

  it("goes to the archive with its reason when it is something else", async () => {
    const { drain } = await openIntake(tree);
    drop(
      tree,
      `${INBOX}/x.ack.json`,
      '{"wo_id":"WO-9","status":"success","completed_at":"2025-11-29T21:36:37Z","result":null}',
    );
    expect(await drain()).toMatchObject({ taken: [], setAside: [`bridge/archive/CLC/${today()}/x.ack.json`] });
    expect(JSON.parse(tree.text(`bridge/archive/CLC/${today()}/x.ack.json.reason.json`))).toMatchObject({
      code: "WO_NOT_AN_ORDER",
      what: "acknowledgement",
    });
  });

  it("fails as a whole when one of its documents cannot be read", async () => {
    const { drain, world } = await openIntake(tree);
    drop(
      tree,
      `${INBOX}/many.yaml`,
      `${orderText("WO-1", "a.txt", "x")}---\nwo_id: WO-2\nnot_before: whenever\ncmd: ls\nskill: bash\n`,
    );
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
    expect(tree.names("bridge/failed/CLC")).toEqual([
      "big.yaml",
      "big.yaml.2",
      "big.yaml.2.error.json",
      "big.yaml.error.json",
    ]);
    expect(asides(world)).toMatchObject([
      { code: "WO_TOO_LARGE", raw: null },
      { code: "WO_TOO_LARGE", raw: null },
    ]);
  });

  it("is named once and left lying when it is a fifo, a device or a link", async ({ skip }) => {
    mkdirSync(tree.place(INBOX), { recursive: true });
    execFileSync("mknod", [tree.place(`${INBOX}/fifo`), "p"]);
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
    expect(
      asides(world)
        .map(({ code }) => code)
        .sort(),
    ).toEqual(["WO_INVALID", "WO_NOT_A_FILE"]);
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
    make(
      "WO-F",
      sums.replace(/^./, (digit) => (digit === "0" ? "1" : "0")),
    );
    const { drain } = await openIntake(tree, fakeClock());
    expect(await drain()).toMatchObject({ taken: [], setAside: ["bridge/failed/CLC/WO-F"] });
    expect(JSON.parse(tree.text("bridge/failed/CLC/WO-F.error.json"))).toMatchObject({ code: "WO_CHECKSUM" });
    expect(tree.names("bridge/failed/CLC/WO-F")).toEqual(["WO-F.yaml", "evidence"]);
  });
});

describe("names", () => {
  it("are kept byte for byte, however odd", async () => {
    const names = [
      "new\nline.yaml",
      "x..%2f..%2fetc.yaml",
      "git~.yaml",
      "a b;c`d$(e).yaml",
      "ümläut.yaml",
      `${"x".repeat(250)}.yaml`,
    ].sort();
    const { drain } = await openIntake(tree);
    for (const [index, name] of names.entries())
      drop(tree, `${INBOX}/${name}`, orderText(`WO-${index}`, `${index}.txt`, name));
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
