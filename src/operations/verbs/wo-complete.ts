/** `holdfast wo complete`: a routed order's agent, or a person, says how it ended. */

import { operation, writerOf } from "../operation.ts";
import { orderDetails, orderView } from "../order-view.ts";

export const woComplete = operation({
  name: "wo complete",
  about: "Say how a routed order ended",
  effect: "write",
  input: (z) =>
    z.strictObject({
      id: z.string(),
      failed: z.boolean().default(false),
      summary: z.string().default("completed by hand"),
    }),
  command: {
    arguments: [{ name: "id", about: "the order's id" }],
    options: [
      { flags: "--failed", about: "it did not work out" },
      { flags: "--summary <text>", about: "what was done" },
    ],
    examples: ['holdfast wo complete WO-REPORTS-INIT --summary "layout made, tests green"'],
  },
  async run(context, { id, failed, summary }) {
    const { engine, house } = writerOf(context);
    engine.complete(id, context.actor, { ok: !failed, summary });
    return orderView(house.book.mustRow(id), context.ports.clock.now());
  },
  print: (order, style) => orderDetails(order, style),
});
