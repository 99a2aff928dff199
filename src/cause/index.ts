/** Who did it. */

export { recognizeActor } from "./actor.ts";
export { agentOf, TRACED_VARIABLES } from "./agent-marks.ts";
export type { Cause } from "./attribute.ts";
export type { ScriptCommand } from "./command/command-teller.ts";
export { couldHaveDone } from "./command/could-have-done.ts";
export { describeCommand, describeScript } from "./command/describe-command.ts";
export {
  type CommandJudgement,
  type CommandPlace,
  judgeCommand,
  type Reached,
  reachedBy,
} from "./command/judge-command.ts";
export { readCommand } from "./command/read-command.ts";
export { readScript } from "./command/read-script.ts";
export type { CommandEffect, CommandReading, Touch } from "./command/reading.ts";
export type { DriftedPath, DriftKind } from "./drift-kind.ts";
export { type Gathered, gitTraceFolder, openWitnessStand, type WitnessStand } from "./witness-stand.ts";
export type { HookReport } from "./witnesses/hook-report-schema.ts";
export { dropReport, dropReportOfEnd, reportsFolder, reportsOfRunning } from "./witnesses/hook-reports.ts";
export { type ReflogLine, readReflog } from "./witnesses/reflog.ts";
export { shellTextOf } from "./witnesses/script-file.ts";
