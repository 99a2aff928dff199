/** An order's way through the house as the five steps that it really takes. */

import type { LedgerRecord, Order } from "../answers.ts";
import { printable } from "./copy.tsx";
import { Clock, duration } from "./time.tsx";

const STEPS = ["received", "planned", "applied", "verified", "accepted"] as const;
const ENDS: Record<string, string> = {
  undone: "verified",
  conflicted: "applied",
  refused: "planned",
  held: "planned",
  routed: "planned",
};

export function OrderSteps({
  order,
  times = {},
}: {
  order: Pick<Order, "stage" | "status">;
  times?: Readonly<Record<string, string>>;
}) {
  const isBad = order.status === "failed" || order.status === "cancelled";
  const endsAt = ENDS[order.stage] ?? order.stage;
  const reached = Math.max(0, STEPS.indexOf(endsAt as (typeof STEPS)[number]));
  return (
    <ol class="steps" aria-label={`Stage: ${order.stage}`}>
      {STEPS.map((step, index) => {
        const isHere = index === reached;
        const state =
          isHere && order.stage !== "accepted" ? (isBad ? "bad" : "here") : index <= reached ? "done" : "todo";
        const word = isHere && order.stage in ENDS ? order.stage : step;
        return (
          <li key={step} class={state} title={times[step]}>
            <span class="sign" aria-hidden="true">
              {SIGNS[state]}
            </span>
            {word}
            {times[step] !== undefined && <span class="dim number"> {times[step]}</span>}
          </li>
        );
      })}
    </ol>
  );
}

const SIGNS = { done: "✓", here: "●", bad: "✗", todo: "·" };

/** The same as the ledger tells it: each step, what it did, and how long after the one before. */
export function OrderWay({ records }: { records: readonly LedgerRecord[] }) {
  return (
    <ol class="axis">
      {records.map(({ seq, ts, event, summary, ok, wo }, index) => {
        const before = records[index - 1];
        const isLast = index === records.length - 1;
        const says = wo !== undefined && summary.startsWith(`${wo} `) ? summary.slice(wo.length + 1) : summary;
        return (
          <li key={seq} class={ok ? (isLast ? "now" : "done") : "bad"}>
            <span class="when">
              <Clock at={ts} />
            </span>
            <span class="node" aria-hidden="true" />
            <span class="title">{event.replace(/^wo\./, "").replaceAll("-", " ")}</span>
            <span class="body">
              {printable(says)}
              {before !== undefined && (
                <span class="dim number"> +{duration(Date.parse(ts) - Date.parse(before.ts))}</span>
              )}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
