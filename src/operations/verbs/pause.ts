/** `holdfast pause`: the guard keeps quiet for a while. On record, and only a person may. */

import { isoTime } from "../../base/index.ts";
import { operation, writerOf } from "../operation.ts";
import { refuseAgents } from "../refuse-agents.ts";
import { durationOf } from "./maintenance-begin.ts";

export const pause = operation({
  name: "pause",
  about: "Keep the guard quiet for a while; what changes is remembered, and judged afterwards",
  effect: "write",
  input: (z) => z.strictObject({ for: z.string(), reason: z.string().max(1_000).default("paused by hand") }),
  command: {
    arguments: [{ name: "for", about: "30s, 10m, 1h; 24h at most" }],
    options: [{ flags: "--reason <text>", about: "goes on record" }],
    examples: ["holdfast pause 1h", "holdfast maintenance end"],
  },
  async run(context, input) {
    refuseAgents(context.actor, "pause the guard");
    const forMs = durationOf(input.for);
    const { windows } = writerOf(context).guard;
    const { id, untilMs, reason } = windows.begin({ kind: "pause", forMs, reason: input.reason, actor: context.actor });
    return { id, until: isoTime(untilMs), reason };
  },
  print: ({ until }, style) => `${style.good("✓")} quiet until ${until}  → holdfast maintenance end`,
});
