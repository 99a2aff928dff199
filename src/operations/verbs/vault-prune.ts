/** `holdfast vault prune`: lets go of superseded versions beyond the configured size and age. */

import { humanBytes } from "../../base/index.ts";
import { operation } from "../operation.ts";
import { pinnedDigests } from "../pinned-digests.ts";

export const vaultPrune = operation({
  name: "vault prune",
  about:
    "Let go of old versions beyond remember.keep; never of present content, baselines, or what an open order needs",
  effect: "write",
  input: (z) => z.strictObject({ dryRun: z.boolean().default(false) }),
  destructive: true,
  command: {
    options: [{ flags: "--dry-run", about: "only say what would go" }],
    examples: ["holdfast vault prune --dry-run"],
  },
  async run({ house, actor }, { dryRun }) {
    const { vault, ledger, store, config } = house;
    const keep = config().remember.keep;
    const pruned = await vault.prune({
      maxBytes: keep.sizeBytes,
      maxAgeMs: keep.ageMs,
      pinned: pinnedDigests(house),
      dryRun,
    });
    if (!dryRun && pruned.digests > 0) {
      store.transaction(() =>
        ledger.append({
          event: "vault.pruned",
          actor,
          data: { records: pruned.digests, bytes: pruned.bytes },
          summary: `vault pruned: ${pruned.digests} old contents, ${humanBytes(pruned.bytes)}`,
        }),
      );
    }
    return { ...pruned, dryRun };
  },
  print: ({ digests, bytes, keptBytes, dryRun }, style) =>
    `${style.good("✓")} ${dryRun ? "would let go of" : "let go of"} ${digests} contents, ${humanBytes(bytes)}; ${humanBytes(keptBytes)} kept`,
});
