/** A ledger record in one line, for lists and live views. */

import { describe, type LedgerRecord } from "../ledger/index.ts";
import type { Style } from "./operation.ts";

export function describeRecord(record: LedgerRecord, style: Style): string {
  const line = describe(record);
  return record.ok ? line : style.bad(line);
}
