/** Watches the tree, remembers it continuously, judges what changed and responds. */

export { type CauseFinder, findByWitnesses, NO_WITNESS } from "./cause-finder.ts";
export { classifyChanges, goOnSince, rightlyElsewhere } from "./changes-since.ts";
export { check, settleIncidents } from "./check.ts";
export type { CheckedComponent, CheckedDrift } from "./checked.ts";
export type * from "./contract.ts";
export { lookAtCopies } from "./copies-at-work.ts";
export { type EyesParts, openEyes } from "./eyes.ts";
export type { IncidentRow } from "./incident-row.ts";
export { driftsOf, type Incidents, openIncidents } from "./incidents.ts";
export { type GuardJudge, openJudge } from "./judge.ts";
export { lastLookMs, lookedMigrations, lookedOfTree } from "./looked.ts";
export { watchPieces } from "./own-pieces.ts";
export { quickLook } from "./quick-look.ts";
export { type RepairedByHand, repairByHand } from "./repair-by-hand.ts";
export { judgementMigrations } from "./schema.ts";
export { type StandingOf, standingOf } from "./standing-of.ts";
export type { FailingService, ServiceEyes } from "./unfit.ts";
export { openWindows, type Window, type Windows } from "./windows.ts";
export { lastStates } from "./workspaces/last-states.ts";
export { meet, rememberWorkspaces, treeAt } from "./workspaces/meet.ts";
export { openWorkspaces, type WorkspaceState, type Workspaces } from "./workspaces/workspaces.ts";
export { type GuardWorld, guardWorld } from "./world.ts";
