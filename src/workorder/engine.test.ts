import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { WorkOrderId } from "../base/index.ts";
import { check, opened, run, step, submission, write } from "./engine-fixture.ts";

const leftovers = (root: string) =>
  readdirSync(root, { recursive: true }).filter((name) => String(name).includes(".holdfast-"));

describe("an order", () => {
  it("writes files with their modes, folders and links, and is accepted", async () => {
    const { world, engine } = opened();
    const row = await run(engine, "WO-1", {
      operations: [
        write("agents/a/a.sh", "#!/bin/sh\necho a\n", 0o755),
        { op: "mkdir", path: "g/state", mode: null },
        { op: "symlink", path: "latest", target: "agents/a" },
      ],
    });
    expect(row).toMatchObject({ status: "done", stage: "accepted", attempt: 1 });
    expect(readFileSync(join(world.root, "agents/a/a.sh"), "utf8")).toBe("#!/bin/sh\necho a\n");
    expect(statSync(join(world.root, "agents/a/a.sh")).mode & 0o777).toBe(0o755);
    expect(statSync(join(world.root, "g/state")).isDirectory()).toBe(true);
    expect(world.baselines.all().map(({ path }) => path)).toEqual([
      "agents",
      "agents/a",
      "agents/a/a.sh",
      "g",
      "g/state",
      "latest",
    ]);
    expect(leftovers(world.root)).toEqual([]);
    expect(world.journal.entries()).toEqual([]);
  });

  it("edits, moves, deletes and changes modes exactly", async () => {
    const { world, engine } = opened();
    mkdirSync(join(world.root, "d/e"), { recursive: true });
    writeFileSync(join(world.root, "d/e/x"), "one two\n");
    writeFileSync(join(world.root, "gone"), "bytes\n");
    const row = await run(engine, "WO-2", {
      operations: [
        { op: "replace", path: "d/e/x", find: "two", replace: "three", count: null },
        { op: "move", path: "d", to: "moved" },
        { op: "delete", path: "gone" },
        { op: "chmod", path: "moved/e/x", mode: 0o600 },
      ],
    });
    expect(row.stage).toBe("accepted");
    expect(readFileSync(join(world.root, "moved/e/x"), "utf8")).toBe("one three\n");
    expect(statSync(join(world.root, "moved/e/x")).mode & 0o777).toBe(0o600);
    expect(existsSync(join(world.root, "d"))).toBe(false);
    expect(existsSync(join(world.root, "gone"))).toBe(false);
  });

  it("replaces a file by a folder and a folder by a file", async () => {
    const { world, engine } = opened();
    mkdirSync(join(world.root, "folder"));
    writeFileSync(join(world.root, "folder/in"), "in");
    writeFileSync(join(world.root, "file"), "was a file");
    const row = await run(engine, "WO-3", {
      operations: [
        { op: "delete", path: "file" },
        write("file/now", "a folder"),
        { op: "delete", path: "folder" },
        write("folder", "now a file"),
      ],
    });
    expect(row.stage).toBe("accepted");
    expect(readFileSync(join(world.root, "file/now"), "utf8")).toBe("a folder");
    expect(readFileSync(join(world.root, "folder"), "utf8")).toBe("now a file");
    expect(leftovers(world.root)).toEqual([]);
  });

  it("whose check fails leaves the tree as it was, and says which check, with its output", async () => {
    const { world, engine } = opened();
    writeFileSync(join(world.root, "kept"), "before", { mode: 0o640 });
    const row = await run(engine, "WO-4", {
      operations: [write("kept", "after"), write("new/file", "new"), { op: "chmod", path: "kept", mode: 0o777 }],
      checks: [check("test -f new/file"), check("echo wrong >&2; echo side > effect; exit 3")],
    });
    expect(row).toMatchObject({ status: "failed", stage: "undone", error: { code: "WO_VERIFY_FAILED" } });
    expect(row.tests.map(({ ok }) => ok)).toEqual([true, false]);
    expect(row.tests[1]!.output).toBe("wrong\nexit 3");
    expect(readFileSync(join(world.root, "kept"), "utf8")).toBe("before");
    expect(statSync(join(world.root, "kept")).mode & 0o777).toBe(0o640);
    expect(readdirSync(world.root)).toEqual(["kept"]);
  });

  it("whose step fails undoes what the steps before it changed", async () => {
    const { world, engine } = opened();
    writeFileSync(join(world.root, "a"), "a");
    const row = await run(engine, "WO-5", {
      steps: [step("echo b > a; mkdir n; echo c > n/c"), step("rm n/c; false")],
    });
    expect(row.stage).toBe("undone");
    expect(readFileSync(join(world.root, "a"), "utf8")).toBe("a");
    expect(readdirSync(world.root)).toEqual(["a"]);
  });

  it("of which somebody changed a path between plan and write keeps their bytes and is conflicted", async () => {
    const { world, engine } = opened();
    writeFileSync(join(world.root, "f"), "one");
    const { commit } = Object.getPrototypeOf(world.vault.begin()) as { commit: () => unknown };
    expect(commit).toBeTypeOf("function");
    const realSyncAll = world.ports.disk.syncAll.bind(world.ports.disk);
    let first = true;
    world.ports.disk.syncAll = async (paths) => {
      // Content is staged, nothing is swapped yet: the moment between plan and write.
      if (first && paths.files.length > 0) {
        writeFileSync(join(world.root, "f"), "somebody else's");
        first = false;
      }
      return realSyncAll(paths);
    };
    const row = await run(engine, "WO-6", { operations: [write("a", "a"), write("f", "ours")] });
    expect(row.stage).toBe("conflicted");
    expect(readFileSync(join(world.root, "f"), "utf8")).toBe("somebody else's");
    expect(existsSync(join(world.root, "a"))).toBe(false);
    expect(leftovers(world.root)).toEqual([]);
  });

  it("taken twice is one order; with other bytes it is refused; failed, it may be tried again", async () => {
    const { engine } = opened();
    const again = submission("WO-7", { operations: [write("x", "1")] });
    expect(await engine.submit([again])).toEqual([{ taken: true, id: "WO-7" }]);
    await engine.finished("WO-7");
    expect(await engine.submit([again])).toEqual([{ taken: false, id: "WO-7" }]);
    const [reused] = await engine.submit([submission("WO-7", { operations: [write("x", "2")] })]);
    expect(reused).toMatchObject({ code: "WO_ID_REUSED" });
    expect((await run(engine, "WO-8", { operations: [write("../x", "2")] })).stage).toBe("refused");
    expect(await run(engine, "WO-8", { operations: [write("y", "2")] })).toMatchObject({
      stage: "accepted",
      attempt: 2,
    });
  });

  it.each([
    ["../../etc/x", "WO_PATH_ESCAPES"],
    ["/etc/x", "WO_PATH_ESCAPES"],
    [".git/hooks/post-checkout", "WO_PATH_FORBIDDEN"],
    [".GIT/config", "WO_PATH_FORBIDDEN"],
    ["out/x", "WO_PATH_THROUGH_LINK"],
  ])("that writes to %s is refused as %s", async (path, code) => {
    const { world, engine } = opened();
    symlinkSync("/tmp", join(world.root, "out"));
    const row = await run(engine, "WO-9", { operations: [write("fine", "x"), write(path, "x")] });
    expect(row).toMatchObject({ stage: "refused", error: { code } });
    expect(existsSync(join(world.root, "fine"))).toBe(false);
  });

  it("depending on another waits for it, and is refused when that one fails", async () => {
    const { engine } = opened();
    await engine.submit([submission("WO-B", { operations: [write("b", "b")], dependsOn: ["WO-A" as WorkOrderId] })]);
    await engine.drained();
    expect((await run(engine, "WO-A", { operations: [write("a", "a")] })).stage).toBe("accepted");
    expect((await engine.finished("WO-B")).stage).toBe("accepted");
    await engine.submit([submission("WO-D", { operations: [write("d", "d")], dependsOn: ["WO-C" as WorkOrderId] })]);
    await run(engine, "WO-C", { steps: [step("false")] });
    expect(await engine.finished("WO-D")).toMatchObject({ stage: "refused", error: { code: "WO_DEPENDENCY" } });
  });

  it("that needs a folder another order of its group makes too is accepted", async () => {
    const { world, engine } = opened();
    const ids = ["1", "2", "3", "4"];
    await engine.submit(ids.map((n) => submission(`WO-G${n}`, { operations: [write(`shared/deep/${n}`, n)] })));
    for (const n of ids) expect((await engine.finished(`WO-G${n}`)).stage).toBe("accepted");
    expect(readdirSync(join(world.root, "shared/deep"))).toEqual(ids);
  });

  it("that would empty a file is refused unless it says so", async () => {
    const { world, engine } = opened();
    writeFileSync(join(world.root, "f"), "content");
    expect(await run(engine, "WO-E", { operations: [write("f", "")] })).toMatchObject({
      error: { code: "WO_SHRINKS" },
    });
    expect((await run(engine, "WO-F", { operations: [write("f", "")], extra: { allow_shrink: true } })).stage).toBe(
      "accepted",
    );
  });

  it("without a body is routed and stays open", async () => {
    const { engine } = opened();
    expect(await run(engine, "WO-R", { routes: ["lac"] })).toMatchObject({
      status: "pending",
      stage: "routed",
      executor: "lac",
    });
  });

  it("that writes a script which does not parse is undone", async () => {
    const { world, engine } = opened();
    const row = await run(engine, "WO-S", { operations: [write("s.sh", "#!/bin/sh\nif then fi\n", 0o755)] });
    expect(row).toMatchObject({ stage: "undone", error: { code: "WO_VERIFY_FAILED" } });
    expect(readdirSync(world.root)).toEqual([]);
  });

  it("keeps what a late writer puts into the file that it replaced", async () => {
    const { world, engine } = opened();
    writeFileSync(join(world.root, "f"), "old");
    const { openSync, writeSync, closeSync } = await import("node:fs");
    const fd = openSync(join(world.root, "f"), "r+");
    const [reception] = await engine.submit([submission("WO-L", { operations: [write("f", "new")] })]);
    expect(reception).toMatchObject({ taken: true });
    await engine.finished("WO-L");
    writeSync(fd, "late", 0);
    closeSync(fd);
    await engine.drained();
    const [late] = [...world.ledger.read({ events: ["wo.late-writer"] })];
    expect(late).toBeDefined();
    const { digest } = late!.data as { digest: Parameters<typeof world.vault.read>[0] };
    expect(world.vault.read(digest).toString()).toBe("late");
    expect(readFileSync(join(world.root, "f"), "utf8")).toBe("new");
    expect(leftovers(world.root)).toEqual([]);
  });

  it("is tried again after a delay when it has retries left", async () => {
    const { world, engine } = opened();
    const row = await run(engine, "WO-T", {
      steps: [step("test -e marker || { touch marker; false; }")],
      retries: 1,
      touches: ["other"],
    });
    expect(row).toMatchObject({ stage: "accepted", attempt: 2 });
    chmodSync(join(world.root, "marker"), 0o600);
  });
});
