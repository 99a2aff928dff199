/** `holdfast wo list`. */

import { operation } from "../operation.ts";
import { orderLine, orderView } from "../order-view.ts";

const STATUSES = ["pending", "running", "done", "failed", "cancelled"] as const;

export const woList = operation({
  name: "wo list",
  about: "Orders, by priority and arrival",
  effect: "read",
  input: (z) =>
    z.strictObject({
      status: z.enum(STATUSES).optional(),
      canaries: z.boolean().default(false),
      limit: z.coerce.number().int().positive().max(100_000).default(1_000),
    }),
  command: {
    options: [
      { flags: "--status <status>", about: STATUSES.join(", ") },
      { flags: "--canaries", about: "canary orders too" },
      { flags: "--limit <n>", about: "at most so many (1000)" },
    ],
    examples: ["holdfast wo list --status pending", "holdfast wo list --json"],
  },
  async run({ house, ports }, { status, canaries, limit }) {
    const rows = house.book.rows({ ...(status ? { statuses: [status] } : {}), limit });
    const shown = canaries ? rows : rows.filter(({ via }) => via !== "canary");
    return { orders: shown.map((row) => orderView(row, ports.clock.now())) };
  },
  print: ({ orders }, style) =>
    orders.length === 0 ? "no orders" : orders.map((order) => orderLine(order, style)).join("\n"),
});
