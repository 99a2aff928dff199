/** One repository as a diagnosis asks it: where it is, what cuts its history short, and the few questions that are put to it. */

import { join } from "node:path";
import type { GitHead, GitLocation, Ports } from "../../base/index.ts";
import { LIMITS } from "../../base/index.ts";
import { readWhole } from "../../tree/index.ts";
import { NO_PAST, openPast, type PastOptions } from "./kept-past.ts";
import { type GitState, LOG_SHAPE, parseTouches, readLog, type Touch } from "./read-log.ts";

export type GitPorts = Pick<Ports, "git" | "disk" | "clock">;

export interface Repository {
  readonly root: string;
  readonly location: GitLocation;
  readonly head: GitHead;
  /** History ends early: what lies before is not known. */
  readonly isShallow: boolean;
  /** Objects may be missing, and are not fetched. */
  readonly isPartial: boolean;
  /** The file system keeps the executable bit as git sets it. */
  readonly trustsModes: boolean;
  run(args: readonly string[], stdin?: string): Promise<Buffer>;
  touches(revisions: readonly string[], pathspecs: readonly string[], stdin?: string): Promise<Touch[]>;
}

/** `null` where there is none. `root`: its work tree. `past`: where its history is kept quick; without one it is not. */
export function openRepository(dir: string, ports: GitPorts, past: PastOptions | null): Repository | null {
  const location = ports.git.locate(dir);
  if (location === null) return null;
  const untilMs = ports.clock.monotonicMs() + LIMITS.diagnoseGitMs;
  const timeoutMs = () => Math.max(1, Math.ceil(untilMs - ports.clock.monotonicMs()));
  const root = location.workTree;
  const kept = past === null ? NO_PAST : openPast(location, past, ports);
  const head = ports.git.head(location);
  const config = readWhole(ports.disk, join(location.commonDir, "config"))?.toString("utf8") ?? "";
  return {
    root,
    location,
    head,
    isShallow: ports.disk.lstat(join(location.commonDir, "shallow")) !== null,
    isPartial: /^\s*(promisor|partialclonefilter|partialclone)\s*=/im.test(config),
    trustsModes: !/^\s*filemode\s*=\s*(false|no|off|0)\s*$/im.test(config),
    run: (args, stdin) =>
      ports.git.run(root, args, {
        timeoutMs: timeoutMs(),
        ...(stdin === undefined ? {} : { stdin }),
        ...(WALKS.has(args[0]!) ? kept.run : {}),
      }),
    async touches(revisions, pathspecs, stdin) {
      // By its id: then it is the same commit in every answer, and the same answer each time, whatever refs do.
      const isHead = head.commit !== null && revisions.length === 1 && revisions[0] === "HEAD";
      const walked = isHead ? [head.commit!] : revisions;
      const options = { ...kept.run, timeoutMs: timeoutMs(), ...(stdin === undefined ? {} : { stdin }) };
      const read = () => readLog({ dir: root, revisions: walked, pathspecs, options }, ports);
      return parseTouches(await (isHead ? kept.keep([LOG_SHAPE, ...walked, ...pathspecs], read) : read()));
    },
  };
}

/** A plain path is asked for literally: then git can use its changed-path filters. */
export function pathspecOf({ path, isGlob }: { path: string; isGlob: boolean }): string {
  return `:(${isGlob ? "glob" : "literal"})${path}`;
}

/** What is the quicker for a commit graph. */
const WALKS = new Set(["log", "rev-list"]);

export interface IndexEntry extends GitState {
  /** Left out of the work tree by a sparse checkout. */
  readonly isSkipped: boolean;
  readonly isUnmerged: boolean;
}

export async function readIndex(
  repository: Repository,
  pathspecs: readonly string[],
): Promise<Map<string, IndexEntry>> {
  const output = await repository.run(["ls-files", "-z", "-s", "-t", "--", ...pathspecs]);
  const entries = new Map<string, IndexEntry>();
  for (const line of output.toString("utf8").split("\0")) {
    const found = /^(\S) (\d{6}) ([0-9a-f]+) (\d)\t(.*)$/s.exec(line);
    if (found === null) continue;
    const [, tag, mode, oid, stage, path] = found as unknown as [string, string, string, string, string, string];
    entries.set(path, { mode, oid, isSkipped: tag === "S", isUnmerged: stage !== "0" });
  }
  return entries;
}

export interface ObjectFacts {
  readonly oid: string;
  readonly type: string;
  readonly sizeBytes: number;
}

/** Of each name (`<commit>:<path>`, an id), in order; `null` where there is no such object. A name with a newline cannot be asked for. */
export async function readFacts(repository: Repository, names: readonly string[]): Promise<(ObjectFacts | null)[]> {
  if (names.length === 0) return [];
  const asked = names.map((name) => (name.includes("\n") ? "none" : name));
  const output = await repository.run(["cat-file", "--batch-check"], `${asked.join("\n")}\n`);
  // An answer repeats a name that is missing, whatever stands in it: only the end of the line is looked at.
  const lines = output.toString("utf8").split("\n");
  return names.map((_, index) => {
    const found = /^([0-9a-f]{40,64}) (\w+) (\d+)$/.exec(lines[index] ?? "");
    return found === null ? null : { oid: found[1]!, type: found[2]!, sizeBytes: Number(found[3]) };
  });
}

/** The bytes of blobs, as many as fit into `bytesMax` together; what is missing or too large is left out. */
export async function readBlobs(
  repository: Repository,
  oids: readonly string[],
  bytesMax: number,
): Promise<Map<string, Buffer>> {
  const wanted: string[] = [];
  let bytes = 0;
  for (const facts of await readFacts(repository, [...new Set(oids)])) {
    if (facts === null || facts.type !== "blob" || bytes + facts.sizeBytes > bytesMax) continue;
    bytes += facts.sizeBytes;
    wanted.push(facts.oid);
  }
  const blobs = new Map<string, Buffer>();
  if (wanted.length === 0) return blobs;
  const output = await repository.run(["cat-file", "--batch"], `${wanted.join("\n")}\n`);
  for (let at = 0; at < output.length; ) {
    const lineEnd = output.indexOf(10, at);
    const head = /^([0-9a-f]{40,64}) blob (\d+)$/.exec(output.toString("latin1", at, lineEnd));
    if (head === null) break;
    const sizeBytes = Number(head[2]);
    blobs.set(head[1]!, output.subarray(lineEnd + 1, lineEnd + 1 + sizeBytes));
    at = lineEnd + 1 + sizeBytes + 1;
  }
  return blobs;
}

/** By the ignore files as they are now, whether or not it is in the index. */
export async function isIgnored(repository: Repository, path: string): Promise<boolean> {
  try {
    const told = await repository.run(["check-ignore", "-z", "--no-index", "--stdin"], `${path}\0`);
    return told.length > 0;
  } catch (error) {
    // 1 says "none is".
    if (error instanceof Error && "code" in error && error.code === 1) return false;
    throw error;
  }
}

/** Git could not answer: it failed, was cut off, or is not there. Everything else is a defect. */
export function isGitFailure(error: unknown): error is Error {
  return error instanceof Error && "cmd" in error;
}
