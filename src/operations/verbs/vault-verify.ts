/** `holdfast vault verify`: reads every record of every pack. */

import { humanBytes, printableLine } from "../../base/index.ts";
import { operation } from "../operation.ts";

export const vaultVerify = operation({
  name: "vault verify",
  about: "Read every byte of the vault and compare it with its digest",
  effect: "read",
  input: (z) => z.strictObject({}),
  command: { examples: ["holdfast vault verify"] },
  run: async ({ house, progress }) => house.vault.verify({ progress }),
  print(result, style) {
    if (result.ok)
      return style.good(
        `✓ ${result.records} records in ${result.packs} packs, ${humanBytes(result.bytes)}: every byte as it was stored`,
      );
    const lines = [style.bad("✗ the vault is damaged")];
    for (const { pack, offset, why, paths } of result.corrupt)
      lines.push(`  ${pack} at ${offset}: ${why}  ${paths.map(printableLine).join(", ")}`);
    for (const { digest, paths } of result.missing)
      lines.push(`  missing ${digest}  ${paths.map(printableLine).join(", ")}`);
    return lines.join("\n");
  },
  exitCode: ({ ok }) => (ok ? 0 : 1),
});
