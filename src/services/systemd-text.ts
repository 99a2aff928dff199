/** A unit as systemd's user manager reads it: a service, and a timer where it runs once so often. */

import { marker, RESTART_SECONDS, STOP_SECONDS } from "./launchd-text.ts";
import type { ServiceUnit } from "./unit.ts";

/** By file name. */
export function systemdTexts(unit: ServiceUnit): Record<string, string> {
  const service = `${unit.label}.service`;
  if (unit.everySeconds === null) return { [service]: serviceText(unit) };
  return { [service]: serviceText(unit), [`${unit.label}.timer`]: timerText(unit, unit.everySeconds) };
}

function serviceText(unit: ServiceUnit): string {
  const runsOn = unit.everySeconds === null;
  return [
    `# ${marker(unit)}`,
    "[Unit]",
    `Description=${specifier(unit.about)}`,
    ...(runsOn ? ["StartLimitIntervalSec=0"] : []),
    "",
    "[Service]",
    `Type=${runsOn ? "simple" : "oneshot"}`,
    `ExecStart=${unit.command.map(word).join(" ")}`,
    `WorkingDirectory=${specifier(unit.workingDirectory)}`,
    ...Object.entries(unit.environment).map(([name, value]) => `Environment=${word(`${name}=${value}`)}`),
    `StandardOutput=append:${specifier(unit.log)}`,
    `StandardError=append:${specifier(unit.log)}`,
    ...(runsOn
      ? ["Restart=always", `RestartSec=${RESTART_SECONDS}`, `TimeoutStopSec=${STOP_SECONDS}`]
      : // It found something, and said so: that is no failure of the service.
        ["SuccessExitStatus=1"]),
    ...(runsOn ? ["", "[Install]", "WantedBy=default.target"] : []),
    "",
  ].join("\n");
}

function timerText(unit: ServiceUnit, everySeconds: number): string {
  return [
    `# ${marker(unit)}`,
    "[Unit]",
    `Description=${specifier(unit.about)}, every ${everySeconds} s`,
    "",
    "[Timer]",
    "OnActiveSec=0",
    `OnUnitActiveSec=${everySeconds}`,
    "AccuracySec=10",
    "",
    "[Install]",
    "WantedBy=timers.target",
    "",
  ].join("\n");
}

/** systemd.unit(5): a per cent sign begins a specifier. */
function specifier(text: string): string {
  return text.replaceAll("%", "%%");
}

/** systemd.service(5), "Command lines": one word, whatever is in it. */
function word(text: string): string {
  const escaped = specifier(text).replace(/[\\"]/g, "\\$&").replaceAll("$", "$$$$");
  return /^[\w@+=:,./%-]+$/.test(escaped) ? escaped : `"${escaped}"`;
}
