/** Who did it. */

export { recognizeActor } from "./actor.ts";
export { AGENT_MARKS, agentOf, TRACED_VARIABLES } from "./agent-marks.ts";
export { type Attribution, attribute, type Cause, type Window } from "./attribute.ts";
export { couldHaveDone, type Possibility } from "./command/could-have-done.ts";
export { describeCommand, describeScript } from "./command/describe-command.ts";
export { readCommand } from "./command/read-command.ts";
export { readScript } from "./command/read-script.ts";
export type { CommandEffect, CommandReading, Place, Touch } from "./command/reading.ts";
export { DRIFT_KINDS, type DriftedPath, type DriftKind } from "./drift-kind.ts";
export {
  type Gathered,
  gitTraceFolder,
  openWitnessStand,
  type StandOptions,
  type WitnessStand,
} from "./witness-stand.ts";
export type { GitOperation } from "./witnesses/git-state.ts";
export type { HookReport } from "./witnesses/hook-report-schema.ts";
export { dropReport, reportsFolder } from "./witnesses/hook-reports.ts";
export type { Witness, WitnessedParent, WitnessSource } from "./witnesses/witness.ts";
