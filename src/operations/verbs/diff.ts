/** `holdfast diff A [B]`: what differs between two snapshots, or a snapshot and the tree. */

import { printableLine } from "../../base/index.ts";
import type { PathDifference } from "../../vault/index.ts";
import { operation } from "../operation.ts";

export const diff = operation({
  name: "diff",
  about: "What differs between a snapshot and another one, or the tree",
  effect: "read",
  input: (z) => z.strictObject({ from: z.string(), to: z.string().optional() }),
  command: {
    arguments: [
      { name: "from", about: "a snapshot's id, or the start of it" },
      { name: "to", about: "another one (default: the tree as it is)", optional: true },
    ],
    examples: ["holdfast diff S0193a2f4", "holdfast diff S0193a2f4 S0193a301 --json"],
  },
  async run({ house }, { from, to }) {
    const { vault } = house;
    const differences = await vault.diff(
      vault.findSnapshot(from).id,
      to === undefined ? "tree" : vault.findSnapshot(to).id,
    );
    return { differences };
  },
  print: ({ differences }, style) =>
    differences.length === 0 ? "nothing differs" : differences.map((one) => differenceLine(one, style.dim)).join("\n"),
  exitCode: ({ differences }) => (differences.length > 0 ? 1 : 0),
});

export function differenceLine({ path, kind, from, to }: PathDifference, dim: (text: string) => string): string {
  const mark = { added: "+", removed: "-", modified: "~", "mode-changed": "m", "type-changed": "t" }[kind];
  const sizes =
    from.kind === "file" && to.kind === "file" && kind === "modified"
      ? dim(`  ${from.sizeBytes} → ${to.sizeBytes} bytes`)
      : "";
  const modes =
    kind === "mode-changed" && "mode" in from && "mode" in to
      ? dim(`  ${from.mode.toString(8)} → ${to.mode.toString(8)}`)
      : "";
  return `${mark} ${printableLine(path)}${sizes}${modes}`;
}
