/** `holdfast submit`: takes an order from a file, a folder or stdin. */

import { HoldfastError, printableLine } from "../../base/index.ts";
import { readSubmissions, type Submission } from "../../workorder/index.ts";
import { operation, writerOf } from "../operation.ts";
import { type OrderView, orderDetails, orderView } from "../order-view.ts";
import { readDocument } from "../read-document.ts";

export const submit = operation({
  name: "submit",
  about: "Take a work order: apply, verify, accept it – or leave the tree as it was",
  effect: "write",
  input: (z) =>
    z.strictObject({
      /** What was named: a file's or folder's own name, `stdin`. */
      filename: z.string(),
      /** Path below the folder (`""` for a single file) → content as base64. */
      files: z.record(z.string(), z.base64()),
      agent: z
        .string()
        .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "an agent's name is [A-Za-z0-9._-], at most 64 characters")
        .nullish(),
      wait: z.boolean().default(false),
    }),
  command: {
    arguments: [{ name: "file", about: "a YAML or JSON order, a folder order, or - for stdin" }],
    options: [
      { flags: "--agent <name>", about: "as if dropped into this agent's inbox" },
      { flags: "--wait", about: "until the order is accepted, failed, held or routed" },
    ],
    examples: ["holdfast submit fix.yaml --wait", "cat order.json | holdfast submit - --wait --json"],
  },
  prepare: readDocument,
  async run(context, { filename, files, agent, wait }) {
    const { engine, house } = writerOf(context);
    const bytes = new Map(Object.entries(files).map(([name, content]) => [name, Buffer.from(content, "base64")]));
    const read = readSubmissions({ files: bytes, filename, agent: agent ?? null, via: "cli", actor: context.actor });
    const submissions = ordersOnly(read, filename);
    const orders: OrderView[] = [];
    const refused: HoldfastError[] = [];
    for (const reception of await engine.submit(submissions)) {
      if (reception instanceof HoldfastError) {
        refused.push(reception);
        continue;
      }
      const row = wait ? await engine.finished(reception.id) : house.book.mustRow(reception.id);
      orders.push(orderView(row, context.ports.clock.now()));
    }
    if (refused.length === 1 && orders.length === 0) throw refused[0]!;
    if (refused.length > 0) return { orders, refused: refused.map((error) => error.toJSON()) };
    return orders.length === 1 ? orders[0]! : { orders };
  },
  print: (output, style) =>
    [
      ...listOf(output).map((order) => orderDetails(order, style)),
      ...refusedIn(output).map(
        ({ code, message, hint }) =>
          `${style.bad("✗ not taken")}   ${code}: ${printableLine(message)}\n  → ${printableLine(hint)}`,
      ),
    ].join("\n\n"),
  exitCode(output, { wait }) {
    const orders = listOf(output);
    if (refusedIn(output).length > 0 || orders.some(({ stage }) => stage === "refused")) return 5;
    return wait && orders.some(({ status, stage }) => status === "failed" || status === "cancelled" || stage === "held")
      ? 1
      : 0;
  },
});

type Refusal = ReturnType<HoldfastError["toJSON"]>;
/** Several documents: what became of each; `refused` only where some were not taken. */
export type Submitted = OrderView | { orders: OrderView[]; refused?: Refusal[] };

function listOf(output: Submitted): OrderView[] {
  return "orders" in output ? output.orders : [output];
}

function refusedIn(output: Submitted): Refusal[] {
  return "orders" in output ? (output.refused ?? []) : [];
}

function ordersOnly(read: ReturnType<typeof readSubmissions>, filename: string): Submission[] {
  const [other] = read.notOrders;
  if (read.submissions.length === 0 && other) {
    throw new HoldfastError("WO_NOT_AN_ORDER", `${printableLine(filename)} is no work order: ${other.reason}`, {
      hint: "submit the order itself",
      data: { what: other.what, reason: other.reason },
    });
  }
  return read.submissions;
}
