/** What a hook costs an agent before each of its commands: the installed script, from its start to its end. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isInstalled, output, timed } from "./harness/command.ts";
import type { Benchmark, Contestant } from "./harness/contest.ts";
import { Holdfast } from "./harness/holdfast.ts";
import { copyTree } from "./harness/reference-tree.ts";
import type { Stage } from "./harness/stage.ts";

const TREES_AND_STORES_MIB = 3_072;

/** `denied`: whether the command is answered by a denial. */
const COMMANDS = {
  silence: { command: "git status --short", denied: false },
  remembered: { command: "npm run build", denied: false },
  denial: { command: "git reset --hard HEAD~1", denied: true },
} as const;

export const hook: Benchmark = {
  name: "hook",
  measures: "an agent's hook before a command: nothing to say, everything remembered, or a denial",
  unit: "ms",
  rounds: { usual: 40, quick: 10 },
  async prepare(stage) {
    const { dir } = stage.volume(TREES_AND_STORES_MIB);
    const up = new HookedTree(stage, join(dir, "up"));
    const alone = new HookedTree(stage, join(dir, "alone"));
    const daemon = await up.holdfast.startDaemon(up.root, stage);
    await daemon.hasSwept();
    const withDaemon = isInstalled("curl") ? "curl" : "no curl";
    const contestants: Contestant[] = [
      ...up.contestants("daemon up"),
      ...alone.contestants("no daemon"),
      {
        name: "node -e 0",
        role: "floor",
        measure: () => timed({ command: [process.execPath, "-e", "0"], cwd: up.root }),
      },
      { name: "true", role: "floor", measure: () => timed({ command: ["true"], cwd: up.root }) },
    ];
    return {
      contestants,
      bounds: [
        ...Object.keys(COMMANDS).map((name) => gate(`daemon up, ${name}`, withDaemon === "curl" ? 0.5 : 1.4)),
        gate("no daemon, silence", 1.4),
        gate("no daemon, denial", 1.4),
      ],
      missing: isInstalled("curl") ? [] : ["curl: the hook starts a Node each time"],
      notes: [
        "node is the one that holdfast starts; nothing changed between two calls",
        "no daemon, remembered: walks the whole tree, and is not held against a Node that does nothing",
      ],
    };
  },
};

function gate(of: string, limit: number) {
  return { kind: "gate", of, statistic: "p50", against: "node -e 0", limit } as const;
}

/** A copy of the reference tree with a protected component, and Claude Code's hook installed in a home beside it. */
class HookedTree {
  readonly root: string;
  readonly holdfast: Holdfast;
  readonly #shim: string;

  constructor(stage: Stage, dir: string) {
    this.root = join(dir, "tree");
    mkdirSync(dir);
    copyTree(stage.tree.dir, this.root);
    for (const name of ["router", "worker"]) {
      mkdirSync(join(this.root, "agents", name), { recursive: true });
      writeFileSync(join(this.root, "agents", name, "run.sh"), "#!/bin/sh\n", { mode: 0o755 });
    }
    const home = join(dir, "home");
    this.holdfast = new Holdfast(stage, home);
    this.holdfast.timed(["init", "--yes", this.root], this.root);
    this.holdfast.timed(["protect", "agents/router", "agents/worker", "--name", "agents"], this.root);
    const env = { HOLDFAST_HOME: home, HOME: join(dir, "user") };
    output({ command: [join(stage.root, "bin", "holdfast"), "hooks", "install", "claude-code"], cwd: this.root, env });
    this.#shim = join(home, "bin", "holdfast-hook");
  }

  contestants(where: string): Contestant[] {
    return Object.entries(COMMANDS).map(([name, { command, denied }]) => ({
      name: `${where}, ${name}`,
      role: "ours",
      before: () => this.#prove(command, denied),
      measure: () => timed(this.#call(command)),
    }));
  }

  #prove(command: string, denied: boolean): void {
    const said = output(this.#call(command));
    if (said.includes("deny") !== denied) throw new Error(`${command}: answered by ${JSON.stringify(said)}`);
  }

  #call(command: string) {
    const payload = {
      session_id: "bench",
      transcript_path: "/x.jsonl",
      cwd: this.root,
      permission_mode: "default",
      hook_event_name: "PreToolUse",
      tool_name: "Bash",
      tool_input: { command, description: "a command" },
      tool_use_id: "toolu_bench",
    };
    return { command: [this.#shim, "claude-code"], cwd: this.root, stdin: JSON.stringify(payload) } as const;
  }
}
