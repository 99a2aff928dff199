/** A program of the user's own: the alert as JSON on its stdin, `{title}`, `{text}`, `{incident}` in its arguments. Never through a shell. */

import { isSystemError, LIMITS } from "../../base/index.ts";
import { type Alert, linesOf } from "../alert.ts";
import { failed, type Sending } from "./sending.ts";

export async function runCommand(
  alert: Alert,
  [program, ...rest]: readonly [string, ...string[]],
  { ports: { process }, cwd, signal }: Sending,
): Promise<void> {
  const values: Record<string, string> = {
    title: alert.title,
    text: linesOf(alert).join("\n"),
    incident: alert.incident ?? "",
  };
  const args = rest.map((word) => word.replace(/\{(title|text|incident)\}/g, (_, name: string) => values[name]!));
  try {
    const { exitCode, timedOut } = await process.run({
      command: [program, ...args],
      cwd,
      stdin: `${JSON.stringify(alert)}\n`,
      timeoutMs: LIMITS.alertSendMsMax,
      signal,
    });
    if (timedOut) throw failed(`${program} did not end in time`);
    // What it printed may hold what it was given: it is not repeated.
    if (exitCode !== 0) throw failed(`${program} ended with ${exitCode}`, "run it by hand to see why");
  } catch (error) {
    if (isSystemError(error)) throw failed(`${program} cannot be started (${error.code})`);
    throw error;
  }
}
