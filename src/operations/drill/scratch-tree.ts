/**
 * A tree to destroy things in, with a home, a git configuration and a daemon of its own; nothing of the user's is read or written.
 *
 * Driven as a user drives it: every `holdfast` here is the real command, as a child. Crash: a folder below the temporary one is left,
 * and a daemon that ends with its process group.
 */

import { join } from "node:path";
import { HoldfastError, type Ports, type RunResult } from "../../base/index.ts";
import { agentOf } from "../../cause/index.ts";
import type { LedgerRecord } from "../../ledger/index.ts";
import { makeFolders, readWhole } from "../../tree/index.ts";
import type { Doer } from "./row.ts";

const START_WAIT_MS = 20_000;
const POLL_MS = 25;
const COMMAND_MS_MAX = 60_000;
const DAEMON_MS_MAX = 10 * 60_000;

export interface Scratch {
  readonly ports: Ports;
  /** What starts Holdfast. */
  readonly program: readonly string[];
  readonly base: string;
  readonly signal: AbortSignal;
}

export class ScratchTree {
  readonly root: string;
  readonly old: string;
  readonly home: string;
  readonly #scratch: Scratch;
  readonly #log: string;
  readonly #stopping = new AbortController();
  #daemon: Promise<RunResult> | null = null;
  #readBytes = 0;
  /** What `holdfast up` said, oldest first. */
  readonly records: LedgerRecord[] = [];

  constructor(name: string, scratch: Scratch) {
    this.#scratch = scratch;
    const base = join(scratch.base, name);
    this.root = join(base, "tree");
    this.old = join(base, "old");
    this.home = join(base, "home");
    this.#log = join(base, "up.jsonl");
    for (const folder of [this.root, this.old, join(base, "user"), join(base, "bin")])
      makeFolders(scratch.ports.disk, folder, 0o700);
    this.#writeFile(
      join(base, "bin/holdfast"),
      `#!/bin/sh\nexec ${scratch.program.map(quoted).join(" ")} "$@"\n`,
      0o755,
    );
    scratch.signal.addEventListener("abort", () => this.#stopping.abort());
  }

  get base(): string {
    return join(this.root, "..");
  }

  /** Git, a first commit, the configuration, and a daemon that has looked at everything. */
  async start(config: string): Promise<void> {
    this.#writeFile(join(this.root, "holdfast.yaml"), config, 0o644);
    await this.must(
      "git config --global user.name Drill; git config --global user.email drill@localhost; git config --global gc.auto 0;" +
        "git config --global advice.detachedHead false; git init -q -b main; echo scratch > README.md; git add -A; git commit -qm first",
    );
    await this.must("holdfast init --yes && holdfast hooks install git-trace --yes");
    const up = 'exec holdfast up --json --no-page >"$LOG" 2>"$LOG.err"';
    this.#daemon = this.#run(["sh", "-c", up], { by: "script", cwd: this.root, timeoutMs: DAEMON_MS_MAX });
    await this.until(async () => (await this.#status())?.eyes?.swept != null, START_WAIT_MS);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#daemon;
  }

  /** As `by` would run it. */
  shell(text: string, by: Doer, variables: Readonly<Record<string, string>> = {}): Promise<RunResult> {
    const isAway = this.#scratch.ports.disk.lstat(this.root) === null;
    const cwd = by === "nobody" ? "/" : isAway ? this.base : this.root;
    if (by !== "person") return this.#run(["sh", "-c", text], { by, cwd, variables });
    const isMac = this.#scratch.ports.process.platform === "darwin";
    const command = isMac ? ["script", "-q", "/dev/null", "sh", "-c", text] : ["script", "-qec", text, "/dev/null"];
    return this.#run(command, { by, cwd, variables });
  }

  /** What the drill does for itself: a failure ends the row. */
  async must(text: string, variables: Readonly<Record<string, string>> = {}): Promise<string> {
    const ran = await this.shell(`set -e\n${text}`, "script", variables);
    if (ran.exitCode === 0) return ran.stdout;
    throw new HoldfastError("DRILL_FAILED", `a step of the drill failed: ${lastLine(ran)}`, { data: { text } });
  }

  /** `true` when `check` came true in time. */
  async until(check: () => boolean | Promise<boolean>, timeoutMs: number): Promise<boolean> {
    const { clock } = this.#scratch.ports;
    for (const endMs = clock.monotonicMs() + timeoutMs; clock.monotonicMs() < endMs; ) {
      this.#hear();
      if (await check()) return true;
      if (this.#scratch.signal.aborted) return false;
      await clock.sleep(POLL_MS, this.#scratch.signal);
    }
    return false;
  }

  async #status(): Promise<{ eyes: { swept: unknown } | null } | null> {
    const { stdout } = await this.shell("holdfast status --json", "script");
    return stdout === ""
      ? null
      : ((JSON.parse(stdout) as { daemon?: { eyes: { swept: unknown } | null } }).daemon ?? null);
  }

  /** The daemon's own words, as they come. */
  #hear(): void {
    const bytes = readWhole(this.#scratch.ports.disk, this.#log)?.subarray(this.#readBytes);
    if (bytes === undefined || bytes.length === 0) return;
    const end = bytes.lastIndexOf(0x0a) + 1;
    this.#readBytes += end;
    for (const line of bytes.subarray(0, end).toString("utf8").split("\n")) {
      if (line === "") continue;
      const said = JSON.parse(line) as { record?: LedgerRecord };
      if (said.record) this.records.push(said.record);
    }
  }

  #run(
    command: readonly string[],
    {
      by,
      cwd,
      timeoutMs = COMMAND_MS_MAX,
      variables = {},
    }: { by: Doer; cwd: string; timeoutMs?: number; variables?: Readonly<Record<string, string>> },
  ): Promise<RunResult> {
    const { process } = this.#scratch.ports;
    const marks = process.envNames().filter((name) => agentOf([name]) !== null || name.startsWith("HOLDFAST_"));
    return process.run({
      command: command as [string, ...string[]],
      cwd,
      timeoutMs,
      signal: this.#stopping.signal,
      env: {
        ...Object.fromEntries(marks.map((name) => [name, undefined])),
        XDG_CONFIG_HOME: undefined,
        LUKA_SOT: undefined,
        HOME: join(this.base, "user"),
        HOLDFAST_HOME: this.home,
        PATH: `${join(this.base, "bin")}:${process.env("PATH") ?? "/usr/bin:/bin"}`,
        NO_COLOR: "1",
        LC_ALL: "C",
        T: this.root,
        OLD: this.old,
        LOG: this.#log,
        ...(by === "agent" ? { CLAUDECODE: "1" } : {}),
        ...variables,
      },
    });
  }

  #writeFile(path: string, text: string, mode: number): void {
    const { disk } = this.#scratch.ports;
    const fd = disk.createNew(path, mode);
    try {
      disk.write(fd, Buffer.from(text), null);
    } finally {
      disk.close(fd);
    }
  }
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

function lastLine({ stdout, stderr, exitCode }: RunResult): string {
  return `${stderr}\n${stdout}`.trim().split("\n").at(-1) || `exit ${exitCode}`;
}
