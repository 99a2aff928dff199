/** `holdfast wo show`. */

import { printableLine } from "../../base/index.ts";
import { decodeChangeSet } from "../../workorder/index.ts";
import { type OperationContext, operation } from "../operation.ts";
import { type OrderView, orderDetails, orderView } from "../order-view.ts";
import { diffOf, type StateText, stateOf } from "../state-diff.ts";

const CHANGES_MAX = 200;
const DIFFS_MAX = 50;

interface ChangeShown {
  path: string;
  was: StateText;
  became: StateText;
  diff: string | null;
}

interface Changes {
  changes: ChangeShown[];
  changesTotal: number;
}

export const woShow = operation({
  name: "wo show",
  about: "One order: its stage, paths, checks with their output, and what to do next",
  effect: "read",
  input: (z) => z.strictObject({ id: z.string(), diff: z.boolean().default(false) }),
  command: {
    arguments: [{ name: "id", about: "the order's id" }],
    options: [{ flags: "--diff", about: "with what it changed, path by path" }],
    examples: ["holdfast wo show WO-20251113-REBUILD", "holdfast wo show WO-20251113-REBUILD --diff"],
  },
  async run({ house, ports }, { id, diff }): Promise<OrderView & Partial<Changes>> {
    const row = house.book.mustRow(id);
    const view = orderView(row, ports.clock.now());
    return diff ? { ...view, ...changesOf(row.changeSet, house) } : view;
  },
  print(order, style) {
    const lines = [orderDetails(order, style)];
    const { changes = [], changesTotal = 0 } = order;
    for (const { path, was, became, diff } of changes) {
      lines.push(
        `  ${style.bold(printableLine(path))}`,
        style.dim(`    was ${was.state}`),
        style.dim(`    became ${became.state}`),
      );
      if (diff !== null)
        lines.push(
          ...diff
            .trimEnd()
            .split("\n")
            .slice(4)
            .map((line) => `    ${printableLine(line)}`),
        );
    }
    const more = changesTotal - changes.length;
    if (more > 0) lines.push(style.dim(`  … and ${more} more`));
    return lines.join("\n");
  },
  exitCode: ({ status }) => (status === "failed" ? 1 : 0),
});

/** Of an order that was planned. A folder that only had to be there is told by the files in it. */
function changesOf(
  digest: Parameters<OperationContext["house"]["vault"]["read"]>[0] | null,
  house: OperationContext["house"],
): Changes {
  if (digest === null || !house.vault.has(digest)) return { changes: [], changesTotal: 0 };
  const changes = decodeChangeSet(house.vault.read(digest)).changes.filter(({ after }) => after.kind !== "dir");
  return {
    changesTotal: changes.length,
    changes: changes.slice(0, CHANGES_MAX).map(({ path, before, after }, index) => ({
      path,
      was: stateOf(before),
      became: stateOf(after),
      diff: index < DIFFS_MAX ? diffOf({ path, was: before, became: after }, house) : null,
    })),
  };
}
