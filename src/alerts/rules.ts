/** Rules, as `holdfast.yaml` states them: which ledger events are told, and to whom. Pure. */

import { HoldfastError, nearestName } from "../base/index.ts";
import { EVENT_NAMES, type EventName } from "../ledger/index.ts";

/** Secrets by reference only: `env:NAME` or `file:PATH`. */
export type Channel =
  | "desktop"
  | "telemetry"
  | { readonly webhook: string; readonly authorization?: string | undefined }
  | { readonly slack: string }
  | { readonly discord: string }
  | { readonly ntfy: string; readonly authorization?: string | undefined }
  | { readonly command: readonly [string, ...string[]] };

export interface AlertRule {
  /** `incident.opened`, or `incident.*`. */
  readonly when: string;
  readonly to: Channel;
}

/** How a channel is named to people: never by what is secret in it. */
export function channelName(channel: Channel): string {
  if (typeof channel === "string") return channel;
  if ("command" in channel) return `command ${channel.command[0]}`;
  const [kind, reference] = Object.entries(channel)[0]!;
  return `${kind} ${String(reference)}`;
}

/** The events that a rule is about. Telling of alerts by alerts would never end. */
export function eventsOf({ when }: AlertRule): EventName[] {
  const prefix = when.endsWith(".*") ? when.slice(0, -1) : null;
  return EVENT_NAMES.filter(
    (name) => !name.startsWith("alert.") && (prefix === null ? name === when : name.startsWith(prefix)),
  );
}

/** Throws `CONFIG_INVALID` for a rule that would never fire. */
export function checkRules(rules: readonly AlertRule[]): void {
  for (const [index, rule] of rules.entries()) {
    if (eventsOf(rule).length > 0) continue;
    const near = nearestName(rule.when, EVENT_NAMES);
    const advice = rule.when.startsWith("alert.")
      ? "; alerts are not told by alerts"
      : near === null
        ? ""
        : `; did you mean "${near}"?`;
    throw new HoldfastError("CONFIG_INVALID", `alerts.${index}.when: there is no event "${rule.when}"${advice}`, {
      hint: "docs/events.md lists them",
    });
  }
}
