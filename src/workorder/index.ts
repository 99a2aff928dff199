/** Work orders: taken in, planned, applied all-or-nothing, verified, accepted or undone, and shown. */

export { applyDurably, replaceFile } from "./apply-durably.ts";
export { applyElsewhere } from "./apply-elsewhere.ts";
export { type Change, decodeChangeSet } from "./change-set.ts";
export type { Trouble } from "./due-views.ts";
export { Engine } from "./engine.ts";
export { bytesAt, entryAt, standingAt } from "./entry-at.ts";
export { type Inbox, openInbox } from "./inbox.ts";
export { type Journal, openJournal } from "./journal.ts";
export type { Operation, WorkOrder } from "./order.ts";
export { type OrderBook, openOrderBook, orderMigrations } from "./order-book.ts";
export { orderFromOperations } from "./order-from-operations.ts";
export type { OrderRow, Stage } from "./order-row.ts";
export { openProjector, type Projector } from "./projector.ts";
export type { Submission } from "./receive.ts";
export { readSubmissions } from "./submissions.ts";
export { type Places, placesOf } from "./target.ts";
export type { OrderWorld } from "./world.ts";
