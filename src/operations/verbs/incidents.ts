/** `holdfast incidents`: what went wrong lately, one line a cause. */

import { openIncidents } from "../../guard/index.ts";
import { incidentLine, incidentView } from "../incident-view.ts";
import { operation } from "../operation.ts";

export const incidents = operation({
  name: "incidents",
  about: "What went wrong lately: one line a cause, newest first",
  effect: "read",
  input: (z) =>
    z.strictObject({ open: z.boolean().default(false), limit: z.coerce.number().int().positive().default(50) }),
  command: {
    options: [
      { flags: "--open", about: "only those that wait for somebody" },
      { flags: "--limit <n>", about: "the newest so many (50)" },
    ],
    examples: ["holdfast incidents", "holdfast incidents --open"],
  },
  async run({ house }, { open, limit }) {
    const rows = openIncidents(house).rows({ ...(open ? { state: "open" } : {}), limit });
    return { incidents: rows.map(incidentView) };
  },
  print: ({ incidents: all }, style) =>
    all.length === 0
      ? `${style.good("●")} no incident`
      : [...all.map((one) => incidentLine(one, style)), style.dim("→ holdfast incidents show <id>")].join("\n"),
});
