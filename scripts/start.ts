/**
 * `npm start [-- DIR]`: Holdfast at work, in one command.
 *
 * Makes a sample tree (or takes DIR), initialises it, starts `holdfast up`, shows a canary and a real order going through, says what to
 * try next, and stays until Ctrl-C. A sample tree goes when it ends; DIR stays a tree.
 */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";

const HOLDFAST = resolve(import.meta.dirname, "../bin/holdfast");
const READY_WAIT_MS = 20_000;

const given = process.argv[2];
const root = given === undefined ? sampleTree() : realpathSync(resolve(process.env["INIT_CWD"] ?? ".", given));
const environment = { ...process.env, ...(given === undefined ? { HOLDFAST_HOME: join(root, "../state") } : {}) };
let daemon: ChildProcess | null = null;

process.on("SIGINT", () => void end(0));
process.on("SIGTERM", () => void end(0));

show("A tree is remembered", ["init", root, "--yes", ...(given === undefined ? ["--orders"] : [])]);
daemon = spawn(HOLDFAST, ["up", "--tree", root], { env: environment, stdio: ["ignore", "pipe", "inherit"] });
daemon.stdout!.on("data", (bytes: Buffer) => process.stdout.write(bytes.toString().replace(/^(?=.)/gm, "  | ")));
daemon.on("exit", (code) => void end(code ?? 1));
await ready();
show("A canary goes the whole way", ["canary", "--tree", root]);
if (given === undefined) {
  show("A real order is submitted, applied, checked and accepted", [
    "submit",
    join(root, "../install-processor.yaml"),
    "--wait",
    "--tree",
    root,
  ]);
  show("A broken one leaves the tree as it was", ["submit", join(root, "../broken.yaml"), "--wait", "--tree", root]);
}
show("So it stands", ["status", "--tree", root]);
say(nextSteps());

function show(title: string, args: string[]): void {
  say(
    `\n${title}\n  $ holdfast ${args.map((arg) => (relative(process.cwd(), arg).length < arg.length && arg.startsWith("/") ? relative(process.cwd(), arg) || "." : arg)).join(" ")}`,
  );
  const { status } = spawnSync(HOLDFAST, args, { env: environment, stdio: ["ignore", "inherit", "inherit"] });
  // A failed order is part of the show; a verb that could not run is not.
  if (status !== 0 && status !== 1) void end(status ?? 1);
}

async function ready(): Promise<void> {
  const untilMs = Date.now() + READY_WAIT_MS;
  while (Date.now() < untilMs) {
    const { stdout } = spawnSync(HOLDFAST, ["status", "--json", "--tree", root], {
      env: environment,
      encoding: "utf8",
    });
    try {
      if ((JSON.parse(stdout) as { daemon?: { running: boolean } }).daemon?.running) return;
    } catch {
      // Not there yet: an error document, or nothing.
    }
    await new Promise((again) => setTimeout(again, 100));
  }
  say("the daemon did not start");
  await end(1);
}

function nextSteps(): string {
  const prefix = given === undefined ? `HOLDFAST_HOME=${join(root, "../state")} ` : "";
  const verb = (rest: string) => `  ${prefix}bin/holdfast ${rest} --tree ${root}`;
  return [
    "\nTry next, in another terminal:",
    verb("history -f"),
    ...(given === undefined
      ? [
          `  cp ${join(root, "../dropped.yaml")} ${root}/bridge/inbox/CLC/     # an order, dropped`,
          `  rm ${root}/README.md`,
          verb("restore README.md"),
        ]
      : []),
    verb("snapshot"),
    verb("components"),
    "\nCtrl-C ends it.",
  ].join("\n");
}

async function end(code: number): Promise<void> {
  if (daemon !== null && daemon.exitCode === null) {
    const gone = new Promise((resolved) => daemon!.once("exit", resolved));
    daemon.removeAllListeners("exit");
    daemon.kill("SIGTERM");
    await gone;
  }
  if (given === undefined) rmSync(join(root, ".."), { recursive: true, force: true });
  process.exit(code);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function sampleTree(): string {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "holdfast-sample-")));
  const tree = join(base, "mono");
  mkdirSync(join(tree, "tools"), { recursive: true });
  mkdirSync(join(tree, "node_modules/left"), { recursive: true });
  writeFileSync(join(tree, "README.md"), "# A tree that agents share\n");
  writeFileSync(join(tree, ".gitignore"), "node_modules\n.env\n");
  writeFileSync(join(tree, ".env"), "API_KEY=not-a-real-one\n");
  writeFileSync(join(tree, "node_modules/left/pad.js"), "\n");
  writeFileSync(join(tree, "tools/deploy.sh"), "#!/bin/sh\necho deploying\n", { mode: 0o755 });
  const git = (...args: string[]) =>
    spawnSync("git", ["-c", "user.name=sample", "-c", "user.email=sample@example.invalid", ...args], { cwd: tree });
  git("init", "-q", "-b", "main");
  git("add", "-A");
  git("commit", "-qm", "a sample");
  for (const name of ["install-processor.yaml", "broken.yaml", "dropped.yaml"]) {
    const example = resolve(import.meta.dirname, "../docs/examples", name);
    if (existsSync(example)) writeFileSync(join(base, name), readFileSync(example));
  }
  return tree;
}
