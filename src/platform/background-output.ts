/**
 * Output of a process that must never wait for whoever reads it: a terminal that was stopped with Ctrl-S, a pager, a full pipe.
 *
 * Node writes to terminals and pipes synchronously on Linux, so one line could hold up everything. Here a thread of the pool waits
 * instead, for one piece at a time; what does not fit into the queue is left out, and that is said.
 */

import * as fs from "node:fs";
import { LIMITS } from "../base/index.ts";

export function backgroundOutput(fd: 1 | 2): (text: string) => void {
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let leftOut = 0;
  let isWriting = false;

  function next(): void {
    if (isWriting || waiting.length === 0) return;
    const bytes = Buffer.concat(waiting);
    waiting = [];
    waitingBytes = 0;
    isWriting = true;
    write(bytes, () => {
      isWriting = false;
      if (leftOut > 0) take(Buffer.from(`… ${leftOut} lines left out: nobody read them in time → holdfast history\n`));
      leftOut = 0;
      next();
    });
  }

  /** All of `bytes`; where nobody can read any more there is nothing left to be said. */
  function write(bytes: Buffer, done: () => void): void {
    fs.write(fd, bytes, 0, bytes.length, null, (error, count) => {
      if (error !== null && error.code === "EAGAIN") setTimeout(() => write(bytes, done), RETRY_MS);
      else if (error !== null || count >= bytes.length) done();
      else write(bytes.subarray(count), done);
    });
  }

  function take(bytes: Buffer): void {
    waiting.push(bytes);
    waitingBytes += bytes.length;
  }

  return (text) => {
    const bytes = Buffer.from(text);
    if (waitingBytes + bytes.length > LIMITS.outputWaitingBytesMax) leftOut += 1;
    else take(bytes);
    next();
  };
}

const RETRY_MS = 50;
