/** Going back on purpose: what a command or a rollback takes of protected components is put back, unless it is forced. */

export { AbandonedRuns } from "./abandoned-runs.ts";
export { adoptScript } from "./adopt-script.ts";
export { isAdopted } from "./adoption-line.ts";
export { planTarget, planTime } from "./back-target.ts";
export { type Begun, beginRun, judge } from "./begin-run.ts";
export { noteChild } from "./child-file.ts";
export { type EndedRun, endRun } from "./end-run.ts";
export { goBack, type WentBack } from "./go-back.ts";
export { protectionOf } from "./protection.ts";
export { openRuns, rollbackMigrations } from "./run.ts";
export { type ScannedScript, scanScript } from "./scan-script.ts";
export { type Undoing, undoLast, undoSession } from "./undo.ts";
export type { GuardView, RollbackWorld } from "./world.ts";
