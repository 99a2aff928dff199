/** `holdfast wo retry`. */

import { operation, writerOf } from "../operation.ts";
import { orderDetails, orderView } from "../order-view.ts";

export const woRetry = operation({
  name: "wo retry",
  about: "Try a failed or cancelled order again",
  effect: "write",
  input: (z) => z.strictObject({ id: z.string(), wait: z.boolean().default(false) }),
  command: {
    arguments: [{ name: "id", about: "the order's id" }],
    options: [{ flags: "--wait", about: "until it is over" }],
    examples: ["holdfast wo retry WO-7 --wait"],
  },
  async run(context, { id, wait }) {
    const { engine, house } = writerOf(context);
    engine.retry(id, context.actor);
    const row = wait ? await engine.finished(id) : house.book.mustRow(id);
    return orderView(row, context.ports.clock.now());
  },
  print: (order, style) => orderDetails(order, style),
  exitCode: ({ status }, { wait }) => (wait && status === "failed" ? 1 : 0),
});
