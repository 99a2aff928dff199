/** Watches the tree, remembers it continuously, judges what changed and responds. */

export type * from "./contract.ts";
export { type EyesParts, openEyes } from "./eyes.ts";
export { lookedMigrations } from "./looked.ts";
