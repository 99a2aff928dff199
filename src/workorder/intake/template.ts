/** Forms that were never filled in. */

import type { Facts } from "./facts.ts";
import { hasPlaceholder, hasStrongPlaceholder } from "./order-id.ts";

const NAMED = [
  "wo_id",
  "id",
  "work_order_id",
  "task_id",
  "title",
  "metadata.title",
  "summary",
  "payload.summary",
  "objective",
  "target",
  "owner",
  "assignee",
];
const DATED = [
  "wo_id",
  "id",
  "work_order_id",
  "task_id",
  "created_at",
  "timestamp",
  "due_date",
  "metadata.submitted_at",
  "metadata.created_at",
  "metadata.created",
];

/**
 * An order form that was never filled in. Certain by words that no finished order holds, or by a date pattern where the name of the
 * file says template too; a date pattern alone counts only when there is nothing to execute. `$(date)` is a slip, no form.
 */
export function templateReason({ text, filename }: Facts): { isCertain: boolean; reason: string } | null {
  const named = NAMED.find((key) => hasStrongPlaceholder(text(key)));
  if (named) return { isCertain: true, reason: `it is a form that was never filled in: ${named} is a placeholder` };
  const unrated = ["priority", "metadata.priority"].find((key) => /^P[xX?N]$/.test(text(key)));
  if (unrated)
    return { isCertain: true, reason: `it is a form that was never filled in: ${unrated} is ${text(unrated)}` };
  const dated = DATED.find((key) => hasPlaceholder(text(key)) && !/\$\(|`/.test(text(key)));
  if (!dated) return null;
  return {
    isCertain: /template|example_form|skeleton/i.test(filename),
    reason: `it is a form that was never filled in: ${dated} holds a placeholder`,
  };
}
