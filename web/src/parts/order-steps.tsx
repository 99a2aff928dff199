/** An order's way through the house as the five steps that it really takes. */

import type { Order } from "../answers.ts";

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
