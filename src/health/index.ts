/** Is it working? Measured, not claimed. */

export { type CanaryResult, runCanary } from "./canary.ts";
