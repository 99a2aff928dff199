/** `holdfast wo cancel`. */

import { operation, writerOf } from "../operation.ts";
import { orderDetails, orderView } from "../order-view.ts";

export const woCancel = operation({
  name: "wo cancel",
  about: "End an order that is not over: a waiting one at once, a running one with its command, undone",
  effect: "write",
  input: (z) => z.strictObject({ id: z.string(), reason: z.string().default("cancelled by hand") }),
  command: {
    arguments: [{ name: "id", about: "the order's id" }],
    options: [{ flags: "--reason <text>", about: "goes on record" }],
    examples: ['holdfast wo cancel WO-7 --reason "not needed any more"'],
  },
  async run(context, { id, reason }) {
    const { engine, house } = writerOf(context);
    engine.cancel(id, context.actor, reason);
    return orderView(house.book.mustRow(id), context.ports.clock.now());
  },
  print: (order, style) => orderDetails(order, style),
});
