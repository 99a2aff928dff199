/** A notification on the desktop: `notify-send` on Linux, `osascript` on macOS. Texts are arguments, never code. */

import { LIMITS, printableLine } from "../../base/index.ts";
import { type Alert, linesOf } from "../alert.ts";
import { failed, type Sending } from "./sending.ts";

const URGENCY = { info: "low", warning: "normal", critical: "critical" } as const;

export async function showOnDesktop(alert: Alert, { ports: { process }, cwd, signal }: Sending): Promise<void> {
  const title = printableLine(alert.title);
  const body = linesOf(alert).map(printableLine).join("\n");
  const command: [string, ...string[]] =
    process.platform === "darwin"
      ? ["osascript", ...SCRIPT.flatMap((line) => ["-e", line]), title, body]
      : ["notify-send", "--app-name=Holdfast", `--urgency=${URGENCY[alert.severity]}`, "--", title, asMarkup(body)];
  if (process.which(command[0]) === null)
    throw failed(`${command[0]} is not installed`, "install it (Debian: libnotify-bin), or choose another channel");
  const { exitCode, timedOut } = await process.run({ command, cwd, timeoutMs: LIMITS.alertSendMsMax, signal });
  if (timedOut) throw failed(`${command[0]} did not end`);
  if (exitCode !== 0)
    throw failed(`${command[0]} ended with ${exitCode}`, "is there a desktop session for the user of `holdfast up`?");
}

const SCRIPT = ["on run argv", "display notification (item 2 of argv) with title (item 1 of argv)", "end run"];

/** Notification servers read a body as a little HTML. */
function asMarkup(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
