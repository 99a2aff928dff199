/** Before anybody says "it never worked": what became of a path, a component or a glob, from every source that could know. */

export type { Change, ChangeKind, Diagnosis, Evidence, LastGood, Proposal, Searched, Verdict } from "./contract.ts";
export { diagnose, type Question } from "./diagnose.ts";
export type { ForensicReport } from "./forensics/contract.ts";
export { investigate } from "./forensics/investigate.ts";
export { reportMarkdown } from "./forensics/report-text.ts";
export { type FullHistory, fullHistory } from "./full-history.ts";
export { type DiagnosePorts, type EvidencePlaces, USUAL_PLACES } from "./gather.ts";
export { buildPast } from "./git-past/kept-past.ts";
