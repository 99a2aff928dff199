/** What a machine does to orders: odd names, large files, folders that may not be written, disks that are full. Undone, said, tried again. */

import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { HOLDFAST, makeTree, type TestTree, until } from "./holdfast.ts";
import { listing, show, submit, type View } from "./order-fixture.ts";

let tree: TestTree;
const undo: (() => void)[] = [];
afterEach(() => {
  for (const step of undo.splice(0).reverse()) step();
  tree?.end();
});

const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;
/** Says aloud what could not be shown here. */
const itAsRoot = isRoot ? it : it.skip;

it("keeps odd names byte for byte: newline, 255 bytes, spaces, a leading dash; and names what is not UTF-8", () => {
  tree = makeTree();
  const names = [
    "a\nb.txt",
    `${"ü".repeat(127)}x`,
    " lead and trail ",
    "-rf",
    "tab\there",
    "naïve.txt",
    "nai\u0308ve.txt",
    'quote".txt',
    "back\\slash",
  ];
  for (const name of names) tree.write(`odd/${name}`, `${name}\n`);
  const bad = Buffer.concat([Buffer.from(join(tree.root, "odd/")), Buffer.from([0xff, 0xfe, 0x2e])]);
  writeFileSync(bad, "not text\n");
  const taken = tree.run(["snapshot", "--json"]).json<{ id: string; skipped: { path: string; why: string }[] }>();
  expect(taken.skipped).toHaveLength(1);
  expect(JSON.stringify(taken.skipped)).toMatch(/UTF-8/i);
  for (const name of names) rmSync(join(tree.root, "odd", name));
  expect(tree.run(["restore", "odd", "--from", taken.id]).code).toBe(0);
  for (const name of names) expect(tree.read(`odd/${name}`)).toBe(`${name}\n`);
  expect(readFileSync(bad, "utf8")).toBe("not text\n");
  const ordered = submit(
    tree,
    { id: "WO-ODD", files: names.map((name) => ({ path: `made/${name}`, content: name })) },
    "--wait",
  );
  expect(ordered.json()).toMatchObject({ stage: "accepted" });
  expect(readdirSync(join(tree.root, "made")).sort()).toEqual([...names].sort());
  expect(tree.run(["wo", "show", "WO-ODD"]).out).toContain("a\\nb.txt");
  const badArgument = spawnSync("sh", ["-c", `"$1" restore "$(printf 'odd/\\377')"`, "sh", HOLDFAST], {
    cwd: tree.root,
    env: tree.environment,
    encoding: "utf8",
  });
  expect([4, 5]).toContain(badArgument.status);
});

it("remembers and gives back a file of 200 MB in bounded memory", { timeout: 90_000 }, async () => {
  tree = makeTree();
  const daemon = await tree.up();
  execFileSync("sh", ["-c", "head -c 200000000 /dev/urandom > big.sqlite"], { cwd: tree.root });
  const sum = () => execFileSync("sha256sum", ["big.sqlite"], { cwd: tree.root }).toString();
  const before = sum();
  expect(tree.run(["snapshot"]).code).toBe(0);
  rmSync(join(tree.root, "big.sqlite"));
  expect(tree.run(["restore", "big.sqlite"]).code).toBe(0);
  expect(sum()).toBe(before);
  const peakKib = Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${daemon.pid}/status`, "utf8"))![1]);
  expect(peakKib).toBeLessThan(350 * 1024);
});

it("says that an order is too large before reading it whole", () => {
  tree = makeTree();
  const file = join(tree.base, "large.json");
  execFileSync("sh", [
    "-c",
    `(printf '{"id":"WO-L","files":[{"path":"x","content":"'; head -c 200000000 /dev/zero | tr '\\0' x; printf '"}]}\\n') > ${file}`,
  ]);
  const ran = tree.run(["submit", file, "--json"]);
  expect([ran.code, ran.json<{ error: { code: string } }>().error.code]).toEqual([5, "WO_TOO_LARGE"]);
});

itAsRoot("undoes an order that meets a folder which may not be written, says which, and does it once it may", () => {
  tree = makeTree({ init: null });
  chmodSync(tree.base, 0o755);
  mkdirSync(tree.home);
  for (const place of [tree.root, tree.home, join(tree.base, "user")])
    execFileSync("chown", ["-R", `${NOBODY}:${NOBODY}`, place]);
  const as = (args: readonly string[], input = "") => {
    const { status, stdout, stderr } = spawnSync(
      "setpriv",
      [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", HOLDFAST, ...args],
      {
        cwd: tree.root,
        env: tree.environment,
        input,
        encoding: "utf8",
      },
    );
    return { code: status, out: stdout, err: stderr };
  };
  expect(as(["init", "--yes"]).err).not.toContain("✗");
  mkdirSync(join(tree.root, "closed"), { mode: 0o755 });
  mkdirSync(join(tree.root, "open"), { mode: 0o755 });
  chownSync(join(tree.root, "open"), NOBODY, NOBODY);
  tree.write("closed/there.txt", "there\n");
  const before = listing(tree);
  const order = JSON.stringify({
    id: "WO-SHUT",
    files: [
      { path: "open/a.txt", content: "a\n" },
      { path: "closed/b.txt", content: "b\n" },
      { path: "closed/there.txt", content: "over\n" },
    ],
  });
  const ran = as(["submit", "-", "--wait", "--json"], order);
  expect(ran.code).toBe(1);
  const view = JSON.parse(ran.out) as View;
  expect(view).toMatchObject({ status: "failed", stage: "undone", error: { code: "WO_IO" } });
  expect(view.error?.message).toMatch(/EACCES.*closed/);
  expect(listing(tree)).toEqual(before);
  chownSync(join(tree.root, "closed"), NOBODY, NOBODY);
  chownSync(join(tree.root, "closed/there.txt"), NOBODY, NOBODY);
  expect(JSON.parse(as(["wo", "retry", "WO-SHUT", "--wait", "--json"]).out)).toMatchObject({
    stage: "accepted",
    attempts: 2,
  });
  expect(tree.read("closed/there.txt")).toBe("over\n");
  // A file that may not be read is named, not passed over.
  tree.write("closed/secret.txt", "s\n", 0o600);
  const taken = JSON.parse(as(["snapshot", "--json"]).out) as { skipped: { path: string; why: string }[] };
  expect(taken.skipped).toMatchObject([{ path: "closed/secret.txt", why: expect.any(String) }]);
});

function smallDisk(place: string, size: string): void {
  mkdirSync(place, { recursive: true });
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size},mode=0755`, "holdfast-test", place]);
  undo.push(() => execFileSync("umount", ["-l", place]));
}

function canMount(): boolean {
  if (!isRoot) return false;
  const place = mkdtempSync(join(tmpdir(), "holdfast-mount-"));
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "holdfast-test", place]);
  if (status === 0) execFileSync("umount", [place]);
  rmSync(place, { recursive: true });
  return status === 0;
}

const itWithMounts = canMount() ? it : it.skip;

itWithMounts("undoes an order that fills the tree's disk, says so, and does it once there is space", () => {
  tree = makeTree({ init: null });
  rmSync(tree.root, { recursive: true });
  smallDisk(tree.root, "2m");
  expect(tree.run(["init", "--yes"]).code).toBe(0);
  writeFileSync(join(tree.root, "ballast.log"), Buffer.alloc(1_200_000));
  tree.write("seed.txt", "seed\n");
  const before = listing(tree);
  const half = "x".repeat(600_000);
  const ran = submit(
    tree,
    {
      id: "WO-FULL",
      files: [
        { path: "seed.txt", content: "new\n" },
        { path: "d/a.txt", content: half },
        { path: "d/b.txt", content: half },
      ],
    },
    "--wait",
  );
  expect(ran.code).toBe(1);
  expect(ran.json()).toMatchObject({
    stage: "undone",
    error: { code: "WO_IO", message: expect.stringContaining("ENOSPC") },
  });
  expect(listing(tree)).toEqual(before);
  rmSync(join(tree.root, "ballast.log"));
  expect(tree.run(["wo", "retry", "WO-FULL", "--wait", "--json"]).json()).toMatchObject({ stage: "accepted" });
  expect(statSync(join(tree.root, "d/b.txt")).size).toBe(600_000);
});

itWithMounts(
  "says that the state folder's disk is full, loses nothing, and goes on once there is space",
  { timeout: 90_000 },
  async () => {
    tree = makeTree({ init: null });
    smallDisk(tree.home, "6m");
    expect(tree.run(["init", "--yes", "--orders"]).code).toBe(0);
    const fill = () => spawnSync("sh", ["-c", `head -c 100000000 /dev/zero > ${join(tree.home, "ballast")}`]);
    const before = listing(tree);

    fill();
    const alone = submit(tree, { id: "WO-ALONE", files: { "a.txt": "x".repeat(200_000) } }, "--wait");
    expect([6, 1]).toContain(alone.code);
    expect(alone.err + alone.out).toMatch(/full|ENOSPC/);
    expect(listing(tree)).toEqual(before);
    expect(tree.run(["status"]).code).toBeLessThan(2);
    rmSync(join(tree.home, "ballast"));
    expect(submit(tree, { id: "WO-ALONE", files: { "a.txt": "x".repeat(200_000) } }, "--wait").json()).toMatchObject({
      stage: "accepted",
    });

    const daemon = await tree.up();
    fill();
    tree.write(
      "bridge/inbox/CLC/WO-DROP.json",
      JSON.stringify({ id: "WO-DROP", files: [{ path: "b.txt", content: "y".repeat(300_000) }] }),
    );
    await until(
      "the trouble is said",
      () => tree.run(["status", "--json"]).json<{ daemon: { trouble: unknown[] } }>().daemon.trouble.length > 0,
      30_000,
    );
    expect(tree.run(["status"]).out).toMatch(/full|ENOSPC/);
    expect(existsSync(join(tree.root, "b.txt"))).toBe(false);
    expect(daemon.exitCode).toBe(null);
    rmSync(join(tree.home, "ballast"));
    await until("the order goes through by itself", () => existsSync(join(tree.root, "b.txt")), 60_000);
    await until(
      "nothing troubles any more",
      () => tree.run(["status", "--json"]).json<{ daemon: { trouble: unknown[] } }>().daemon.trouble.length === 0,
      30_000,
    );
    expect(show(tree, "WO-DROP")).toMatchObject({ stage: "accepted" });
    expect(tree.run(["ledger", "verify", "--json"]).json()).toMatchObject({ ok: true });
    expect(tree.run(["vault", "verify", "--json"]).json()).toMatchObject({ ok: true });
  },
);
