/** The verbs, and what performs them. */

export { recognizeActor as recognizeCaller } from "../cause/index.ts";
export type { Diagnosis, Evidence } from "../diagnose/index.ts";
export type { LedgerRecord } from "../ledger/index.ts";
export { alertsWorld } from "./alerts-world.ts";
export type { Answers } from "./answers.ts";
export { CATALOG, findOperation } from "./catalog.ts";
export type { Area, CatalogEntry } from "./catalog-entry.ts";
export { describeRecord } from "./describe-record.ts";
export { pastOf } from "./diagnosed-place.ts";
export { drill } from "./drill/drill.ts";
export { type DrillEvent, drillLine } from "./drill/drill-text.ts";
export type { Row, RowOutcome } from "./drill/row.ts";
export { answerHookAlone } from "./hook-alone.ts";
export { deskOf } from "./hook-desk.ts";
export { type HookNote, noteHook } from "./hook-note.ts";
export type { House } from "./house.ts";
export type { IncidentView } from "./incident-view.ts";
export { inputJsonSchema } from "./input-json-schema.ts";
export type { CallerContext, Effect, Operation, OperationContext, Style } from "./operation.ts";
export type { OrderView } from "./order-view.ts";
export { locate, parseInput, perform } from "./perform.ts";
export { rollbackWorld } from "./rollback-world.ts";
export { passStage, type StageHands, type StageName } from "./stages.ts";
export { type SurveyEvent, surveyText } from "./survey-text.ts";
export { troubleOf } from "./trouble.ts";
export type { UpEvent } from "./verbs/up.ts";
export { openWriter, type Watching, type Writer } from "./writer.ts";
