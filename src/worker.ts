/** Where the second thread begins: takes jobs by name, one after the other, on the real disk. */

import { parentPort } from "node:worker_threads";
import type { Disk, JobCode } from "./base/index.ts";
import { checkpointJob, type JobAnswer, type JobMessage, realDisk } from "./platform/index.ts";
import { lookJob } from "./vault/index.ts";

const JOBS: JobCode = { look: lookJob, checkpoint: checkpointJob };

const disk = realDisk();
parentPort!.on("message", ({ job, data }: JobMessage) => parentPort!.postMessage(answerTo(job, data)));

function answerTo(job: string, data: unknown): JobAnswer {
  try {
    return { result: (JOBS[job as keyof JobCode] as (data: unknown, disk: Disk) => unknown)(data, disk) };
  } catch (error) {
    return { error };
  }
}
