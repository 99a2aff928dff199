/** `holdfast maintenance begin`: announced changes. The guard records, and judges at the end. */

import { HoldfastError, isoTime, parseDuration } from "../../base/index.ts";
import { operation, writerOf } from "../operation.ts";

export const maintenanceBegin = operation({
  name: "maintenance begin",
  about: "Announce changes: until the window ends the guard only takes notes",
  effect: "write",
  input: (z) => z.strictObject({ for: z.string(), reason: z.string().min(1).max(1_000) }),
  command: {
    options: [
      { flags: "--for <duration>", about: "10m, 2h; 24h at most" },
      { flags: "--reason <text>", about: "goes on record" },
    ],
    examples: ['holdfast maintenance begin --for 10m --reason "moving the processors"'],
  },
  async run(context, input) {
    const window = writerOf(context).guard.windows.begin({
      kind: "maintenance",
      forMs: durationOf(input.for),
      reason: input.reason,
      actor: context.actor,
    });
    return { id: window.id, kind: window.kind, until: isoTime(window.untilMs), reason: window.reason };
  },
  print: ({ until }, style) =>
    `${style.good("✓")} maintenance until ${until}: what changes is judged then  → holdfast maintenance end [--accept|--restore]`,
});

export function durationOf(text: string): number {
  const ms = parseDuration(text);
  if (ms !== null) return ms;
  throw new HoldfastError("USAGE", `"${text}" is not a duration`, { hint: "30s, 10m, 2h" });
}
