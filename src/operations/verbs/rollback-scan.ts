/** `holdfast rollback scan`: what scripts would do, read from their text. Nothing runs. */

import { resolve } from "node:path";
import { HoldfastError } from "../../base/index.ts";
import { membershipOf } from "../../component/index.ts";
import { protectionOf, scanScript } from "../../rollback/index.ts";
import { operation } from "../operation.ts";
import { scanText } from "../scan-text.ts";

export const rollbackScan = operation({
  name: "rollback scan",
  about: "Read what scripts would do: destructive commands, their paths, protected components in reach, and what hides",
  effect: "read",
  input: (z) => z.strictObject({ scripts: z.array(z.string()).min(1), cwd: z.string() }),
  command: {
    arguments: [{ name: "scripts", about: "shell scripts; read as started from the tree's root", variadic: true }],
    examples: ["holdfast rollback scan tools/rollback_*.zsh"],
  },
  prepare: async (raw, { ports }) => ({ ...raw, cwd: raw["cwd"] ?? ports.process.cwd() }),
  async run({ house, ports, tree }, { scripts, cwd }) {
    const protection = protectionOf({ ...house, membership: () => membershipOf(house.config()) });
    const scanned = scripts.map((script) => {
      const path = resolve(cwd, script);
      if (ports.disk.lstat(path) === null)
        throw new HoldfastError("PATH_UNKNOWN", `${script} is not there`, { data: { script } });
      return scanScript(ports.disk.realpath(path), protection, { vault: house.vault, tree, ports });
    });
    return { scripts: scanned };
  },
  print: ({ scripts }, style) => scanText(scripts, style),
});
