/**
 * Where a repository is and what it has checked out, read from git's own files: no process is started, nothing is written.
 *
 * The layout is documented in gitrepository-layout(5). Only the reftable format, which keeps no readable `HEAD`, needs git itself.
 */

import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { type GitHead, type GitLocation, type GitPort, isSystemError } from "../base/index.ts";
import { gitCommand, runGit, startGitApart } from "./git-run.ts";

const SYMBOLIC_REFS_MAX = 5;

export function realGit(): GitPort {
  return { locate, head, run: runGit, startApart: startGitApart };
}

function locate(dir: string): GitLocation | null {
  for (let workTree = path.resolve(dir); ; workTree = path.dirname(workTree)) {
    const gitDir = gitDirOf(workTree);
    if (gitDir !== null) return { workTree, gitDir, commonDir: commonDirOf(gitDir) };
    if (workTree === path.dirname(workTree)) return null;
  }
}

/** `.git` is a folder, a link to one, or, in a worktree or submodule, a file with the line `gitdir: <path>`. */
function gitDirOf(workTree: string): string | null {
  const dotGit = path.join(workTree, ".git");
  const text = readText(dotGit);
  if (text === null) return isGitDir(dotGit) ? dotGit : null;
  const named = /^gitdir: (.+?)\r?\n?$/s.exec(text);
  if (named === null) return null;
  const gitDir = path.resolve(workTree, named[1]!);
  return isGitDir(gitDir) ? gitDir : null;
}

function isGitDir(dir: string): boolean {
  return isThere(path.join(dir, "HEAD")) && isThere(path.join(commonDirOf(dir), "objects"));
}

function commonDirOf(gitDir: string): string {
  const text = readText(path.join(gitDir, "commondir"));
  return text === null ? gitDir : path.resolve(gitDir, text.trimEnd());
}

function head(location: GitLocation): GitHead {
  if (isThere(path.join(location.commonDir, "reftable"))) return headByGit(location);
  const text = (readText(path.join(location.gitDir, "HEAD")) ?? "").trim();
  const target = symbolicTarget(text);
  if (target === null) return { branch: null, commit: asCommit(text) };
  return { branch: target.replace(/^refs\/heads\//, ""), commit: resolveRef(location, target) };
}

function resolveRef(location: GitLocation, name: string): string | null {
  let ref = name;
  for (let hop = 0; hop < SYMBOLIC_REFS_MAX; hop += 1) {
    const text = readText(path.join(location.gitDir, ref)) ?? readText(path.join(location.commonDir, ref));
    if (text === null) return packedRef(location, ref);
    const target = symbolicTarget(text.trim());
    if (target === null) return asCommit(text.trim());
    ref = target;
  }
  return null;
}

/** Lines `<commit> <ref>`; a loose ref, looked at before, wins. */
function packedRef(location: GitLocation, ref: string): string | null {
  const text = readText(path.join(location.commonDir, "packed-refs")) ?? "";
  const end = text.indexOf(` ${ref}\n`);
  if (end < 0) return null;
  return asCommit(text.slice(text.lastIndexOf("\n", end - 1) + 1, end));
}

/** The ref that `ref: refs/heads/main` names. Nothing outside `refs/`, so that no path is made of foreign text. */
function symbolicTarget(text: string): string | null {
  const named = /^ref:\s*(refs\/\S+)$/.exec(text);
  return named === null || named[1]!.split("/").includes("..") ? null : named[1]!;
}

function asCommit(text: string): string | null {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text) ? text : null;
}

function headByGit(location: GitLocation): GitHead {
  const ask = (...args: string[]): string | null => {
    const { program, allArgs, env } = gitCommand(args);
    try {
      return execFileSync(program, allArgs, { cwd: location.workTree, env, stdio: ["ignore", "pipe", "pipe"] })
        .toString()
        .trim();
    } catch (error) {
      // With --quiet, 1 says "there is none"; anything else is a failure.
      if (error instanceof Error && "status" in error && error.status === 1) return null;
      throw error;
    }
  };
  const branch = ask("symbolic-ref", "--quiet", "HEAD");
  return {
    branch: branch?.replace(/^refs\/heads\//, "") ?? null,
    commit: ask("rev-parse", "--quiet", "--verify", "HEAD"),
  };
}

/** `null` where there is no file to read: a folder, nothing, or a folder on the way that is none. */
function readText(file: string): string | null {
  try {
    return fs.readFileSync(file, "utf8");
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR", "EISDIR")) return null;
    throw error;
  }
}

function isThere(file: string): boolean {
  try {
    return fs.statSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if (isSystemError(error, "ENOTDIR", "EACCES", "ELOOP")) return false;
    throw error;
  }
}
