/** Orders that mean harm: each is refused or held with a code, quickly, in bounded memory, and whoever takes it lives on. */

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { makeTree, type TestTree, until } from "./holdfast.ts";
import { contentOf, HOSTILE } from "./hostile-fixture.ts";
import { drop, filesIn, listing, show, submit, type View } from "./order-fixture.ts";

let tree: TestTree;
afterEach(() => tree.end());

const MEMORY_KIB_MAX = 600 * 1024;
const peakKib = (pid: number) => Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]);

function hostileTree(): TestTree {
  const made = makeTree({ init: ["--orders"] });
  mkdirSync(join(made.base, "elsewhere"));
  symlinkSync(join(made.base, "elsewhere"), join(made.root, "link"));
  return made;
}

function errorOf(view: View & { error?: { code: string } | null }): string {
  return view.error?.code ?? view.stage;
}

it("refuses each through `submit` with exit 5 and a code, within seconds, and changes nothing", {
  timeout: 120_000,
}, async () => {
  tree = hostileTree();
  const daemon = await tree.up();
  const before = listing(tree);
  for (const hostile of HOSTILE) {
    const beganMs = performance.now();
    const ran = submit(tree, contentOf(hostile), "--wait");
    const said = errorOf(ran.json<View>());
    expect([hostile.name, hostile.codes.includes(said) ? "refused" : said, ran.code]).toEqual([
      hostile.name,
      "refused",
      5,
    ]);
    expect([hostile.name, performance.now() - beganMs < 10_000]).toEqual([hostile.name, true]);
  }
  expect(listing(tree)).toEqual(before);
  expect(daemon.exitCode).toBe(null);
  expect(peakKib(daemon.pid!)).toBeLessThan(MEMORY_KIB_MAX);
  expect(submit(tree, { id: "WO-AFTER", files: { "after.txt": "x" } }, "--wait").code).toBe(0);
});

it("sets each aside when it is dropped: error beside it, or a refused order, and the daemon lives on", {
  timeout: 120_000,
}, async () => {
  tree = hostileTree();
  const daemon = await tree.up();
  const before = listing(tree);
  for (const hostile of HOSTILE) drop(tree, "CLC", hostile.name, contentOf(hostile));
  execFileSync("mkfifo", [join(tree.root, "bridge/inbox/CLC/fifo.yaml")]);
  if (process.getuid?.() === 0) execFileSync("mknod", [join(tree.root, "bridge/inbox/CLC/device.yaml"), "c", "1", "5"]);
  symlinkSync("/etc/passwd", join(tree.root, "bridge/inbox/CLC/link.yaml"));
  drop(tree, "CLC", "ordinary.yaml", "id: WO-ORDINARY\nfiles: {ordinary.txt: x}\n");

  const open = () =>
    filesIn(tree, "bridge/inbox/CLC").filter((name) => !["fifo.yaml", "device.yaml", "link.yaml"].includes(name));
  await until("the inbox is empty", () => open().length === 0, 60_000);
  await until("the ordinary order is through", () => existsSync(join(tree.root, "ordinary.txt")));
  for (const hostile of HOSTILE) {
    const report = join(tree.root, `bridge/failed/CLC/${hostile.name}.error.json`);
    const id = /\bid"?: ?"?(WO-[\w-]+)/.exec(contentOf(hostile).slice(0, 100))?.[1] ?? "none";
    const said = existsSync(report)
      ? (JSON.parse(readFileSync(report, "utf8")) as { code: string }).code
      : errorOf(show(tree, id));
    expect([hostile.name, hostile.codes.includes(said) ? "refused" : said]).toEqual([hostile.name, "refused"]);
  }
  expect(listing(tree).filter((line) => !line.includes("ordinary.txt"))).toEqual(before);
  expect(daemon.exitCode).toBe(null);
  expect(peakKib(daemon.pid!)).toBeLessThan(MEMORY_KIB_MAX);
  // What is no file stays where it is, and is named.
  const { trouble } = tree
    .run(["status", "--json"])
    .json<{ daemon: { trouble: { message: string; code: string }[] } }>().daemon as unknown as {
    trouble: { message: string; code: string }[];
  };
  for (const name of ["fifo.yaml", "link.yaml"]) {
    expect(trouble.filter(({ code, message }) => code === "WO_NOT_A_FILE" && message.includes(name))).toHaveLength(1);
  }
});

it("never lets a path of the state folder be written, under its real name or through the tree", () => {
  tree = makeTree({ init: ["--orders"] });
  const inside = join(tree.root, "state");
  const nested = makeTree({ init: null });
  try {
    const env = { HOLDFAST_HOME: join(nested.root, ".state") };
    expect(nested.run(["init", "--yes"], { env }).code).toBe(0);
    const id = nested.run(["status", "--json"], { env }).json<{ tree: { id: string } }>().tree.id;
    for (const path of [`.state/${id}/holdfast.db`, `.STATE/${id}/x`, ".state/trees.json", ".state"]) {
      const ran = nested.run(["submit", "-", "--wait", "--json"], {
        env,
        input: JSON.stringify({ id: "WO-S", files: [{ path, content: "x" }] }),
      });
      expect([path, ran.code, ran.json<View>().error?.code]).toEqual([path, 5, "WO_PATH_FORBIDDEN"]);
    }
  } finally {
    nested.end();
  }
  expect(existsSync(inside)).toBe(false);
});

const NASTY = "\u001b[31mred\u001b]0;title\u0007\u009b1m\u202edetnorf\r\u0000\u0008";

it("shows control characters as text: no raw byte of them reaches a terminal", () => {
  tree = makeTree({ init: ["--orders"] });
  const order = {
    id: `WO-${NASTY}-1`,
    title: `title ${NASTY}`,
    files: [{ path: "a.txt", content: "x" }],
    tests: [{ name: `test ${NASTY}`, command: `printf 'out \\033[31m \\007'; exit 1` }],
  };
  const ran = tree.run(["submit", "-", "--wait"], { input: JSON.stringify(order) });
  const id = tree.run(["wo", "list", "--json"]).json<{ orders: View[] }>().orders[0]?.id ?? "";
  expect(id).toMatch(/^[A-Za-z0-9._-]+$/);
  tree.write("b\u001b[31m\n.txt", "x\n");
  writeFileSync(join(tree.base, `evil${"\u001b"}[31m.yaml`), "id: [\n");
  const shown = [
    ran,
    tree.run(["wo", "list"]),
    tree.run(["wo", "show", id]),
    tree.run(["history"]),
    tree.run(["snapshot", "--note", NASTY.replaceAll("\u0000", "")]),
    tree.run(["snapshots"]),
    tree.run(["wo", "show", "\u001b[31m"]),
    tree.run(["restore", "\u001b[31m"]),
    tree.run(["\u001b[31m"]),
    tree.run(["status", "\u001b[31m"]),
    tree.run(["submit", `../evil${"\u001b"}[31m.yaml`]),
    tree.run(["protect", "b\u001b[31m\n.txt"]),
    tree.run(["components"]),
    tree.run(["status"]),
    tree.run(["wo", "show", "\u001b[31m\u009b\u202e", "--json"]),
    tree.run(["wo", "show", id, "--json"]),
    tree.run(["history", "--json"]),
    tree.run(["ledger", "export"]),
  ];
  for (const { out, err } of shown) {
    expect(`${out}${err}`).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
  }
  expect(tree.run(["wo", "show", id]).out).toContain("\\x1b[31mred");
  expect(tree.run(["wo", "show", id, "--json"]).json()).toMatchObject({ title: `title ${NASTY}` });
});

it("makes an id that is a path into a name, for the state file and the acknowledgement too", () => {
  tree = makeTree({ init: ["--orders"] });
  for (const id of ["../../evil", "/etc/passwd", "a/b\\c", "..", ".", "CON", "-rf", "x".repeat(5_000)]) {
    const ran = submit(tree, { id, files: { "id.txt": id } }, "--wait", "--agent", "CLC");
    const made = ran.json<View>();
    if (ran.code === 0) expect(made.id).toMatch(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/);
    else expect([id, ran.code]).toEqual([id, 5]);
  }
  for (const name of filesIn(tree, "g/followup/state")) expect(name).toMatch(/^[A-Za-z0-9_][A-Za-z0-9._-]*\.json$/);
  expect(existsSync(join(tree.root, "evil"))).toBe(false);
  expect(submit(tree, { id: "WO-A", files: { x: "x" } }, "--agent", "../../evil").code).not.toBe(0);
  expect(existsSync(join(tree.base, "evil"))).toBe(false);
});
