/** The ledger's door: append, read, prove, export, recover, and the views that follow it. */

export type { Ledger, LedgerQuery, LedgerVerification } from "./contract.ts";
export type {
  Actor,
  AnyLedgerRecord,
  EventData,
  EventName,
  LedgerRecord,
  NewRecord,
  TestOutcome,
} from "./events.ts";
export { describe } from "./history.ts";
export { type LedgerSetup, openLedger } from "./ledger.ts";
export { type MlsLine, mls } from "./projections/mls.ts";
export { openProjector, type Projection, type Projector } from "./projections/projection.ts";
export { type TelemetryLine, telemetry } from "./projections/telemetry.ts";
export {
  importRecords,
  type Recovered,
  recoverFromSegments,
  replaySegments,
  type SegmentBreak,
} from "./recover.ts";
export { ledgerMigrations } from "./schema.ts";
