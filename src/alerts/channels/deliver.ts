/** The ways out: each delivers one alert, or throws `ALERT_FAILED` with a reason that holds no secret. */

import type { Alert } from "../alert.ts";
import type { Channel } from "../rules.ts";
import { runCommand } from "./command.ts";
import { showOnDesktop } from "./desktop.ts";
import type { Sending } from "./sending.ts";
import { post } from "./webhook.ts";

/** `telemetry` is not here: it is a ledger record, and no way out. */
export function deliver(alert: Alert, channel: Exclude<Channel, "telemetry">, sending: Sending): Promise<void> {
  if (channel === "desktop") return showOnDesktop(alert, sending);
  if ("command" in channel) return runCommand(alert, channel.command, sending);
  return post(alert, channel, sending);
}
