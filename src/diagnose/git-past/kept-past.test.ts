import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { realPorts } from "../../platform/index.ts";
import { newRepository, openStory, SCRIPT, type Story } from "../stories/story-fixture.ts";
import { buildPast, openPast } from "./kept-past.ts";
import { openRepository, pathspecOf } from "./repository.ts";

const PORTS = realPorts();
const PATH = "agents/router/run.sh";
let home: string;
let story: Story;
const past = () => ({ folder: join(home, "git-past"), objectsMin: 0 });

beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), "holdfast-past-")));
  story = newRepository();
  for (const text of [SCRIPT, `${SCRIPT}# two\n`, `${SCRIPT}# three\n`]) story.put(PATH, text);
});
afterEach(() => {
  story.end();
  // A git that nobody waits for may still be writing.
  rmSync(home, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 });
});

const location = () => PORTS.git.locate(story.dir)!;
const touched = async () => {
  const repository = openRepository(story.dir, PORTS, past())!;
  const touches = await repository.touches(["HEAD"], [pathspecOf({ path: PATH, isGlob: false })]);
  return touches.map(({ commit }) => commit);
};
const inGit = () => story.git("log", "--format=%H", "--", PATH).trim().split("\n");
const isQuick = () => openPast(location(), past(), PORTS).run.objects !== undefined;

function fileNamed(name: RegExp): string {
  const all = readdirSync(past().folder, { recursive: true, encoding: "utf8" });
  return join(past().folder, all.find((one) => name.test(one))!);
}

async function built(): Promise<void> {
  await buildPast(location(), past(), PORTS);
  await vi.waitFor(() => expect(isQuick()).toBe(true), { timeout: 60_000, interval: 20 });
}

const gitsOwn = () =>
  execFileSync("sh", ["-c", "find .git -type f -exec sha256sum {} + | sort; find .git | sort"], {
    cwd: story.dir,
  }).toString();

test("a path's history is the same with a graph as without, and git's own folder stays as it was", async () => {
  const before = gitsOwn();
  const plain = await touched();
  await built();
  expect(await touched()).toEqual(plain);
  expect(plain).toEqual(inGit());
  expect(gitsOwn()).toBe(before);
});

test("git is told of the graph, and walks history with it", async () => {
  await built();
  const { objects } = openPast(location(), past(), PORTS).run;
  expect(objects!.repository).toBe(join(story.dir, ".git/objects"));
  rmSync(join(story.dir, ".git/objects", story.git("rev-parse", "HEAD~1").trim().replace(/^../, "$&/")));
  const walk = (options: object) => PORTS.git.run(story.dir, ["rev-list", "--count", "HEAD"], options);
  expect((await walk({ objects })).toString().trim()).toBe("4");
  await expect(walk({})).rejects.toThrow();
});

test("what was asked before is not asked of git again, and what came since is seen", async () => {
  const asked = vi.spyOn(PORTS.git, "run");
  const plain = await touched();
  expect(await touched()).toEqual(plain);
  expect(asked.mock.calls.filter(([, [verb]]) => verb === "log")).toHaveLength(1);
  asked.mockRestore();
  await built();
  story.put(PATH, `${SCRIPT}# four\n`);
  expect(await touched()).toEqual(inGit());
  expect(await touched()).toHaveLength(plain.length + 1);
});

describe("what is damaged is not used", () => {
  test.each([
    ["graph", /commit-graph$/],
    ["log", /logs\/./],
  ])("a %s", async (_, name) => {
    await built();
    const plain = await touched();
    const file = fileNamed(name);
    const bytes = readFileSync(file);
    bytes[bytes.length - 40]! ^= 1;
    rmSync(file);
    writeFileSync(file, bytes);
    expect(await touched()).toEqual(plain);
    if (name.source.startsWith("commit")) expect(isQuick()).toBe(false);
  });

  test("and a graph is made anew", async () => {
    await built();
    const file = fileNamed(/commit-graph$/);
    rmSync(file);
    writeFileSync(file, "CGPH");
    rmSync(fileNamed(/past\.json$/));
    await built();
  });
});

test("refs that did not move need no other graph", async () => {
  await built();
  expect(await buildPast(location(), past(), PORTS)).toBe(false);
  story.put("other.txt", "x\n");
  expect(await buildPast(location(), past(), PORTS)).toBe(true);
});

test("a lock that a crash left goes when it is old", async () => {
  await built();
  const lock = `${fileNamed(/commit-graph$/)}.lock`;
  writeFileSync(lock, "");
  story.put("other.txt", "x\n");
  expect(await buildPast(location(), past(), PORTS)).toBe(false);
  execFileSync("touch", ["-d", "2 hours ago", lock]);
  expect(await buildPast(location(), past(), PORTS)).toBe(true);
});

describe("nothing is kept", () => {
  const keepsNothing = async () => {
    expect(await touched()).toEqual(inGit());
    expect(await buildPast(location(), past(), PORTS)).toBe(false);
    expect(existsSync(past().folder)).toBe(false);
  };

  test("of a shallow clone", async () => {
    const dir = join(home, "clone");
    mkdirSync(dir);
    story.git("clone", "-q", "--depth=2", `file://${story.dir}`, dir);
    story.end();
    story = openStory(dir);
    await keepsNothing();
  });

  test("where commits are replaced", async () => {
    story.git("replace", story.git("rev-parse", "HEAD~1").trim(), story.git("rev-parse", "HEAD~2").trim());
    await keepsNothing();
    story.git("pack-refs", "--all");
    await keepsNothing();
  });

  test("where nothing may be written", async () => {
    writeFileSync(past().folder, "in the way\n");
    expect(await touched()).toEqual(inGit());
    expect(await buildPast(location(), past(), PORTS)).toBe(false);
  });
});

test("a worktree shares what is kept of its repository", async () => {
  await built();
  const dir = join(home, "work");
  story.git("worktree", "add", "-q", "--detach", dir);
  expect(openPast(PORTS.git.locate(dir)!, past(), PORTS).run.objects).toBeDefined();
});

test("what is kept of a repository that is gone goes", async () => {
  await built();
  const [name] = readdirSync(past().folder);
  const other = newRepository();
  story.end();
  await buildPast(PORTS.git.locate(other.dir)!, past(), PORTS);
  expect(readdirSync(past().folder)).not.toContain(name);
  other.end();
});
