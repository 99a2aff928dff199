/** Ours, as a user meets it: `bin/holdfast` with a home of its own, and its daemon. */

import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import type { Ports } from "../../src/base/index.ts";
import { realPorts } from "../../src/platform/index.ts";
import { type Client, connect } from "../../src/protocol/index.ts";
import { findTree, type Tree } from "../../src/tree/index.ts";
import { ENVIRONMENT, output, timed } from "./command.ts";
import type { Stage } from "./stage.ts";

const DAEMON_START_MS_MAX = 30_000;
const DAEMON_SWEEP_MS_MAX = 60_000;
const DAEMON_STOP_MS_MAX = 10_000;

export class Holdfast {
  readonly home: string;
  readonly #bin: string;

  constructor(stage: Pick<Stage, "root">, home: string) {
    this.home = home;
    this.#bin = join(stage.root, "bin", "holdfast");
  }

  /** How long the whole process took, in ms. */
  timed(args: readonly string[], cwd: string, exits?: readonly number[]): number {
    return timed({ command: [this.#bin, ...args], cwd, env: this.#env(), ...(exits ? { exits } : {}) });
  }

  json<Output>(args: readonly string[], cwd: string): Output {
    return JSON.parse(output({ command: [this.#bin, ...args, "--json"], cwd, env: this.#env() })) as Output;
  }

  /** The real ports, in this home. */
  ports(): Ports {
    const real = realPorts();
    const env = (name: string) => (name === "HOLDFAST_HOME" ? this.home : real.process.env(name));
    return { ...real, process: { ...real.process, env } };
  }

  async tree(root: string): Promise<Tree> {
    const located = await findTree(root, this.ports());
    if (located.standing !== "canonical") throw new Error(`not a tree, but ${located.standing}`);
    return located.tree;
  }

  /** Resolves when it answers. It ends with the stage at the latest. */
  async startDaemon(
    root: string,
    stage: Pick<Stage, "atEnd">,
    { page = false }: { page?: boolean } = {},
  ): Promise<Daemon> {
    const child = spawn(this.#bin, ["up", ...(page ? ["--port", "0"] : ["--no-page"])], {
      cwd: root,
      env: { ...ENVIRONMENT, ...this.#env() },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    child.stderr.on("data", (bytes: Buffer) => {
      said = (said + bytes.toString()).slice(-2_000);
    });
    stage.atEnd(() => child.kill("SIGKILL"));
    const { state } = await this.tree(root);
    const daemon = new Daemon(child, state.socket, this.ports());
    const untilMs = performance.now() + DAEMON_START_MS_MAX;
    for (;;) {
      const client = await connect(state.socket, { ports: this.ports() });
      if (client !== null) {
        client.close();
        return daemon;
      }
      if (child.exitCode !== null || performance.now() > untilMs) throw new Error(`the daemon did not start: ${said}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  #env(): Record<string, string> {
    return { HOLDFAST_HOME: this.home };
  }
}

export class Daemon {
  readonly socket: string;
  readonly #child: ChildProcess;
  readonly #ports: Ports;

  constructor(child: ChildProcess, socket: string, ports: Ports) {
    this.#child = child;
    this.socket = socket;
    this.#ports = ports;
  }

  async connect(): Promise<Client> {
    const client = await connect(this.socket, { ports: this.#ports });
    if (client === null) throw new Error("the daemon is gone");
    return client;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Resolves when it has looked at the whole tree, and nothing waits to be remembered. */
  async hasSwept(): Promise<void> {
    const client = await this.connect();
    try {
      const untilMs = performance.now() + DAEMON_SWEEP_MS_MAX;
      for (;;) {
        const { swept, settling } = await client.call<{ swept: unknown; settling: number }>("eyes", {});
        if (swept !== null && settling === 0) return;
        if (performance.now() > untilMs) throw new Error("the daemon does not come to rest");
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    } finally {
      client.close();
    }
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGTERM");
    const late = setTimeout(() => this.#child.kill("SIGKILL"), DAEMON_STOP_MS_MAX);
    await ended;
    clearTimeout(late);
  }
}

/** The input of the verb `submit` for an order that writes one small file. */
export function oneFileOrder(id: string, path: string): Record<string, unknown> {
  const content = `${"Content that nobody else has, for this order alone.\n".repeat(18)}${id}\n`;
  const text = [
    `wo_id: ${id}`,
    `title: Write ${path}`,
    "priority: P2",
    "files:",
    `  - path: ${path}`,
    "    content: |",
    ...content
      .trimEnd()
      .split("\n")
      .map((line) => `      ${line}`),
    "",
  ].join("\n");
  return { filename: `${id}.yaml`, files: { "": Buffer.from(text).toString("base64") }, wait: true };
}
