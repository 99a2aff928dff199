/** `holdfast wo show`. */

import { operation } from "../operation.ts";
import { orderDetails, orderView } from "../order-view.ts";

export const woShow = operation({
  name: "wo show",
  about: "One order: its stage, paths, checks with their output, and what to do next",
  effect: "read",
  input: (z) => z.strictObject({ id: z.string() }),
  command: { arguments: [{ name: "id", about: "the order's id" }], examples: ["holdfast wo show WO-20251113-REBUILD"] },
  run: async ({ house, ports }, { id }) => orderView(house.book.mustRow(id), ports.clock.now()),
  print: (order, style) => orderDetails(order, style),
  exitCode: ({ status }) => (status === "failed" ? 1 : 0),
});
