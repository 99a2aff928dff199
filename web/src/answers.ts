/** What the daemon answers: the types of the verbs themselves. The page takes nothing else from them. */

import type { Answers, LedgerRecord as RecordOfLedger } from "../../src/operations/index.ts";

export type Status = Answers["status"];
export type Slo = Answers["slo"];
export type Span = Slo["down"][number];
export type IncidentStory = Answers["incidents show"];
export type Incident = IncidentStory["incident"];
export type Order = Answers["wo list"]["orders"][number];
export type OrderShown = Answers["wo show"];
export type Component = Answers["components"]["components"][number];
export type LedgerRecord = RecordOfLedger;
export type Cause = NonNullable<LedgerRecord["cause"]> | NonNullable<Incident["cause"]>;
export type Diagnosis = Answers["diagnose"];
export type Versions = Answers["versions"];
export type Restored = Answers["restore"];
