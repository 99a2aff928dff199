/** Watches the tree, remembers it continuously, judges what changed and responds. */

export type * from "./contract.ts";
export { type Eyes, type EyesParts, type EyesState, openEyes } from "./eyes.ts";
export { lookedMigrations } from "./looked.ts";
