/**
 * What one thing in an inbox is: orders to take, a mistake to set aside, something to leave lying, or something to wait for.
 *
 * Fifos, sockets, devices and links are never opened. A file is read through one descriptor, and only what was the same before and
 * after counts as read.
 */

import { type Disk, HoldfastError, isSystemError, LIMITS, type Stat } from "../base/index.ts";
import type { Actor } from "../ledger/index.ts";
import { parseTreePath } from "../tree/index.ts";
import { isFolderOrderAt, readFolder } from "./inbox-folder.ts";
import type { Lying } from "./inbox-look.ts";
import { type ReadSubmissions, readSubmissions } from "./submissions.ts";

export type Judgement =
  | { kind: "orders"; read: ReadSubmissions; bytes: Uint8Array | null }
  /** A mistake of its author: it goes to `failed/`. */
  | { kind: "refused"; error: HoldfastError; bytes: Uint8Array | null }
  /** Not ours to move: it stays where it is, and is named. */
  | { kind: "left"; error: HoldfastError; bytes: Uint8Array | null }
  /** Needs time only. */
  | { kind: "wait"; forMs: number }
  /** Needs somebody to let go of it. */
  | { kind: "held"; error: HoldfastError };

export interface JudgeWorld {
  disk: Disk;
  /** As in the port: `null` when nobody can tell. */
  isOpenForWriting(place: string): boolean | null;
  /** True for what git tracks: a pull must not execute. */
  isTracked(path: string): boolean;
}

export function judge(lying: Lying, world: JudgeWorld): Judgement {
  const { agent, kind, unchangedMs } = lying;
  const odd = oddity(lying);
  if (odd !== null) return { kind: "left", error: odd, bytes: null };
  if (unchangedMs < LIMITS.inboxSettleMs) return { kind: "wait", forMs: LIMITS.inboxSettleMs - unchangedMs };
  const judged = kind === "dir" ? judgeFolder(lying, agent!, world) : judgeFile(lying, agent!, world);
  if (judged.kind === "wait" || judged.kind === "held" || !world.isTracked(lying.path)) return judged;
  const error = new HoldfastError("WO_FROM_GIT", `git tracks ${lying.path}; what a pull brings is not executed`, {
    data: { path: lying.path },
  });
  return { kind: "left", error, bytes: judged.bytes };
}

/** What can be no order whatever it holds; `null` for a file or folder in an agent's folder. */
function oddity({ agent, kind, path, name }: Lying): HoldfastError | null {
  const odd = (what: string, hint?: string) =>
    new HoldfastError("WO_NOT_A_FILE", `${path} is ${what}`, { ...(hint ? { hint } : {}), data: { path } });
  if (kind === "undecodable") return odd(`no order: its name is not valid UTF-8`, "give it another name");
  if (kind === "link") return odd("a symbolic link, which is never followed", "put the file itself there");
  if (kind === "other") return odd("a fifo, socket or device");
  if (agent === null) return odd("in no agent's folder", `move ${name} into the folder of the agent that it is for`);
  return isTreePath(path) ? null : odd("no order: no path of a tree is spelled like that", "give it another name");
}

function isTreePath(path: string): boolean {
  try {
    return parseTreePath(path) === path;
  } catch (error) {
    if (error instanceof HoldfastError) return false;
    throw error;
  }
}

function judgeFile(lying: Lying, agent: string, { disk, isOpenForWriting }: JudgeWorld): Judgement {
  const stat = lying.stat!;
  if (stat.sizeBytes > LIMITS.orderSizeBytesMax) return { kind: "refused", error: tooLarge(lying, stat), bytes: null };
  // A writer that pauses for ever is a writer: nothing that it has open is taken from it.
  if (isOpenForWriting(lying.place) === true) return stillOpen(lying);
  const bytes = readStable(disk, lying.place, stat);
  if (bytes === "changed") return { kind: "wait", forMs: LIMITS.inboxSettleMs };
  if (bytes instanceof HoldfastError) return { kind: "left", error: bytes, bytes: null };
  return judgeDocuments({ files: new Map([["", bytes]]), agent, bytes, lying });
}

function judgeFolder(lying: Lying, agent: string, { disk }: JudgeWorld): Judgement {
  if (!isFolderOrderAt(disk, lying.place)) {
    if (lying.unchangedMs < LIMITS.inboxCutOffWaitMs)
      return { kind: "wait", forMs: LIMITS.inboxCutOffWaitMs - lying.unchangedMs };
    const error = new HoldfastError(
      "WO_INVALID",
      `the folder ${lying.path} is no order: it has neither manifest.json nor checksums.sha256`,
      {
        hint: "drop the order's file itself",
        data: { path: lying.path },
      },
    );
    return { kind: "left", error, bytes: null };
  }
  const files = readFolder(disk, lying.place, lying.path);
  if (files instanceof HoldfastError) return refusedOrUnfinished(files, null, lying);
  return judgeDocuments({ files, agent, bytes: null, lying });
}

function judgeDocuments({
  files,
  agent,
  bytes,
  lying,
}: {
  files: ReadonlyMap<string, Uint8Array>;
  agent: string;
  bytes: Uint8Array | null;
  lying: Lying;
}): Judgement {
  const actor: Actor = { kind: "agent", name: agent };
  try {
    const read = readSubmissions({ files, filename: lying.name, agent, via: "inbox", inboxPath: lying.path, actor });
    const isEmpty = read.submissions.length === 0 && read.notOrders.every(({ what }) => what === "empty");
    if (isEmpty && lying.unchangedMs < LIMITS.inboxCutOffWaitMs) return waitForTheRest(lying);
    return { kind: "orders", read, bytes };
  } catch (error) {
    if (error instanceof HoldfastError) return refusedOrUnfinished(error, bytes, lying);
    throw error;
  }
}

/** These are mistakes, or a file whose rest is still to come. */
const UNFINISHED = new Set(["WO_CUT_OFF", "WO_SYNTAX"]);
const UNFINISHED_FOLDER = new Set([...UNFINISHED, "WO_CHECKSUM", "WO_INVALID"]);

function refusedOrUnfinished(error: HoldfastError, bytes: Uint8Array | null, lying: Lying): Judgement {
  const mayBe = lying.kind === "dir" ? UNFINISHED_FOLDER : UNFINISHED;
  if (mayBe.has(error.code) && lying.unchangedMs < LIMITS.inboxCutOffWaitMs) return waitForTheRest(lying);
  return { kind: "refused", error, bytes };
}

function waitForTheRest({ unchangedMs }: Lying): Judgement {
  return { kind: "wait", forMs: LIMITS.inboxCutOffWaitMs - unchangedMs };
}

function stillOpen(lying: Lying): Judgement {
  if (lying.unchangedMs < LIMITS.inboxCutOffWaitMs) return { kind: "wait", forMs: LIMITS.inboxSettleMs };
  const error = new HoldfastError("WO_UNREADABLE", `${lying.path} is still open for writing`, {
    hint: "it is taken as soon as its writer closes it",
    data: { path: lying.path },
  });
  return { kind: "held", error };
}

function tooLarge({ path }: Lying, { sizeBytes }: Stat): HoldfastError {
  return new HoldfastError("WO_TOO_LARGE", `${path} has ${sizeBytes} bytes, the limit is ${LIMITS.orderSizeBytesMax}`, {
    data: { path, sizeBytes, limitBytes: LIMITS.orderSizeBytesMax },
  });
}

function readStable(disk: Disk, place: string, expected: Stat): Buffer | "changed" | HoldfastError {
  let fd: number;
  try {
    fd = disk.openRead(place);
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ELOOP", "ENXIO", "EISDIR", "ENOTDIR")) return "changed";
    if (isSystemError(error, "EACCES", "EPERM"))
      return new HoldfastError("WO_UNREADABLE", `${place} may not be read (${error.code})`, {
        hint: "give Holdfast the right to read it",
        data: { path: place },
      });
    throw error;
  }
  try {
    if (!sameFile(disk.fstat(fd), expected)) return "changed";
    const bytes = Buffer.allocUnsafe(expected.sizeBytes + 1);
    let length = 0;
    for (let count = 1; count > 0 && length < bytes.length; length += count)
      count = disk.read(fd, bytes, length, bytes.length - length, length);
    return length === expected.sizeBytes && sameFile(disk.fstat(fd), expected) ? bytes.subarray(0, length) : "changed";
  } finally {
    disk.close(fd);
  }
}

export function sameFile(a: Stat, b: Stat): boolean {
  return (
    a.dev === b.dev &&
    a.ino === b.ino &&
    a.sizeBytes === b.sizeBytes &&
    a.mtimeMs === b.mtimeMs &&
    a.ctimeMs === b.ctimeMs
  );
}
