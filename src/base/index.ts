/** No product knowledge: what every room may lean on. */

export * from "./assert.ts";
export * from "./digest.ts";
export type * from "./disk-port.ts";
export * from "./entry.ts";
export { ERROR_CODES } from "./error-codes.ts";
export * from "./errors.ts";
export type * from "./http-port.ts";
export * from "./ids.ts";
export * from "./json.ts";
export { LIMITS } from "./limits.ts";
export { nearestName } from "./nearest-name.ts";
export * from "./own-names.ts";
export * from "./ports.ts";
export type * from "./process-port.ts";
export { slices } from "./slices.ts";
export * from "./text.ts";
export * from "./threads-port.ts";
export * from "./time.ts";
export { Turns } from "./turns.ts";
