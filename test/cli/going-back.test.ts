/**
 * The contract of going back, as a matrix: each destructive command, each way of running it, with force and without. Protected components
 * are compared byte for byte and mode for mode; what is not protected must have changed as the command means.
 */

import { type ChildProcess, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeTree, type TestTree, until } from "./holdfast.ts";
import { submit } from "./order-fixture.ts";

/** What is protected, each of its own kind. */
const COMPONENTS = {
  processor: ["agents/processor"],
  secrets: [".env", "data.sqlite"],
  state: ["g/state"],
  link: ["current"],
  journal: ["mls/ledger.jsonl"],
} as const;
const PROTECTED = [...Object.values(COMPONENTS).flat(), "by-order/run.sh", "holdfast.yaml"];

/** Changes what is not protected, and would change what is. `took`: the sign that it ran. */
const COMMANDS: Record<string, { command: string[]; took: () => boolean }> = {
  "git reset --hard": { command: ["git", "reset", "-q", "--hard"], took: () => read("docs/tracked.md") === "one\n" },
  "git checkout .": { command: ["git", "checkout", "-q", "."], took: () => read("docs/tracked.md") === "one\n" },
  "git clean -fdx": { command: ["git", "clean", "-qfdx"], took: () => !existsSync(at("docs/untracked.md")) },
  "rsync --delete": {
    command: ["rsync", "-a", "--delete", "--exclude=.git", "--exclude=tools", "OLD/", "."],
    took: () => read("docs/tracked.md") === "old\n" && !existsSync(at("docs/untracked.md")),
  },
  "rm -rf": {
    command: ["rm", "-rf", "docs", "agents", ".env", "data.sqlite", "g", "current", "mls", "by-order", "holdfast.yaml"],
    took: () => !existsSync(at("docs")),
  },
  "a rollback script in the spec's style": {
    command: ["sh", "-c", SPEC_STYLE()],
    took: () => !existsSync(at("docs/untracked.md")) && read("docs/tracked.md") === "one\n",
  },
};

function SPEC_STYLE(): string {
  return `set -eu
for item in agents/processor .env data.sqlite g/state current mls by-order docs/untracked.md; do rm -rf "$item"; done
git checkout -q -- docs/tracked.md holdfast.yaml 2>/dev/null || git checkout -q -- docs/tracked.md
cp -R "OLD/agents" .`;
}

let tree: TestTree;
let daemon: ChildProcess | null = null;
const at = (path: string) => join(tree.root, path);
const read = (path: string) => readFileSync(at(path), "utf8");

/** Kind, mode and content of everything protected. */
function photo(): Record<string, string> {
  const seen: Record<string, string> = {};
  const look = (path: string) => {
    const stat = lstatSync(at(path), { throwIfNoEntry: false });
    if (stat === undefined) seen[path] = "gone";
    else if (stat.isSymbolicLink()) seen[path] = `link ${readlinkSync(at(path))}`;
    else if (stat.isDirectory()) {
      seen[path] = `dir ${(stat.mode & 0o7777).toString(8)}`;
      for (const name of readdirSync(at(path)).sort()) look(`${path}/${name}`);
    } else seen[path] = `${(stat.mode & 0o7777).toString(8)} ${readFileSync(at(path), "base64")}`;
  };
  for (const path of PROTECTED) look(path);
  return seen;
}

/** Newer than accepted where that is going on, and something of each kind beside it that is not protected. */
function furnish(): void {
  tree.write("docs/tracked.md", "two\n");
  tree.write("docs/untracked.md", "mine\n");
  tree.write("agents/processor/run.sh", "#!/bin/sh\necho newer\n", 0o755);
  tree.write("agents/processor/not-accepted.txt", "new\n");
}

beforeAll(() => {
  tree = makeTree({ init: null });
  const git = (...args: string[]) =>
    spawnSync("git", ["-c", "user.name=t", "-c", "user.email=t@t", ...args], { cwd: tree.root, env: tree.environment });
  tree.write(".gitignore", ".env\n*.sqlite\n");
  tree.write("docs/tracked.md", "one\n");
  tree.write("agents/processor/run.sh", "#!/bin/sh\necho one\n", 0o755);
  tree.write("agents/processor/lib/deep.txt", "one\n", 0o640);
  git("add", "-A");
  git("commit", "-qm", "one");
  mkdirSync(join(tree.base, "old/agents/processor"), { recursive: true });
  spawnSync("cp", ["-R", `${tree.root}/agents`, `${tree.root}/docs`, join(tree.base, "old")]);
  spawnSync(
    "sh",
    [
      "-c",
      "echo old > docs/tracked.md; echo 'echo old' > agents/processor/run.sh; echo stray > agents/processor/stray",
    ],
    {
      cwd: join(tree.base, "old"),
    },
  );
  tree.write(".env", "SECRET=1\n", 0o600);
  tree.write("data.sqlite", Buffer.from([0, 1, 2, 255]), 0o600);
  mkdirSync(at("g/state"), { recursive: true });
  chmodSync(at("g/state"), 0o750);
  symlinkSync("agents/processor", at("current"));
  tree.write("mls/ledger.jsonl", '{"n":1}\n{"n":2}\n');
  mkdirSync(at("tools"));
  expect(tree.run(["init", "--yes"]).code).toBe(0);
  tree.write("holdfast.yaml", `${read("holdfast.yaml")}\nguard: { sweep: 1s }\n`);
  expect(tree.run(["accept", "holdfast.yaml"]).err).toBe("");
  for (const [name, paths] of Object.entries(COMPONENTS))
    expect(tree.run(["protect", ...paths, "--name", name]).err).toBe("");
  submit(
    tree,
    { id: "WO-1", title: "one", files: [{ path: "by-order/run.sh", content: "#!/bin/sh\n", mode: "755" }] },
    "--wait",
  );
  furnish();
  for (const [index, { command }] of Object.values(COMMANDS).entries()) {
    const words = command.map((word) => word.replaceAll("OLD", join(tree.base, "old")));
    command.splice(0, command.length, ...words);
    const text = words[0] === "sh" ? words[2]! : words.map((word) => `'${word}'`).join(" ");
    for (const kind of ["plain", "adopted"])
      tree.write(`tools/rollback_${kind}_${index}.sh`, `#!/bin/sh\ncd "$(dirname "$0")/.."\n${text}\n`, 0o755);
  }
  git("add", "tools");
  git("commit", "-qm", "tools");
  const adopted = readdirSync(at("tools")).filter((name) => name.includes("adopted"));
  expect(tree.run(["rollback", "adopt", ...adopted.map((name) => `tools/${name}`)]).code).toBe(0);
});
afterAll(() => {
  daemon?.kill("SIGTERM");
  tree?.end();
});

const foreign = { HOLDFAST_HOME: undefined, HOME: undefined, PATH: undefined, TZ: undefined, NO_COLOR: undefined };
const WAYS: Record<
  string,
  (index: number, command: readonly string[], force: boolean) => { code: number | null; out: string; err: string }
> = {
  exec: (_, command, force) => tree.run(["exec", ...(force ? ["--force"] : []), "--", ...command]),
  rollback: (index, _, force) =>
    tree.run(["rollback", `tools/rollback_plain_${index}.sh`, ...(force ? ["--force"] : [])]),
  "an adopted script, started directly with an empty environment from elsewhere": (index, _, force) => {
    const args = force ? ["--force"] : [];
    const ran = spawnSync(at(`tools/rollback_adopted_${index}.sh`), args, { cwd: "/", env: foreign, encoding: "utf8" });
    return { code: ran.status, out: ran.stdout, err: ran.stderr };
  },
};

describe.each(["without a daemon", "with a daemon"])("%s", (when) => {
  beforeAll(async () => {
    if (when === "with a daemon") daemon = await tree.up();
  });

  // With a daemon only the last: what follows the command is the same for all.
  describe.each(Object.keys(WAYS).slice(when === "with a daemon" ? -1 : 0))("%s", (way) => {
    it.each(Object.keys(COMMANDS))("%s takes nothing that is protected", (name) => {
      const { command, took } = COMMANDS[name]!;
      furnish();
      const before = photo();
      const ran = WAYS[way]!(Object.keys(COMMANDS).indexOf(name), command, false);
      expect([ran.code, ran.err.includes("put back")]).toEqual([0, true]);
      expect(photo()).toEqual(before);
      expect(took()).toBe(true);
      expect(tree.run(["check"])).toMatchObject({ code: 0 });
    });

    it.each(Object.keys(COMMANDS))(
      "%s with force takes it, it stays gone, and one command brings it back",
      async (name) => {
        const { command, took } = COMMANDS[name]!;
        furnish();
        const before = photo();
        const ran = WAYS[way]!(Object.keys(COMMANDS).indexOf(name), command, true);
        expect([ran.code, took()]).toEqual([0, true]);
        const taken = photo();
        expect(taken).not.toEqual(before);
        const id = /holdfast rollback (R-[0-9a-f]+) {2}brings them back/.exec(ran.err)![1]!;
        if (daemon !== null) await guardHasLooked();
        expect(withoutConfiguration(photo())).toEqual(withoutConfiguration(taken));
        expect(tree.run(["rollback", id])).toMatchObject({ code: 0 });
        restoreConfiguration(before);
        expect(photo()).toEqual(before);
        expect(tree.run(["check"])).toMatchObject({ code: 0 });
      },
    );
  });
});

/** Two sweeps that began after this moment: whatever the guard would do, it has decided. */
async function guardHasLooked(): Promise<void> {
  const looks = () =>
    tree
      .run(["history", "--json", "--limit", "200"])
      .json<{ records: { event: string; seq: number; actor: { kind: string } }[] }>()
      .records.filter(({ event, actor }) => event === "guard.checked" && actor.kind === "service");
  const before = looks().at(-1)?.seq ?? 0;
  await until("the guard has swept twice", () => looks().filter(({ seq }) => seq > before).length >= 2);
}

/** The configuration that runs is no run's to accept: its file is whoever's takes it, and that is raised. */
function withoutConfiguration(seen: Record<string, string>): Record<string, string> {
  const { "holdfast.yaml": _, ...rest } = seen;
  return rest;
}

function restoreConfiguration(before: Record<string, string>): void {
  if (photo()["holdfast.yaml"] !== before["holdfast.yaml"]) tree.run(["restore", "holdfast.yaml"]);
}
