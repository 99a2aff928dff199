/** What the order tests share: orders in the spec's shape, dropping whole files, and a listing that shows every byte of a tree. */

import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Ran, TestTree } from "./holdfast.ts";

export interface View {
  id: string;
  status: string;
  stage: string;
  agent: string | null;
  attempts: number;
  paths: string[];
  tests: { name: string; ok: boolean; output: string }[];
  error: { code: string; message: string; hint: string } | null;
  heldBecause: string | null;
  warnings: string[];
  executor: string;
  snapshot: string | null;
}

export const PROCESSORS = [
  "agents/apply_patch_processor/apply_patch_processor.zsh",
  "agents/json_wo_processor/json_wo_processor.zsh",
  "agents/wo_executor/wo_executor.zsh",
  "tools/followup_tracker_update.zsh",
] as const;

/** The spec's "Component 2", as an agent writes it. `lastTest` is what its last test runs. */
export function rebuildOrder(id: string, lastTest = "test -d state/followup"): string {
  const file = (path: string) =>
    `  - path: ${path}\n    mode: "0755"\n    content: |\n      #!/usr/bin/env zsh\n      # ${basename(path)} at $(date)\n      set -euo pipefail\n      print "ok"\n`;
  return [
    `wo_id: ${id}\ntitle: "Rebuild the pipeline"\ntype: apply_patch\npriority: P0\nowner: CLC\ntags: [pipeline, rebuild]\n`,
    `goal: pipeline back\ndue_date: 2025-11-14\nnotes: from the spec\nmigration_window: tonight\n`,
    `files:\n${PROCESSORS.map(file).join("")}`,
    `operations:\n  - {op: mkdir, path: state/followup}\n`,
    `post_verify:\n${PROCESSORS.map((path) => `  - zsh -n ${path}\n`).join("")}  - test -x tools/followup_tracker_update.zsh\n`,
    `tests:\n  - {name: runs, command: ./agents/wo_executor/wo_executor.zsh, expected: ok}\n`,
    `  - name: state directory\n    command: ${JSON.stringify(lastTest)}\n`,
  ].join("");
}

export function submit(tree: TestTree, order: object | string, ...more: string[]): Ran {
  const input = typeof order === "string" ? order : JSON.stringify(order);
  return tree.run(["submit", "-", "--json", ...more], { input });
}

/** Puts a file into an inbox as a careful writer does: whole, by rename. Its times say that it has been lying there. */
export function drop(tree: TestTree, agent: string, name: string, content: string | Uint8Array): void {
  const place = join(tree.root, "bridge/inbox", agent, name);
  mkdirSync(dirname(place), { recursive: true });
  const part = join(dirname(place), `.${name.slice(0, 200)}.part`);
  writeFileSync(part, content);
  renameSync(part, place);
}

export function show(tree: TestTree, id: string): View {
  return tree.run(["wo", "show", id, "--json"]).json() as unknown as View;
}

/** Changes the configuration and accepts it. */
export function configure(tree: TestTree, edit: (text: string) => string): void {
  const before = tree.read("holdfast.yaml");
  const after = edit(before);
  if (after === before) throw new Error("the edit changed nothing");
  tree.write("holdfast.yaml", after);
  const ran = tree.run(["accept", "holdfast.yaml"]);
  if (ran.code !== 0) throw new Error(ran.err);
}

export const allowCommands = (text: string) => text.replace("commands: submitted", "commands: allow");
export const denyCommands = (text: string) => text.replace("commands: submitted", "commands: deny");

/** Every path with its kind, mode and content, git and projections left out. */
export function listing(tree: TestTree): string[] {
  return tree.names().map((name) => {
    const place = join(tree.root, name);
    const stat = lstatSync(place);
    const mode = (stat.mode & 0o7777).toString(8);
    if (stat.isSymbolicLink()) return `link ${name} ${readlinkSync(place)}`;
    if (stat.isDirectory()) return `dir ${mode} ${name}`;
    return `file ${mode} ${name} ${createHash("sha256").update(readFileSync(place)).digest("hex")}`;
  });
}

export function telemetry(tree: TestTree): { event: string; wo?: string; ok: boolean; agent: string; seq: number }[] {
  const lines = tree.read("g/telemetry/unified.jsonl").trim().split("\n");
  return lines.map((line) => JSON.parse(line) as ReturnType<typeof telemetry>[number]);
}

export function events(tree: TestTree, wo: string): string[] {
  return tree
    .run(["history", wo, "--json"])
    .json<{ records: { event: string }[] }>()
    .records.map(({ event }) => event);
}

export function filesIn(tree: TestTree, folder: string): string[] {
  return (readdirSync(join(tree.root, folder), { recursive: true }) as string[]).sort();
}
