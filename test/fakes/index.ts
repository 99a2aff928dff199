/** What tests use instead of the real world. */

export {
  type CrashExperiment,
  type CrashPoint,
  everyCrashPoint,
  newWorld,
  rebooted,
  type World,
} from "./every-crash-point.ts";
export { FakeClock } from "./fake-clock.ts";
export { type Operation, OperationCounter, SimulatedCrash, type SystemErrorCode } from "./operation-counter.ts";
export { PollingWatch } from "./polling-watch.ts";
export { inScratchFolder } from "./scratch-folder.ts";
export { SimulatedDisk, type SimulatedDiskOptions } from "./simulated-disk.ts";
