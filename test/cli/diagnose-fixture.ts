/** What the tests of `diagnose` share: its answer, git in a tree, a look at every byte, a repository that wants to run things. */

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import type { TestTree } from "./holdfast.ts";

export interface Answer {
  verdict: string;
  confidence: number;
  change: { kind: string; commit: string | null; intentional: boolean; by: { what: string } | null } | null;
  lastGood: { source: string; commit: string | null; snapshot: string | null; digest: string | null } | null;
  evidence: { at: string | null; source: string; says: string; weight: number }[];
  searched: { source: string; complete: boolean; note: string | null }[];
  proposals: { title: string; command: string; risk: string }[];
  state: { exists: boolean; kind: string | null; mode: string | null };
}

const IDENTITY = ["-c", "user.name=A", "-c", "user.email=a@example.org"];
export const ESCAPE = "\u001b[31mred\u001b[0m\u0007";

export function git(tree: TestTree, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync("git", [...IDENTITY, ...args], {
    cwd: tree.root,
    env: tree.environment,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  return stdout.trim();
}

export function commit(tree: TestTree, subject: string): string {
  git(tree, "add", "--all");
  git(tree, "commit", "-q", "-m", subject);
  return git(tree, "rev-parse", "HEAD");
}

/** Every name, kind, mode, size, time and content below a folder: what reading leaves as it is. */
export function everything(folder: string): string {
  const sum = createHash("sha256");
  for (const name of (readdirSync(folder, { recursive: true }) as string[]).sort()) {
    const path = join(folder, name);
    const { mode, size, mtimeMs, ctimeMs, ino } = lstatSync(path);
    sum.update(`${name}\0${mode} ${size} ${mtimeMs} ${ctimeMs} ${ino}\0`);
    if (lstatSync(path).isFile() && size < 1e8) sum.update(readFileSync(path));
    if (lstatSync(path).isSymbolicLink()) sum.update(readlinkSync(path));
  }
  return sum.digest("hex");
}

/** Everything that a repository can have git run: each leaves a word when it does. */
export function hostileConfiguration(tree: TestTree): void {
  const script = join(tree.base, "evil.sh");
  spawnSync(
    "sh",
    ["-c", `printf '#!/bin/sh\\necho "$0 $*" >> ${join(tree.base, "ran")}\\ncat 2>/dev/null\\nexit 0\\n' > ${script}`],
    { input: "" },
  );
  chmodSync(script, 0o755);
  const settings: Record<string, string> = {
    "core.fsmonitor": script,
    "core.pager": script,
    "core.hooksPath": join(tree.base, "hooks"),
    "core.sshCommand": script,
    "diff.external": script,
    "diff.evil.textconv": script,
    "diff.evil.command": script,
    "filter.evil.clean": script,
    "filter.evil.smudge": script,
    "gpg.program": script,
    "log.showSignature": "true",
    "log.showRoot": "false",
    "log.follow": "true",
    "diff.renames": "false",
    "core.quotePath": "true",
    "color.ui": "always",
  };
  for (const [name, value] of Object.entries(settings)) git(tree, "config", name, value);
}
