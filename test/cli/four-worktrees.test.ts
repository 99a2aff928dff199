/**
 * Agents in four worktrees of one repository, switching, rebasing and deleting at once, under the real daemon.
 *
 * `HOLDFAST_WORKTREES_MS=60000` for the full minute; CI runs a short one.
 */

import { spawn } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { digestOf } from "../../src/base/index.ts";
import { openHouse } from "../../src/operations/house.ts";
import { realPorts } from "../../src/platform/index.ts";
import { findTree } from "../../src/tree/index.ts";
import { ended, makeTree, type TestTree, until } from "./holdfast.ts";

const RUN_MS = Number(process.env["HOLDFAST_WORKTREES_MS"] ?? 12_000);
/** What has stood for so long has settled: twice the longest settle time. */
const SETTLED_MS = 2_500;
const NAMES = ["one", "two", "three", "four"];

let tree: TestTree;
beforeAll(() => {
  tree = makeTree();
  for (let file = 0; file < 40; file += 1) tree.write(`src/part${file % 4}/f${file}.txt`, `${file}\n`);
});
afterAll(() => tree?.end());

/** What git refused, with its words: agents beside one another, and Holdfast beside them, stand in nobody's way. */
const refused: string[] = [];
const beside = new Set<Promise<unknown>>();
let alone: Promise<unknown> = Promise.resolve();

async function git(folder: string, ...args: string[]): Promise<void> {
  for (let before: typeof alone | null = null; before !== alone; ) {
    before = alone;
    await before;
  }
  const running = run(folder, args);
  beside.add(running);
  await running;
  beside.delete(running);
}

/**
 * Making and removing worktrees, while no other git command runs: git fails by itself when another looks at its list of worktrees in
 * that moment ("failed to read .git/worktrees/one/commondir: Success").
 */
async function gitAlone(folder: string, ...commands: string[][]): Promise<void> {
  const before = alone;
  const { promise, resolve } = Promise.withResolvers<void>();
  alone = promise;
  await before;
  await Promise.all(beside);
  for (const args of commands) await run(folder, args);
  resolve();
}

async function run(folder: string, args: readonly string[]): Promise<void> {
  const settings = ["-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "gc.auto=0"];
  const stdio = ["ignore", "ignore", "pipe"] as const;
  const child = spawn("git", [...settings, ...args], { cwd: folder, env: tree.environment, stdio: [...stdio] });
  let said = "";
  child.stderr?.on("data", (bytes: Buffer) => (said += bytes.toString()));
  const code = await ended(child);
  if (code !== 0) refused.push(`git ${args.join(" ")} (${code}): ${said}`);
}
const addWorktree = (root: string) => ["worktree", "add", "-q", "--detach", root, "main"];
function timesMet(root: string): number {
  const { records } = tree
    .run(["history", "--json", "--limit", "1000"])
    .json<{ records: { event: string; data: { root?: string } }[] }>();
  return records.filter(({ event, data }) => event === "tree.workspace-met" && data.root === root).length;
}
const pass = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Writes, lets it rest, then does what agents do to their worktrees. What rested is what must be in the vault. */
async function agent(name: string, untilMs: number, rested: string[]): Promise<void> {
  const root = join(tree.base, name);
  for (let round = 0; Date.now() < untilMs; round += 1) {
    const texts = [0, 1, 2].map((file) => `${name}, round ${round}, file ${file}\n`);
    texts.forEach((text, file) => {
      const path = join(root, `work/${file}/r${round}.txt`);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    });
    writeFileSync(join(root, `src/part${round % 4}/f${round % 40}.txt`), texts[0]!);
    await pass(SETTLED_MS);
    rested.push(...texts);
    switch (round % 4) {
      case 0:
        await git(root, "add", "-A");
        await git(root, "commit", "-q", "-m", `${name} ${round}`);
        await git(root, "switch", "-q", "-c", `${name}-${round}`, "main");
        break;
      case 1:
        await gitAlone(tree.root, ["worktree", "remove", "--force", root], addWorktree(root));
        await until(`${name} is met again`, () => timesMet(root) === Math.ceil((round + 1) / 4) + 1);
        break;
      case 2:
        await git(root, "reset", "-q", "--hard");
        await git(root, "clean", "-qfdx");
        await git(root, "rebase", "-q", "main");
        break;
      default:
        rmSync(join(root, "src"), { recursive: true, force: true });
        await git(root, "checkout", "-q", "-f", "--detach", "main");
    }
  }
}

it("nothing that had settled is lost, and there is no false incident in the canonical tree", async () => {
  await git(tree.root, "add", "src");
  await git(tree.root, "commit", "-q", "-m", "all");
  expect(tree.run(["protect", "src", "--name", "src"]).code).toBe(0);
  const daemon = await tree.up();
  for (const name of NAMES) await gitAlone(tree.root, addWorktree(join(tree.base, name)));
  const status = () => tree.run(["status", "--json"]).json<{ daemon: { workspaces: { name: string }[] } }>();
  await until("all are remembered", () => status().daemon.workspaces.length === NAMES.length);
  const rested: string[] = [];
  const untilMs = Date.now() + RUN_MS;
  await Promise.all(NAMES.map((name) => agent(name, untilMs, rested)));
  expect(refused).toEqual([]);
  const incidents = tree.run(["incidents", "--json"]).json<{ incidents: { workspace: object | null }[] }>().incidents;
  expect(incidents.filter(({ workspace }) => workspace === null)).toEqual([]);
  expect(tree.run(["check", "--json"]).json()).toMatchObject({ ok: true });
  daemon.kill("SIGTERM");
  await ended(daemon);
  expect(tree.run(["ledger", "verify"]).code).toBe(0);
  expect(tree.run(["vault", "verify"]).code).toBe(0);
  expect(rested.length).toBeGreaterThan(NAMES.length * 3);
  expect(await notInVault(rested)).toEqual([]);
}, 300_000);

async function notInVault(texts: readonly string[]): Promise<string[]> {
  const real = realPorts();
  const env = (name: string) => tree.environment[name];
  const ports = { ...real, process: { ...real.process, env } };
  const located = await findTree(tree.root, ports);
  if (located.standing !== "canonical") throw new Error(`${tree.root} is ${located.standing}`);
  const house = await openHouse(located.tree, ports, { readOnly: true });
  try {
    return texts.filter((text) => !house.vault.has(digestOf(text)));
  } finally {
    house.close();
  }
}
