/** Before anybody says "it never worked": what became of a path, a component or a glob, from every source that could know. */

export type { Change, ChangeKind, Diagnosis, Evidence, LastGood, Proposal, Searched, Verdict } from "./contract.ts";
export { diagnose, type Question } from "./diagnose.ts";
export type { DiagnosePorts, EvidencePlaces } from "./gather.ts";
