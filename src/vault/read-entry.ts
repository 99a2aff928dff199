/** Reads one file or link of a walk into the sink, and tells a failure to read the tree from a failure to write the vault. */

import { join } from "node:path";
import { type Entry, isSystemError, type PresentEntry, type Stat, sameEntry } from "../base/index.ts";
import { skipReason, type WalkedName, type WalkRequest } from "../tree/index.ts";
import { type ContentTaker, digestsOnly, type FileIntake, type FileTaken } from "./file-intake.ts";

export interface ReadParts {
  readonly walk: Pick<WalkRequest, "disk" | "root">;
  readonly intake: FileIntake;
  readonly sink: ContentTaker;
  readonly clock: { now(): number };
}

/** `stat: null`: what was read belongs to no one look of the file. `remark`: remembered, but with a reservation. */
export interface EntryRead {
  readonly entry: PresentEntry;
  readonly stat: Stat | null;
  readonly readAtMs: number;
  readonly remark: string | null;
}

/** What came of a reading: a state, why there is none, or nothing, because the path is gone. */
export type Reading = { readonly read: EntryRead } | { readonly skip: string } | null;

/**
 * At once, where it can be; else the promise of it. `expected`: what it was; only if it turns out to be something else is it read once
 * more, into the sink. To hash is cheaper than to ask the index of every file.
 */
export function readEntry(
  name: WalkedName,
  parts: ReadParts,
  expected: Entry | null = null,
): Reading | Promise<Reading> {
  if (expected?.kind !== "file") return readOnce(name, parts);
  const orAgain = (reading: Reading) =>
    reading !== null && "read" in reading && sameEntry(reading.read.entry, expected) ? reading : readOnce(name, parts);
  const reading = readOnce(name, { ...parts, sink: DIGESTS_ONLY });
  return reading instanceof Promise ? reading.then(orAgain) : orAgain(reading);
}

const DIGESTS_ONLY = digestsOnly();

function readOnce(name: WalkedName, parts: ReadParts): Reading | Promise<Reading> {
  const readAtMs = parts.clock.now();
  if (name.stat.kind === "link") return guarded(name, parts, () => readLink(name, parts, readAtMs));
  const taken = guarded(name, parts, (): Reading | "slowly" => {
    const now = parts.intake.takeNow(name.path, name.stat, parts.sink);
    return now === null || now.unstable ? "slowly" : readingOf(now, name.stat, readAtMs);
  });
  return taken === "slowly" ? readSlowly(name, parts, readAtMs) : taken;
}

async function readSlowly(name: WalkedName, parts: ReadParts, readAtMs: number): Promise<Reading> {
  try {
    return readingOf(await parts.intake.take(name.path, parts.sink), name.stat, readAtMs);
  } catch (error) {
    return failureOf(error, name, parts);
  }
}

function readingOf({ entry, stat, unstable, torn }: FileTaken, seen: Stat, readAtMs: number): Reading {
  if (entry.kind === "absent" || stat === null) return null;
  const torned = torn ? "a database being written: copied as it was read, perhaps torn" : null;
  const remark = unstable ? "changed while read" : torned;
  return { read: { entry, stat: remark === null ? seen : null, readAtMs, remark } };
}

function readLink({ path, stat }: WalkedName, { walk }: ReadParts, readAtMs: number): Reading {
  const target = walk.disk.readlink(join(walk.root, path));
  if (target.includes("\ufffd")) return { skip: "link target is not valid UTF-8" };
  return { read: { entry: { kind: "link", target }, stat, readAtMs, remark: null } };
}

function guarded<T>(name: WalkedName, parts: ReadParts, read: () => T): T | Reading {
  try {
    return read();
  } catch (error) {
    return failureOf(error, name, parts);
  }
}

/** Only failures to read the tree: a vault that cannot be written fails the whole. */
function failureOf(error: unknown, { path }: WalkedName, { walk }: ReadParts): Reading {
  if (!isSystemError(error)) throw error;
  const isTheFile = error.path === join(walk.root, path) || (error.syscall === "read" && error.code === "EIO");
  if (!isTheFile || !isSystemError(error, "EACCES", "EPERM", "EIO", "ENOENT", "EINVAL")) throw error;
  return error.code === "ENOENT" || error.code === "EINVAL" ? null : { skip: skipReason(error) };
}
