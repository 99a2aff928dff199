/**
 * The log for people who look for a defect. Nothing is decided by it, nothing is read from it, and it is never the only place that
 * something is said: that is the ledger.
 *
 * One file and its predecessor, each at most `LIMITS.logSizeBytesMax`. Written at once and never synced: a crash may lose its end.
 */

import * as fs from "node:fs";
import * as path from "node:path";
import { LIMITS, type Log } from "../base/index.ts";

export const silentLog: Log = { info() {}, warn() {}, error() {} };

/** Logs as JSON lines to `holdfast.log` in `folder`, which must exist. pino is loaded here only, because most commands never log. */
export async function openFileLog(folder: string): Promise<Log> {
  // The default export: bundled as CommonJS, the package has no named ones.
  const { default: pino } = await import("pino");
  const logger = pino(
    { base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
    new RotatingFile(folder),
  );
  return {
    info: (message, data) => logger.info(data ?? {}, message),
    warn: (message, data) => logger.warn(data ?? {}, message),
    error: (message, error, data) => logger.error({ ...data, err: error }, message),
  };
}

class RotatingFile {
  readonly #current: string;
  readonly #previous: string;
  #fd: number;
  #sizeBytes: number;

  constructor(folder: string) {
    this.#current = path.join(folder, "holdfast.log");
    this.#previous = path.join(folder, "holdfast.1.log");
    this.#fd = fs.openSync(this.#current, "a", 0o600);
    this.#sizeBytes = fs.fstatSync(this.#fd).size;
  }

  write(line: string): void {
    const bytes = Buffer.from(line);
    if (this.#sizeBytes + bytes.length > LIMITS.logSizeBytesMax) this.#rotate();
    try {
      fs.writeSync(this.#fd, bytes);
      this.#sizeBytes += bytes.length;
    } catch (error) {
      // A full disk must not end the work that wanted to mention something. The ledger says that the disk is full.
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    }
  }

  #rotate(): void {
    fs.closeSync(this.#fd);
    fs.renameSync(this.#current, this.#previous);
    this.#fd = fs.openSync(this.#current, "a", 0o600);
    this.#sizeBytes = 0;
  }
}
