/** Where everything lives that must survive the loss of the tree: one folder a tree, all of them in one home. */

import { dirname, isAbsolute, join } from "node:path";
import { type Disk, HoldfastError, isSystemError, LIMITS, type ProcessPort, type TreeId } from "../base/index.ts";
import { makeFolders } from "./durable-file.ts";
import { realPlace } from "./path-check.ts";
import type { StateFolder } from "./tree.ts";

/**
 * `$HOLDFAST_HOME`, else `$XDG_STATE_HOME/holdfast`, else the platform's place. A real path, which need not exist yet. Throws
 * `STORE_UNAVAILABLE` for a relative `HOLDFAST_HOME`: it would name another home from each folder.
 */
export function holdfastHome(ports: {
  process: Pick<ProcessPort, "env" | "home" | "platform">;
  disk: Pick<Disk, "realpath">;
}): string {
  const { process } = ports;
  const own = process.env("HOLDFAST_HOME");
  if (own) {
    if (isAbsolute(own)) return realPlace(own, ports.disk);
    throw new HoldfastError("STORE_UNAVAILABLE", `HOLDFAST_HOME is "${own}", which is no absolute path`, {
      hint: "set HOLDFAST_HOME to an absolute path",
    });
  }
  // The XDG specification says that relative values are to be ignored.
  const xdg = process.env("XDG_STATE_HOME");
  if (xdg && isAbsolute(xdg)) return realPlace(join(xdg, "holdfast"), ports.disk);
  const place = process.platform === "darwin" ? "Library/Application Support/holdfast" : ".local/state/holdfast";
  return realPlace(join(process.home(), place), ports.disk);
}

/** The places of one tree's state. Makes nothing. */
export function stateFolder(home: string, id: TreeId, process: Pick<ProcessPort, "uid" | "platform">): StateFolder {
  const dir = join(home, id);
  const socket = socketPath(dir, id, process);
  return {
    dir,
    db: join(dir, "holdfast.db"),
    lock: join(dir, "lock.db"),
    holder: join(dir, "holder.json"),
    packs: join(dir, "packs"),
    segments: join(dir, "ledger"),
    log: join(dir, "log"),
    scratch: join(dir, "scratch"),
    signatures: join(dir, "signatures"),
    projections: join(dir, "projections"),
    socket,
    // No longer than the other, so that it fits where that fits.
    hookSocket: socket.replace(/(?:daemon)?\.sock$/, ".hook"),
  };
}

/** Makes the folders that are missing, 0700, and proves that the socket's folder is ours. Throws `STORE_UNAVAILABLE`. */
export function makeStateFolder(state: StateFolder, disk: Disk): void {
  for (const folder of [state.dir, state.packs, state.segments, state.log, state.scratch, state.projections]) {
    makeFolders(disk, folder, 0o700);
  }
  disk.chmod(state.dir, 0o700);
  // Also what a killed process made and did not sync: what is promised below it must not hang on a name that can be lost.
  for (const folder of [state.dir, dirname(state.dir), dirname(dirname(state.dir))]) disk.syncDir(folder);
  proveSocketFolder(state, disk);
}

/**
 * A socket's path is a field of about 100 bytes in the kernel, so a long home needs another place. It depends on nothing but the
 * user and the tree: a daemon that systemd started and a command from cron do not share `XDG_RUNTIME_DIR`, and must still meet.
 */
function socketPath(dir: string, id: TreeId, process: Pick<ProcessPort, "uid" | "platform">): string {
  const beside = join(dir, "daemon.sock");
  if (Buffer.byteLength(beside) <= LIMITS.socketPathBytesMax) return beside;
  // In /tmp anybody could make root's folder first, and root's chmod would not fail: root has a place that is only its own.
  const rootOnly = process.platform === "darwin" ? "/var/run/holdfast" : "/run/holdfast";
  return join(process.uid === 0 ? rootOnly : `/tmp/holdfast-${process.uid}`, `${id}.sock`);
}

/**
 * Only a folder's owner may chmod it, so a successful chmod proves that it is ours, and in a sticky folder nobody else can replace
 * it afterwards. Asked before listening, and before connecting: a stranger's socket could pass for the daemon.
 */
export function proveSocketFolder(state: StateFolder, disk: Pick<Disk, "lstat" | "mkdir" | "chmod" | "syncDir">): void {
  const folder = dirname(state.socket);
  if (folder === state.dir) return;
  makeFolders(disk, folder, 0o700);
  const kind = disk.lstat(folder)?.kind;
  try {
    if (kind !== "dir") throw strangersFolder(folder, `it is ${kind === undefined ? "gone" : `a ${kind}`}`);
    disk.chmod(folder, 0o700);
  } catch (error) {
    if (isSystemError(error, "EPERM", "ELOOP", "ENOENT"))
      throw strangersFolder(folder, "it belongs to somebody else", error);
    throw error;
  }
}

function strangersFolder(folder: string, why: string, cause?: unknown): HoldfastError {
  return new HoldfastError("STORE_UNAVAILABLE", `the socket's folder ${folder} cannot be used: ${why}`, {
    hint: `remove ${folder}, or set HOLDFAST_HOME to a shorter path`,
    data: { folder },
    cause,
  });
}
