/** Tells people and programs what the ledger records: rules, an outbox, and the ways out. */

export { type Alerts, type AlertsWorld, openAlerts } from "./alerts.ts";
export { openOutbox } from "./outbox.ts";
export { type AlertRule, channelName, checkRules } from "./rules.ts";
export { alertMigrations } from "./schema.ts";
export { type TriedOut, tryOut } from "./try-out.ts";
