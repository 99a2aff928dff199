/** Holdfast's own lines in other people's files: taken out, they are an incident; removed by the verb, they are not. */

import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ended, makeTree, type TestTree, until } from "./holdfast.ts";

let tree: TestTree;
let settings: string;
let shim: string;
let daemon: Awaited<ReturnType<TestTree["up"]>>;
beforeAll(async () => {
  tree = makeTree();
  settings = join(tree.base, "user/.claude/settings.json");
  shim = join(tree.home, "bin/holdfast-hook");
  daemon = await tree.up();
  tree.run(["hooks", "install", "claude-code"]);
});
afterAll(async () => {
  daemon.kill("SIGTERM");
  await ended(daemon);
  tree.end();
});

interface Incident {
  id: string;
  state: string;
  components: string[];
  kinds: string[];
  paths: string[];
  response: string;
}
const incidents = () => tree.run(["incidents", "--json"]).json<{ incidents: Incident[] }>().incidents;
const change = (text: (before: string) => string) => writeFileSync(settings, text(readFileSync(settings, "utf8")));
const records = () =>
  tree
    .run(["history", "--json"])
    .json<{ records: { event: string; component: string; data: Record<string, unknown> }[] }>()
    .records.filter(({ event }) => event.startsWith("hook."));

it("an installation is on record", () => {
  expect(records()).toMatchObject([
    { event: "hook.installed", component: "holdfast", data: { target: "claude-code", file: settings } },
  ]);
});

it("the owner's own edits are the owner's; a hook that somebody takes out is an incident until it is back", async () => {
  change((text) => text.replace("{", '{\n  "model": "opus",'));
  // The next change is noticed, so this one was looked at as well.
  const { hooks, ...rest } = JSON.parse(readFileSync(settings, "utf8"));
  delete hooks.PreToolUse;
  writeFileSync(settings, JSON.stringify({ ...rest, hooks }));
  await until("the removal is an incident", () => incidents().length === 1);
  const [incident] = incidents() as [Incident];
  const raised = { state: "open", response: "raise", components: ["holdfast"], kinds: ["modified"], paths: [settings] };
  expect(incident).toMatchObject(raised);
  expect(tree.run(["incidents", "show", incident.id]).out).toContain("→ holdfast hooks install claude-code");
  tree.run(["hooks", "install", "claude-code"]);
  await until("it is over when the hook is back", () => incidents()[0]?.state === "resolved");
  expect(JSON.parse(readFileSync(settings, "utf8")).model).toBe("opus");
});

it("the script that agents call is put back at once", async () => {
  rmSync(shim);
  await until("it is back", () => existsSync(shim));
  await until("and on record", () => incidents()[0]?.paths[0] === shim && incidents()[0]?.state === "resolved");
  expect(incidents()[0]).toMatchObject({ response: "repair", kinds: ["deleted"] });
});

it("what the verb removes is no incident", async () => {
  const before = incidents().length;
  tree.run(["hooks", "remove", "claude-code"]);
  expect(records().map(({ event }) => event)).toContain("hook.removed");
  tree.run(["hooks", "install", "git-trace"], { env: { GIT_CONFIG_GLOBAL: join(tree.base, "user/.gitconfig") } });
  rmSync(join(tree.base, "user/.gitconfig"));
  await until("a lost trace is the next incident", () => incidents().length === before + 1);
  expect(incidents()[0]).toMatchObject({ paths: [join(tree.base, "user/.gitconfig")], kinds: ["deleted"] });
});
