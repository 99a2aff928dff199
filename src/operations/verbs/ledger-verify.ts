/** `holdfast ledger verify`. */

import type { LedgerVerification } from "../../ledger/index.ts";
import { operation } from "../operation.ts";

export const ledgerVerify = operation({
  name: "ledger verify",
  about: "Recompute the hash chain over every record, and compare it with the exported segments",
  effect: "read",
  input: (z) => z.strictObject({}),
  command: { examples: ["holdfast ledger verify"] },
  run: async ({ house }) => house.ledger.verify(),
  print: (result: LedgerVerification, style) => {
    const bad = result.segments.filter(({ ok }) => !ok);
    const lines = [
      result.ok
        ? style.good(`✓ ${result.records} records, ${result.segments.length} segments: the chain holds`)
        : style.bad("✗ the ledger does not hold"),
    ];
    if (result.brokenAt) lines.push(`  record ${result.brokenAt.seq}: ${result.brokenAt.why}`);
    for (const segment of bad) lines.push(`  ${segment.name}: ${segment.why}`);
    return lines.join("\n");
  },
  exitCode: ({ ok }) => (ok ? 0 : 1),
});
