/**
 * A second thread for long jobs: made when one is needed, kept for a while, never in the way of the process's end.
 *
 * One at a time. It is worth its start-up (20 ms of another processor) and its memory only for jobs that are long or come in numbers.
 */

import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { LIMITS, NO_THREADS, type Threads } from "../base/index.ts";

/** What goes to `worker.ts`, and what comes back. */
export interface JobMessage {
  readonly job: string;
  readonly data: unknown;
}
export type JobAnswer = { readonly result: unknown } | { readonly error: unknown };

export function realThreads(): Threads {
  if (availableParallelism() < 2) return NO_THREADS;
  let worker: Worker | null = null;
  let isBusy = false;
  let idle: NodeJS.Timeout | undefined;

  function ready(): Worker {
    clearTimeout(idle);
    if (worker !== null) return worker;
    const made = new Worker(workerFile(), { name: "holdfast", execArgv: [], stdout: true, stderr: true });
    made.unref();
    made.once("exit", () => {
      if (worker === made) worker = null;
    });
    // Whoever waits for a job hears of it too.
    made.on("error", () => {});
    worker = made;
    return made;
  }

  function rest(): void {
    isBusy = false;
    idle = setTimeout(() => void worker?.terminate(), LIMITS.threadIdleMs).unref();
  }

  return {
    start(job, data) {
      if (isBusy) return null;
      isBusy = true;
      const own = ready();
      // Somebody may have nothing else to wait for.
      own.ref();
      return answerOf(own, { job, data }).finally(() => {
        own.unref();
        rest();
      }) as Promise<never>;
    },
  };
}

function answerOf(worker: Worker, message: JobMessage): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error("the second thread ended in the middle of its job"));
    worker.once("exit", ended);
    worker.once("error", reject);
    worker.once("message", (answer: JobAnswer) => {
      worker.removeListener("exit", ended);
      worker.removeListener("error", reject);
      if ("error" in answer) reject(answer.error);
      else resolve(answer.result);
    });
    worker.postMessage(message);
  });
}

/** Built, it lies beside this code; in the sources, Node reads it as it is. */
function workerFile(): string {
  const built = join(import.meta.dirname, "worker.cjs");
  return existsSync(built) ? built : join(import.meta.dirname, "..", "worker.ts");
}
