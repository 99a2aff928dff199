/** Launch agents, units, cron lines and the like that point at the subject: they say where its logs are, and who misses it. */

import { join } from "node:path";
import { LIMITS, type Ports } from "../../base/index.ts";
import { findEvidence } from "../ledgers/evidence-files.ts";
import { readTail } from "../ledgers/read-tail.ts";
import { mentions } from "../ledgers/sightings.ts";
import type { Subject } from "../subject.ts";
import type { TimeLeft } from "./looked.ts";

export interface Launcher {
  /** Relative to the root, or absolute. */
  readonly file: string;
  /** Its label, or its file's name. */
  readonly name: string;
  /** Where its program writes. Absolute. */
  readonly logs: readonly string[];
}

const IN_TREE = [
  "*.plist",
  "LaunchAgents/**/*.plist",
  "launchd/**/*.plist",
  "services/**/*.plist",
  "systemd/**/*.service",
  "crontab",
  "*.crontab",
  "cron/*",
  "**/LaunchAgents/*.plist",
];
const AT_HOME = ["Library/LaunchAgents/*.plist", ".config/systemd/user/*.service", ".config/systemd/user/*.timer"];
/** Everybody's. What may not be read there is passed over. */
const OF_THE_MACHINE = [
  "/etc/crontab",
  "/etc/cron.d/*",
  "/etc/systemd/system/*.service",
  "/Library/LaunchAgents/*.plist",
  "/Library/LaunchDaemons/*.plist",
];

export function findLaunchers(
  { root, parts }: Subject,
  ports: Pick<Ports, "disk" | "process">,
  time: TimeLeft,
): { found: Launcher[]; note: string | null } {
  const home = ports.process.home();
  const patterns = [...IN_TREE.slice(0, -1), ...AT_HOME.map((pattern) => join(home, pattern)), ...OF_THE_MACHINE];
  const paths = parts.filter(({ isGlob }) => !isGlob).map(({ path }) => path);
  const { files, isCut } = findEvidence(root, patterns, ports, time);
  const found = files.flatMap(({ path: file }) => {
    const tail = readTail(file.startsWith("/") ? file : join(root, file), LIMITS.scriptSizeBytesMax, ports.disk);
    const text = tail?.bytes.toString("utf8") ?? "";
    if (!paths.some((path) => mentions(text, path))) return [];
    return [{ file, name: labelOf(text) ?? file.slice(file.lastIndexOf("/") + 1), logs: logsOf(text, { home, root }) }];
  });
  return { found, note: isCut ? "too many files to look through them all" : null };
}

function labelOf(text: string): string | null {
  return /<key>\s*Label\s*<\/key>\s*<string>([^<]*)<\/string>/.exec(text)?.[1]?.trim() ?? null;
}

function logsOf(text: string, { home, root }: { home: string; root: string }): string[] {
  const inPlist = [...text.matchAll(/<key>\s*Standard(?:Out|Error)Path\s*<\/key>\s*<string>([^<]*)<\/string>/g)];
  const inUnit = [...text.matchAll(/^Standard(?:Output|Error)=(?:append|file|truncate):(.*)$/gm)];
  return [...new Set([...inPlist, ...inUnit].map(([, path]) => expanded(path!.trim(), { home, root })))];
}

function expanded(path: string, { home, root }: { home: string; root: string }): string {
  const full = path.replace(/^~(?=\/)|^\$\{?HOME\}?|^%h/, home);
  return full.startsWith("/") ? full : join(root, full);
}
