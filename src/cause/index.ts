/** Who did it. */

export { recognizeActor } from "./actor.ts";
export { AGENT_MARKS, agentOf } from "./agent-marks.ts";
export { couldHaveDone, type Possibility } from "./command/could-have-done.ts";
export { describeCommand } from "./command/describe-command.ts";
export { readCommand } from "./command/read-command.ts";
export { readScript } from "./command/read-script.ts";
export type { CommandEffect, CommandReading, Place, Touch } from "./command/reading.ts";
export { DRIFT_KINDS, type DriftedPath, type DriftKind } from "./drift-kind.ts";
