/** Is it working? Measured, not claimed. */

export { type CanaryResult, runCanary } from "./canary.ts";
export { type Facts, MEASURED_EVENTS, type Measured, measure, type Percentiles } from "./measure.ts";
export { clipped, type Span } from "./spans.ts";
