/** Work orders: taken in, planned, applied all-or-nothing, verified, accepted or undone, and shown. */

export { type Ack, ackOf } from "./acks.ts";
export { changedFolders, type Installed, install, type Kept, stage, undo } from "./apply.ts";
export { applyDurably, type DurableRequest, type DurablyApplied, replaceFile } from "./apply-durably.ts";
export {
  type Change,
  type ChangeSet,
  decodeChangeSet,
  encodeChangeSet,
  reversed,
  type TargetPath,
} from "./change-set.ts";
export type { Trouble } from "./due-views.ts";
export { Engine } from "./engine.ts";
export { bytesAt, entryAt } from "./entry-at.ts";
export { type Inbox, openInbox, type Scanned } from "./inbox.ts";
export { type Journal, openJournal } from "./journal.ts";
export { hasBody, type Operation, type WorkOrder } from "./order.ts";
export { type OrderBook, openOrderBook, orderMigrations } from "./order-book.ts";
export { orderFromOperations } from "./order-from-operations.ts";
export { isOver, type OrderRow, type Stage, type Status } from "./order-row.ts";
export { openProjector, type Projector } from "./projector.ts";
export type { Reception, Submission } from "./receive.ts";
export { recover } from "./recover.ts";
export { isStale } from "./state-file.ts";
export { type NotAnOrder, type ReadSubmissions, readSubmissions } from "./submissions.ts";
export { type Places, placesOf } from "./target.ts";
export { EXECUTOR, type OrderWorld } from "./world.ts";
