/**
 * A tree as the guard's rows are measured on: 50,000 files in git, all committed, 1,000 or more of them protected, the daemon up.
 *
 * The bulk is the reference tree, as often as it takes. What is protected lies apart, 25 small files a folder, half of them executable.
 */

import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isInstalled, timed } from "./command.ts";
import { type Daemon, Holdfast } from "./holdfast.ts";
import { LedgerEnd } from "./ledger-end.ts";
import { copyTree } from "./reference-tree.ts";
import type { Stage } from "./stage.ts";

const FILES_PER_FOLDER = 25;
const TREE_AND_STORE_MIB = 2_560;
export const PROTECTED_FOLDER = "protected";

export interface GuardedTree {
  readonly root: string;
  /** The volume's folder: the tree and its state are below it. */
  readonly dir: string;
  readonly daemon: Daemon;
  readonly ledger: LedgerEnd;
  /** From the root. */
  readonly protectedPaths: readonly string[];
  readonly files: number;
}

export async function guardedTree(
  stage: Stage,
  { files, protectedFiles }: { files: number; protectedFiles: number },
): Promise<GuardedTree> {
  const { dir } = stage.volume(TREE_AND_STORE_MIB);
  const root = join(dir, "tree");
  mkdirSync(root);
  const copies = Math.floor((files - protectedFiles) / stage.tree.files);
  for (let copy = 1; copy <= copies; copy++) copyTree(stage.tree.dir, join(root, `copy-${copy}`));
  const protectedPaths = writeSmallFiles(root, PROTECTED_FOLDER, protectedFiles);
  writeSmallFiles(root, "rest", files - protectedFiles - copies * stage.tree.files);
  if (isInstalled("git")) commitAll(root);
  const holdfast = new Holdfast(stage, join(dir, "home"));
  holdfast.timed(["init", "--yes", root], root);
  holdfast.timed(["protect", PROTECTED_FOLDER, "--name", "guarded"], root);
  const daemon = await holdfast.startDaemon(root, stage);
  const { state } = await holdfast.tree(root);
  const ledger = new LedgerEnd(state.db);
  stage.atEnd(() => ledger.close());
  await daemon.hasSwept();
  return { root, dir, daemon, ledger, protectedPaths, files };
}

/** About 2 KB each, no two alike. */
export function writeSmallFiles(root: string, folder: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const within = join(folder, `folder-${Math.floor(index / FILES_PER_FOLDER)}`);
    if (index % FILES_PER_FOLDER === 0) mkdirSync(join(root, within), { recursive: true });
    const path = join(within, `file-${index}.sh`);
    writeFileSync(
      join(root, path),
      `#!/bin/sh\n# ${path}\n${`echo "what stands here must stay, line ${index}"\n`.repeat(42)}`,
    );
    chmodSync(join(root, path), index % 2 === 0 ? 0o755 : 0o644);
    return path;
  });
}

function commitAll(root: string): void {
  const who = ["-c", "user.name=bench", "-c", "user.email=bench@localhost", "-c", "gc.auto=0"];
  for (const args of [
    ["init", "-q", "-b", "main"],
    ["add", "-A"],
    ["commit", "-q", "-m", "all of it"],
  ])
    timed({
      command: ["git", ...who, ...args],
      cwd: root,
      env: { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" },
    });
}
