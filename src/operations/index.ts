/** The verbs, and what performs them. */

export { type Area, CATALOG, type CatalogEntry, findOperation } from "./catalog.ts";
export type { House } from "./house.ts";
export { type CallerContext, type Effect, type Operation, type OperationContext, type Style } from "./operation.ts";
export { locate, parseInput, perform } from "./perform.ts";
export { openWriter, type Writer } from "./writer.ts";
