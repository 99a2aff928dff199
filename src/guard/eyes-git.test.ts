/** Git at work in the tree: what it does for a moment is no change, and its rest is told. */

import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { TreePath } from "../base/index.ts";
import { realPorts } from "../platform/index.ts";
import { type EyesWorld, eyesWorld, until } from "./eyes-fixture.ts";

let world: EyesWorld;
afterEach(() => world.end());

const at = (path: string) => join(world.root, path);
const latest = (path: string) => {
  const entry = world.vault.latest(path as TreePath)?.entry;
  return entry?.kind === "file" ? world.vault.read(entry.digest).toString() : null;
};

describe("git at work", () => {
  const FILES = 20;
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=T", "-c", "user.email=t@example.org", ...args], { cwd: world.root });

  it("is known by a lock that is gone when its event comes: what a switch and a switch back do is no change", async () => {
    const plantRepository = (root: string) => {
      const run = (...args: string[]) =>
        execFileSync("git", ["-c", "user.name=T", "-c", "user.email=t@example.org", ...args], { cwd: root });
      run("init", "-q", "-b", "main");
      run("commit", "-qm", "empty", "--allow-empty");
      run("branch", "empty");
      for (let index = 0; index < FILES; index += 1) fs.writeFileSync(join(root, `f${index}`), String(index));
      run("add", "-A");
      run("commit", "-qm", "files");
      fs.writeFileSync(join(root, "marker"), "");
    };
    // However long git takes on a busy machine: time passes only when it is told to.
    const clock = steppedClock();
    world = eyesWorld({ ports: { clock }, before: plantRepository });
    await world.eyes.start();
    const from = world.vault.versionHead();
    git("switch", "-q", "empty");
    await until(() => world.eyes.state().settling >= FILES);
    clock.step(100);
    fs.writeFileSync(at("marker"), "two");
    // What takes longer to settle than what is missing has, and git's second is not over.
    await until(() => {
      if (clock.stood() < 900) clock.step(10);
      return latest("marker") === "two";
    });
    git("switch", "-q", "main");
    clock.release();
    await world.eyes.remembered();
    expect(world.vault.pathsBetween(from, world.vault.versionHead())).toEqual(["marker"]);
  });

  it("holds back what changes meanwhile until a second after; its rest is told", async () => {
    world = eyesWorld({ before: (root) => execFileSync("git", ["init", "-q", root]) });
    await world.eyes.start();
    fs.writeFileSync(at(".git/index.lock"), "");
    await untilTick();
    const beganMs = Date.now();
    fs.writeFileSync(at("f"), "one");
    setTimeout(() => fs.rmSync(at(".git/index.lock")), 500);
    await until(() => latest("f") === "one");
    expect(Date.now() - beganMs).toBeGreaterThan(1_400);
    git("add", "f");
    git("commit", "-q", "-m", "one");
    await until(() => world.gitMoves > 0);
  });
});

/** Stands still but for steps, until it is released. */
function steppedClock() {
  const { clock } = realPorts();
  const [wallMs, monotonicMs] = [clock.now(), clock.monotonicMs()];
  let stoodMs: number | null = 0;
  return {
    ...clock,
    now: () => (stoodMs === null ? clock.now() : wallMs + stoodMs),
    monotonicMs: () => (stoodMs === null ? clock.monotonicMs() : monotonicMs + stoodMs),
    stood: () => stoodMs ?? Number.POSITIVE_INFINITY,
    step(ms: number): void {
      if (stoodMs !== null) stoodMs += ms;
    },
    release(): void {
      stoodMs = null;
    },
  };
}

async function untilTick(): Promise<void> {
  await new Promise((again) => setTimeout(again, 50));
}
