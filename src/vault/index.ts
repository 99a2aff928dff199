/** The vault: every byte that Holdfast has ever been responsible for, and every state that it saw. */

export type * from "./contract.ts";
export { lookJob } from "./looked.ts";
export { glanceAtPacks } from "./pack-health.ts";
export { type RebuildRequest, type Rebuilt, rebuildIndex } from "./rebuild.ts";
export { vaultMigrations } from "./schema.ts";
export { openVault, type VaultParts } from "./vault.ts";
