/** An order's id: what the author wrote, made safe to be a file's name. */

import { LIMITS, printableLine, type WorkOrderId } from "../../base/index.ts";

/** `[A-Za-z0-9._-]`, at most 128 characters, no dot in front; `null` when nothing of the text can stay. */
export function safeOrderId(text: string): WorkOrderId | null {
  const safe = text
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[.-]+|-+$/g, "")
    .slice(0, LIMITS.orderIdLengthMax);
  return safe === "" ? null : (safe as WorkOrderId);
}

/** What is unusual about an id, for the warnings; `null` when nothing is. */
export function idWarning(written: string, safe: WorkOrderId): string | null {
  const shown = printableLine(written.slice(0, LIMITS.orderIdLengthMax));
  if (hasPlaceholder(written)) return `the id "${shown}" holds a placeholder`;
  return written === safe ? null : `the id "${shown}" was made safe: ${safe}`;
}

/** `$(date)`, `${VAR}`, `{{name}}`, `YYYYMMDD`: something was to be filled in and was not. */
export function hasPlaceholder(text: string): boolean {
  return /\$\(|\$\{|`|\{\{|YYYY|HHMMSS|HH:MM|<[^<>]+>/.test(text) || hasStrongPlaceholder(text);
}

/** What no finished order says: `REPLACE WITH TITLE`, `REPLACE_ME`, `<your title>`, `CHANGEME`. */
export function hasStrongPlaceholder(text: string): boolean {
  return /\bREPLACE[ _-](?:WITH|ME|THIS)|\bFILL[ _-]?(?:ME|IN)\b|\bCHANGE[ _-]?ME\b|\bYOUR[ _-](?:TITLE|NAME|ID|AGENT|TASK|SUMMARY)\b|\bINSERT[ _-](?:TITLE|NAME|ID|HERE)\b|^\s*(?:<[^<>]+>|\{\{[^{}]+\}\}|\[(?:title|name|id|summary|description)\]|TBD|TODO)\s*$/.test(
    text,
  );
}
