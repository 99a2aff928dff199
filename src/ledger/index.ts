/** The ledger's door: append, read, prove, export, recover, and the views that follow it. */

export type { Ledger, LedgerQuery, LedgerVerification } from "./contract.ts";
export { EVENT_NAMES } from "./event-names.ts";
export type {
  Actor,
  AnyLedgerRecord,
  DriftOnRecord,
  EventData,
  EventName,
  LedgerRecord,
  NewRecord,
  TestOutcome,
} from "./events.ts";
export { describe } from "./history.ts";
export { openLedger } from "./ledger.ts";
export { mls } from "./projections/mls.ts";
export { openProjector, type Projection, type Projector } from "./projections/projection.ts";
export { telemetry } from "./projections/telemetry.ts";
export {
  importRecords,
  type Recovered,
  recoverFromSegments,
  replaySegments,
  type SegmentBreak,
} from "./recover.ts";
export { ledgerMigrations } from "./schema.ts";
