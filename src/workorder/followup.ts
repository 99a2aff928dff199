/** `followup.json`: all orders in one file, for dashboards. Pure; canaries are left out. */

import type { OrderRow } from "./order-row.ts";
import type { StateFile } from "./state-file.ts";

export type FollowupItem = Pick<
  StateFile,
  | "id"
  | "title"
  | "description"
  | "goal"
  | "progress"
  | "status"
  | "priority"
  | "due_date"
  | "owner"
  | "source"
  | "tags"
  | "notes"
>;

export interface Followup {
  /** Of the order that changed last; `null` when there is none. */
  updated_at: string | null;
  /** Who owns the tree. */
  owner: string;
  items: FollowupItem[];
}

/** What is open first, by priority and then the oldest first; then what is over, the latest first. */
export function followupOf(states: Iterable<StateFile>, owner: string): Followup {
  const sorted = [...states].sort(compare);
  const updates = sorted.map(({ updated_at }) => updated_at).sort();
  return { updated_at: updates.at(-1) ?? null, owner, items: sorted.map(itemOf) };
}

/** A canary proves that the way works; nobody has to follow it up. */
export function isFollowedUp(row: OrderRow): boolean {
  return row.via !== "canary";
}

function itemOf(state: StateFile): FollowupItem {
  const { id, title, description, goal, progress, status, priority, due_date, owner, source, tags, notes } = state;
  return { id, title, description, goal, progress, status, priority, due_date, owner, source, tags, notes };
}

const RANK = { High: 0, Medium: 1, Low: 2 } as const;

function compare(a: StateFile, b: StateFile): number {
  if (isOpen(a) !== isOpen(b)) return isOpen(a) ? -1 : 1;
  if (!isOpen(a)) return b.meta.ledger_seq - a.meta.ledger_seq;
  return RANK[a.priority] - RANK[b.priority] || a.meta.ledger_seq - b.meta.ledger_seq;
}

function isOpen({ status }: StateFile): boolean {
  return status === "pending" || status === "running";
}
