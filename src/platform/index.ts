/** The real world behind the ports. Only `main.ts`, tests and benchmarks make one. */

import type { Log, Ports } from "../base/index.ts";
import { realClock } from "./clock.ts";
import { realDisk } from "./disk.ts";
import { realGit } from "./git.ts";
import { realHttp } from "./http.ts";
import { silentLog } from "./log.ts";
import { realProcess } from "./process.ts";
import { realRandom } from "./random.ts";
import { realSockets } from "./sockets.ts";
import { realStores } from "./stores.ts";
import { realThreads } from "./threads.ts";
import { realWatch } from "./watch.ts";

export { backgroundOutput } from "./background-output.ts";
export { realDisk } from "./disk.ts";
export { openFileLog, silentLog } from "./log.ts";
export { checkpointJob } from "./sqlite-checkpoint.ts";
export { systemError } from "./system-error.ts";
export type { JobAnswer, JobMessage } from "./threads.ts";

export function realPorts(options: { log?: Log } = {}): Ports {
  const log = options.log ?? silentLog;
  return {
    disk: realDisk(),
    clock: realClock(),
    random: realRandom(),
    process: realProcess(),
    git: realGit(),
    stores: realStores(log),
    sockets: realSockets(),
    http: realHttp(),
    watch: realWatch(),
    threads: realThreads(),
    log,
  };
}
