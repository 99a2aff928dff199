/** This process, its ancestors, and the programs that it runs. */

import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { isatty } from "node:tty";
import { assert, isSystemError, type ProcessPort } from "../base/index.ts";
import { endBySignal, runInForeground } from "./foreground.ts";
import { ancestorsOf, isOpenForWriting, isZombie } from "./proc.ts";
import { listProcesses } from "./process-list.ts";
import { inspectProcess, scanProcesses } from "./process-scan.ts";
import { run } from "./run.ts";

/** What is built lies in `dist/`, its source two folders down. */
const PACKAGE = path.resolve(import.meta.dirname, path.basename(import.meta.dirname) === "platform" ? "../.." : "..");

export function realProcess(): ProcessPort {
  const platform = process.platform;
  assert(platform === "linux" || platform === "darwin", "Holdfast runs on Linux and macOS only");
  return {
    pid: process.pid,
    platform,
    uid: process.getuid?.() ?? -1,
    nodePath: process.execPath,
    launcher: path.join(PACKAGE, "bin", "holdfast"),
    run,
    runInForeground,
    endBySignal,
    which,
    env: (name) => process.env[name],
    envNames: () => Object.keys(process.env),
    cwd: () => process.cwd(),
    home: () => os.homedir(),
    hostname: () => os.hostname(),
    userName,
    isAlive,
    ancestors: () => ancestorsOf(process.pid),
    scanProcesses,
    inspectProcess,
    listProcesses,
    isOpenForWriting,
    get stdinIsTerminal() {
      return isStdinTerminal();
    },
    get stderrIsTerminal() {
      return isatty(2);
    },
    readStdin,
  };
}

/** Asked only of what may be one, and `/dev/null` is none: `node:tty` takes a millisecond to load. */
function isStdinTerminal(): boolean {
  const stdin = fs.fstatSync(0);
  return stdin.isCharacterDevice() && stdin.rdev !== fs.statSync("/dev/null").rdev && isatty(0);
}

async function readStdin(bytesMax: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of process.stdin as AsyncIterable<Buffer>) {
    pieces.push(piece);
    length += piece.length;
    if (length >= bytesMax) break;
  }
  return Buffer.concat(pieces).subarray(0, bytesMax);
}

function which(program: string): string | null {
  const candidates = program.includes("/")
    ? [path.resolve(program)]
    : (process.env["PATH"] ?? DEFAULT_PATH).split(":").map((folder) => path.resolve(folder, program));
  return candidates.find(isExecutableFile) ?? null;
}

/** Where execvp(3) looks when nobody says where. */
const DEFAULT_PATH = "/usr/local/bin:/bin:/usr/bin";

function isExecutableFile(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch (error) {
    if (isSystemError(error)) return false;
    throw error;
  }
}

/** A user without an entry in the user database (containers) has a number only. */
function userName(): string {
  try {
    return os.userInfo().username;
  } catch (error) {
    if (isSystemError(error)) return process.env["USER"] ?? String(process.getuid?.() ?? "unknown");
    throw error;
  }
}

/** What has ended and was not collected is dead. `EPERM` is an answer too: it lives, and belongs to somebody else. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0) && !isZombie(pid);
  } catch (error) {
    if (isSystemError(error, "ESRCH")) return false;
    if (isSystemError(error, "EPERM")) return true;
    throw error;
  }
}
