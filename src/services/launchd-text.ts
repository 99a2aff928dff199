/** A unit as launchd reads it. */

import type { ServiceUnit } from "./unit.ts";

/** The marker is the first comment: launchd ignores it, and `isOwn` knows it again. */
export async function launchdText(unit: ServiceUnit): Promise<string> {
  const { build } = await import("plist");
  const text = build({
    Label: unit.label,
    ProgramArguments: [...unit.command],
    WorkingDirectory: unit.workingDirectory,
    EnvironmentVariables: { ...unit.environment },
    StandardOutPath: unit.log,
    StandardErrorPath: unit.log,
    RunAtLoad: true,
    ProcessType: "Background",
    ...(unit.everySeconds === null
      ? { KeepAlive: true, ThrottleInterval: RESTART_SECONDS, ExitTimeOut: STOP_SECONDS }
      : { KeepAlive: false, StartInterval: unit.everySeconds }),
  });
  return `${text.replace(/<!DOCTYPE[^>]*>\n?/, (head) => `${head}<!-- ${marker(unit)} -->\n`)}\n`;
}

export const RESTART_SECONDS = 5;
/** Commands of orders end, and are undone, before it is killed. */
export const STOP_SECONDS = 30;

export function marker({ treeId, workingDirectory }: ServiceUnit): string {
  return `${MARK} ${treeId} (${workingDirectory.replaceAll("--", "- -")}); holdfast service uninstall removes it`;
}

const MARK = "written by holdfast for tree";

/** Of this tree; `null` for any. */
export function isOwn(text: string, treeId: string | null): boolean {
  return text.includes(treeId === null ? `${MARK} ` : `${MARK} ${treeId} `);
}
