/** What is protected: which paths belong together, what was accepted of them, and the configuration that says so. */

export {
  type Accepted,
  type AcceptRequest,
  type AcceptWorld,
  acceptPaths,
  acceptStates,
  encodeAcceptance,
  recordAcceptance,
} from "./accept.ts";
export { union } from "./append-only.ts";
export { type BaselineEntry, type Baselines, componentMigrations, openBaselines } from "./baseline.ts";
export { type ComparedCopy, type CompareWorld, type CopyDifference, compareCopy } from "./compare-copy.ts";
export {
  type Configuration,
  moveConfiguration,
  openConfiguration,
} from "./configuration.ts";
export { ACCEPTED, OWN } from "./implicit.ts";
export { type Kept, readKept } from "./kept.ts";
export { type Membership, membershipOf } from "./membership.ts";
