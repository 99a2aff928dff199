/** `holdfast drill`: proves the promise on this machine: destroys things in scratch trees in every way that is known, and shows what follows. */

import { HoldfastError, humanDuration } from "../../base/index.ts";
import { type Drilled, drill as playDrill } from "../drill/drill.ts";
import { type DrillEvent, HEAD } from "../drill/drill-text.ts";
import { ROWS } from "../drill/rows.ts";
import { operation } from "../operation.ts";

export const drill = operation({
  name: "drill",
  about: "Prove the promise on this machine: destroy things in a scratch copy, and show that each comes back",
  effect: "none",
  input: (z) => z.strictObject({ only: z.string().optional(), keep: z.boolean().default(false) }),
  command: {
    options: [
      { flags: "--only <rows>", about: "some rows: 1,5,20-26" },
      { flags: "--keep", about: "leave the scratch trees for a look" },
    ],
    examples: ["holdfast drill", "holdfast drill --only 5,15", "holdfast drill --json"],
  },
  async run({ ports, signal, emit, progress }, { only, keep }) {
    const wanted = only === undefined ? null : numbersIn(only);
    const rows = ROWS.filter(({ n }) => wanted === null || wanted.has(n));
    const say = (event: DrillEvent["drill"]) => emit({ drill: event });
    say({ head: HEAD });
    const drilled = await playDrill({
      rows,
      ports,
      program: [ports.process.launcher],
      signal,
      keep,
      told(row, done) {
        say({ row });
        progress("drill", done, rows.length);
      },
    });
    return { ok: drilled.rows.every(({ ok }) => ok), ...drilled };
  },
  print({ rows, kept, elapsedMs, ok }, style) {
    const [bad, skipped] = [rows.filter((row) => !row.ok), rows.filter((row) => row.skipped !== null)];
    const shown = rows.length - bad.length - skipped.length;
    const lost = rows.reduce((sum, { bytesLost }) => sum + bytesLost, 0);
    const said = [
      `${shown} of ${rows.length} shown`,
      ...(bad.length > 0 ? [style.bad(`${bad.length} failed`)] : []),
      ...(skipped.length > 0 ? [style.warn(`${skipped.length} skipped`)] : []),
      `${lost} bytes lost`,
      `in ${humanDuration(elapsedMs)}`,
    ];
    return `${ok ? style.good("●") : style.bad("▲")} ${said.join(", ")}${kept === null ? "" : `\n  kept in ${kept}`}`;
  },
  exitCode: ({ ok }: Drilled & { ok: boolean }) => (ok ? 0 : 1),
});

/** `1,5,20-26`. */
function numbersIn(text: string): Set<number> {
  const numbers = new Set<number>();
  for (const part of text.split(",")) {
    const found = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(part);
    const [from, to] = [Number(found?.[1]), Number(found?.[2] ?? found?.[1])];
    const known = ROWS.filter(({ n }) => n >= from && n <= to);
    if (known.length === 0)
      throw new HoldfastError("USAGE", `there is no row ${part.trim()}`, {
        hint: `1 to ${ROWS.at(-1)!.n}: holdfast drill --only 1,5,20-26`,
      });
    for (const { n } of known) numbers.add(n);
  }
  return numbers;
}
