/** `holdfast check`: one look at everything that must hold, now. This is the guardrail of the spec. */

import { isoTime, printableLine } from "../../base/index.ts";
import { type CheckedComponent, check as checkComponents } from "../../guard/index.ts";
import { operation, type Style, writerOf } from "../operation.ts";

const ROWS_MAX = 20;

export const check = operation({
  name: "check",
  about: "Compare every component, or some, with what was accepted; nothing is changed",
  effect: "write",
  input: (z) => z.strictObject({ components: z.array(z.string()).default([]), deep: z.boolean().default(false) }),
  command: {
    arguments: [{ name: "components", about: "names (default: all)", variadic: true, optional: true }],
    options: [{ flags: "--deep", about: "read every byte again, trusting no time or size" }],
    examples: ["holdfast check", "holdfast check apply-patch-processor --deep"],
  },
  async run(context, { components, deep }) {
    const { ports, actor } = context;
    const checkedAt = isoTime(ports.clock.now());
    const names = components.length === 0 ? null : components;
    const checked = await checkComponents({ names, deep, actor }, writerOf(context).guard);
    return { ok: checked.components.every(({ ok }) => ok), checkedAt, ...checked };
  },
  print({ components, elapsedMs }, style) {
    if (components.length === 0) return "nothing is protected yet  → holdfast protect <path>";
    return [...components.map((one) => componentText(one, style)), style.dim(`checked in ${elapsedMs} ms`)].join("\n");
  },
  exitCode: ({ ok }) => (ok ? 0 : 1),
});

function componentText({ name, ok, drift, unaccepted }: CheckedComponent, style: Style): string {
  const added = unaccepted.length > 0 ? style.dim(`, ${unaccepted.length} unaccepted  → holdfast accept ${name}`) : "";
  const lines = [`${ok ? style.good("●") : style.bad("▲")} ${style.bold(printableLine(name))}${added}`];
  for (const { path, kind, matchesVersion, elsewhere, note } of drift.slice(0, ROWS_MAX)) {
    const said = [
      ...(matchesVersion === undefined ? [] : [`as in ${matchesVersion}`]),
      ...(elsewhere === undefined ? [] : [`belongs to ${elsewhere}: nothing is wrong`]),
      ...(note === undefined ? [] : [note]),
    ].map(printableLine);
    const shown = elsewhere === undefined ? style.bad(kind.padEnd(14)) : style.dim(kind.padEnd(14));
    lines.push(`    ${shown} ${printableLine(path)}${said.length > 0 ? style.dim(`  ${said.join(", ")}`) : ""}`);
  }
  if (drift.length > ROWS_MAX) lines.push(`    … and ${drift.length - ROWS_MAX} more`);
  if (!ok) lines.push(`    → holdfast repair ${printableLine(name)}`);
  return lines.join("\n");
}
