/** `holdfast alerts test`: sends a notification through every way out that `holdfast.yaml` names, from where alerts are sent. */

import { tryOut } from "../../alerts/index.ts";
import { printableLine } from "../../base/index.ts";
import { alertsWorld } from "../alerts-world.ts";
import { operation } from "../operation.ts";

export const alertsTest = operation({
  name: "alerts test",
  about: "Send a test through every channel of `alerts:` in holdfast.yaml, and say what arrived",
  effect: "write",
  input: (z) => z.strictObject({}),
  command: {
    examples: ["holdfast alerts test"],
    notes: [
      "alerts:                                              # in holdfast.yaml",
      "  - { when: incident.opened, to: desktop }",
      '  - { when: incident.escalated, to: { slack: "env:SLACK_HOOK" } }   # webhook, discord, ntfy; or "file:~/.hook"',
      '  - { when: "wo.*", to: { command: [logger, -t, holdfast, "{title}"] } }',
      "",
      "While `holdfast up` runs, the test is sent from there: with its environment.",
    ],
  },
  run: async ({ house, signal }) => ({ channels: await tryOut(alertsWorld(house), signal) }),
  print({ channels }, style) {
    if (channels.length === 0)
      return "no alerts are configured: add `alerts:` to holdfast.yaml  → holdfast alerts test --help";
    return channels
      .map(({ channel, ok, why, hint }) =>
        ok
          ? `${style.good("✓")} ${printableLine(channel)}`
          : `${style.bad("✗")} ${printableLine(channel)}: ${printableLine(why ?? "")}${hint === null ? "" : style.dim(`  → ${printableLine(hint)}`)}`,
      )
      .join("\n");
  },
  exitCode: ({ channels }) => (channels.every(({ ok }) => ok) ? 0 : 1),
});
