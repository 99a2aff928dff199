/** `holdfast alerts`: the rules, and what waits to be told. */

import { channelName, openOutbox } from "../../alerts/index.ts";
import { isoTime, printableLine } from "../../base/index.ts";
import { operation } from "../operation.ts";

export const alerts = operation({
  name: "alerts",
  about: "Which events are told to whom, and what waits to be delivered",
  effect: "read",
  input: (z) => z.strictObject({}),
  command: { examples: ["holdfast alerts", "holdfast alerts test"] },
  run: async ({ house }) => ({
    rules: house.config().alerts.map(({ when, to }) => ({ when, channel: channelName(to) })),
    waiting: openOutbox(house.store)
      .waiting()
      .map(({ id, channel, alert: { title, records }, firstMs, nextMs, attempts, error }) => ({
        id,
        channel: channelName(channel),
        title,
        records,
        since: isoTime(firstMs),
        next: isoTime(nextMs),
        attempts,
        error,
      })),
  }),
  print({ rules, waiting }, style) {
    if (rules.length === 0)
      return "no alerts are configured: add `alerts:` to holdfast.yaml  → holdfast alerts test --help";
    return [
      ...rules.map(({ when, channel }) => `${printableLine(when)}  ${style.dim("→")} ${printableLine(channel)}`),
      ...waiting.map(
        ({ channel, title, attempts, error }) =>
          `${style.warn("waits")} ${printableLine(channel)}: ${printableLine(title)}${error === null ? "" : style.dim(`  ${printableLine(error)}, tried ${attempts} times`)}`,
      ),
    ].join("\n");
  },
});
