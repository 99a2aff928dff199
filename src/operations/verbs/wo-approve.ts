/** `holdfast wo approve`: a person lets a held order run its commands. */

import { operation, writerOf } from "../operation.ts";
import { orderDetails, orderView } from "../order-view.ts";
import { refuseAgents } from "../refuse-agents.ts";

export const woApprove = operation({
  name: "wo approve",
  about: "Let a held order run its commands",
  effect: "write",
  input: (z) => z.strictObject({ id: z.string(), wait: z.boolean().default(false) }),
  command: {
    arguments: [{ name: "id", about: "the order's id" }],
    options: [{ flags: "--wait", about: "until it is over" }],
    examples: ["holdfast wo approve WO-DEPLOY --wait"],
  },
  async run(context, { id, wait }) {
    refuseAgents(context.actor, "approve an order");
    const { engine, house } = writerOf(context);
    engine.approve(id, context.actor);
    const row = wait ? await engine.finished(id) : house.book.mustRow(id);
    return orderView(row, context.ports.clock.now());
  },
  print: (order, style) => orderDetails(order, style),
  exitCode: ({ status }) => (status === "failed" ? 1 : 0),
});
