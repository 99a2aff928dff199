import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BoundedOutput } from "./bounded-output.ts";
import { run } from "./run.ts";

let dir: string;

beforeEach(() => {
  dir = fs.mkdtempSync(join(tmpdir(), "holdfast-run-"));
});
afterEach(() => fs.rmSync(dir, { recursive: true, force: true }));

const shell = (script: string, more: Partial<Parameters<typeof run>[0]> = {}) =>
  run({ command: ["sh", "-c", script], cwd: dir, timeoutMs: 20_000, ...more });

/** A process that ended but was not collected yet counts as ended. */
function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^\d+ \(.*\) Z/s.test(fs.readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

describe("run", () => {
  it("returns output, exit code and what was given on stdin", async () => {
    expect(await shell("cat; echo problem >&2; exit 3", { stdin: "given" })).toMatchObject({
      exitCode: 3,
      signal: null,
      stdout: "given",
      stderr: "problem\n",
      timedOut: false,
      aborted: false,
    });
  });

  it("survives a program that does not read its input", async () => {
    expect(await shell("exit 0", { stdin: "x".repeat(5_000_000) })).toMatchObject({ exitCode: 0 });
  });

  it("says which program or folder is missing", async () => {
    await expect(run({ command: ["no-such-program"], cwd: dir, timeoutMs: 1000 })).rejects.toMatchObject({
      code: "ENOENT",
    });
    await expect(shell("true", { cwd: join(dir, "none") })).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("strips GIT_ variables that it inherited, and nothing that it was given", async () => {
    process.env["GIT_DIR"] = "/elsewhere";
    try {
      const { stdout } = await shell('echo "$GIT_DIR,$GIT_PAGER,$MINE,$HOME"', {
        env: { GIT_PAGER: "cat", MINE: "1", HOME: undefined },
      });
      expect(stdout).toBe(",cat,1,\n");
    } finally {
      delete process.env["GIT_DIR"];
    }
  });

  it("ends what the program left running in its group", async () => {
    const { stdout, elapsedMs } = await shell("sleep 60 & echo $!");
    expect(lives(Number(stdout))).toBe(false);
    expect(elapsedMs).toBeLessThan(1_500);
  });

  it("ends the whole group on a timeout, also members that ignore SIGTERM", async () => {
    const result = await shell("trap '' TERM; sh -c 'trap \"\" TERM; echo $$; while :; do sleep 1; done'", {
      timeoutMs: 300,
    });
    expect(result).toMatchObject({ timedOut: true, exitCode: null, signal: "SIGKILL" });
    expect(lives(Number(result.stdout))).toBe(false);
  });

  it("ends on abort, and does not start when aborted before", async () => {
    const abort = new AbortController();
    const running = shell("echo started; sleep 60", { signal: abort.signal });
    abort.abort();
    expect(await running).toMatchObject({ aborted: true, timedOut: false, exitCode: null });
    const never = await shell("touch ran", { signal: abort.signal });
    expect(never.aborted).toBe(true);
    expect(fs.existsSync(join(dir, "ran"))).toBe(false);
  });

  it.runIf(process.platform === "linux")(
    "does not wait for a daemon that left the group and holds the pipes",
    async () => {
      const { stdout, elapsedMs } = await shell("setsid sleep 30 & echo $!; sleep 0.2");
      try {
        expect(elapsedMs).toBeLessThan(1_500);
      } finally {
        process.kill(Number(stdout), "SIGKILL");
      }
    },
  );

  it("keeps the beginning and the end of long output", async () => {
    const { stdout } = await shell("echo first; yes | head -c 300000; echo last", { outputBytesMax: 1000 });
    expect(stdout).toMatch(/^first\n/);
    expect(stdout).toMatch(/last\n$/);
    expect(stdout).toContain("\n… 299011 bytes cut …\n");
    expect(stdout.length).toBeLessThan(1_100);
  });
});

describe("BoundedOutput", () => {
  it("never shows half a character where it cuts", () => {
    const output = new BoundedOutput(10);
    output.add(Buffer.from("abcäää"));
    output.add(Buffer.from("ööö xyz"));
    expect(output.text()).not.toContain("\ufffd");
    expect(output.text()).toMatch(/^abcä\n… \d+ bytes cut …\n xyz$/);
  });

  it("shows everything when it fits exactly", () => {
    const output = new BoundedOutput(10);
    output.add(Buffer.from("0123"));
    output.add(Buffer.from("456789"));
    expect(output.text()).toBe("0123456789");
  });
});
