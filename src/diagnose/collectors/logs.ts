/** Service logs and rollback logs, from their ends: lines that name the subject, and what became of it there. */

import { join } from "node:path";
import { LIMITS, type Ports } from "../../base/index.ts";
import { findEvidence } from "../ledgers/evidence-files.ts";
import { foreignTime } from "../ledgers/foreign-time.ts";
import { readTail } from "../ledgers/read-tail.ts";
import { mentions } from "../ledgers/sightings.ts";
import type { Subject } from "../subject.ts";
import type { Launcher } from "./launchers.ts";

export interface LogSighting {
  readonly source: "service-log" | "rollback-log";
  readonly atMs: number | null;
  /** `cannot-run`: exit 126 or 127, no interpreter, no permission, a syntax error. `missing`: no such file. */
  readonly kind: "cannot-run" | "missing" | "well" | "rolled-back" | "mentioned";
  readonly says: string;
  readonly file: string;
}

export interface LogRequest {
  readonly subject: Subject;
  readonly launchers: readonly Launcher[];
  readonly serviceLogs: readonly string[];
  readonly rollbackLogs: readonly string[];
}

const SERVICE_PATTERNS = ["logs/*.log", "logs/*.err", "logs/*.out", "log/*.log"];
const ROLLBACK_PATTERNS = ["logs/*rollback*.log"];
const AT_HOME = ["Library/Logs/*.log"];
const FILES_MAX = 200;
const FILE_BYTES_MAX = 1024 * 1024;
const LINE_LENGTH_MAX = 300;

/** Oldest first. */
export async function readLogs(
  { subject, launchers, serviceLogs, rollbackLogs }: LogRequest,
  ports: Pick<Ports, "disk" | "process" | "clock">,
): Promise<{ found: LogSighting[]; note: string | null }> {
  const { root } = subject;
  const atHome =
    ports.process.platform === "darwin" ? AT_HOME.map((pattern) => join(ports.process.home(), pattern)) : [];
  const own = new Set(launchers.flatMap(({ logs }) => logs));
  const patterns = [...SERVICE_PATTERNS, ...ROLLBACK_PATTERNS, ...serviceLogs, ...rollbackLogs, ...atHome, ...own];
  const { files, isCut } = findEvidence(root, patterns, ports);
  const found: LogSighting[] = [];
  let left = LIMITS.evidenceBytesMax;
  for (const { path: file } of files.slice(0, FILES_MAX)) {
    await ports.clock.breathe();
    const place = file.startsWith("/") ? file : join(root, file);
    const tail = readTail(place, Math.min(left, FILE_BYTES_MAX), ports.disk);
    left -= tail?.bytes.length ?? 0;
    if (tail !== null) found.push(...sightingsIn(tail.bytes, { file, isOwn: own.has(place), subject }));
  }
  const dated = found.sort((a, b) => (a.atMs ?? 0) - (b.atMs ?? 0)).slice(-LIMITS.evidenceLogLinesMax);
  return { found: dated, note: isCut || files.length > FILES_MAX ? "too many logs to read them all" : null };
}

interface Reading {
  readonly file: string;
  /** Nothing but the subject's own program writes it. */
  readonly isOwn: boolean;
  readonly subject: Subject;
}

function sightingsIn(bytes: Buffer, { file, isOwn, subject }: Reading): LogSighting[] {
  const source = /rollback/i.test(file) ? "rollback-log" : "service-log";
  const paths = subject.parts.filter(({ isGlob }) => !isGlob).map(({ path }) => path);
  const names = paths.map((path) => path.slice(path.lastIndexOf("/") + 1));
  if (!isOwn && !names.some((name) => bytes.includes(name))) return [];
  return bytes
    .toString("utf8")
    .split("\n")
    .flatMap((line) => {
      const isNamed =
        paths.some((path) => mentions(line, path)) || names.some((name) => isSolid(name) && mentions(line, name));
      if (line.trim() === "" || !(isNamed || (isOwn && CANNOT_RUN.test(line)))) return [];
      const text = line.trim().slice(0, LINE_LENGTH_MAX);
      return [{ source, atMs: timeOfLine(line), kind: kindOf(text, source), says: text, file } satisfies LogSighting];
    })
    .slice(-LIMITS.evidenceLogLinesMax);
}

/** A name that is hardly found by chance. */
function isSolid(name: string): boolean {
  return name.length >= 6 && name.includes(".");
}

const CANNOT_RUN =
  /\bexit(?:ed|s)?\b[^\n]{0,24}\b12[67]\b|command not found|bad interpreter|cannot execute|Exec format error|permission denied|syntax error|parse error/i;
const MISSING = /no such file|not found|can't open|cannot open|does not exist|missing/i;
const WELL = /\b(ok|done|success(?:ful(?:ly)?)?|succeeded|completed?|finished|exit(?:ed)? (?:code )?0|started)\b/i;

function kindOf(line: string, source: LogSighting["source"]): LogSighting["kind"] {
  if (source === "rollback-log") return "rolled-back";
  if (MISSING.test(line) && !/command not found/i.test(line)) return "missing";
  if (CANNOT_RUN.test(line)) return "cannot-run";
  return WELL.test(line) ? "well" : "mentioned";
}

const LINE_TIME = /^\W{0,3}(\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2})?(?:[.,]\d+)?\s?(?:Z|[+-]\d{2}:?\d{2})?)/;

function timeOfLine(line: string): number | null {
  const found = LINE_TIME.exec(line);
  return found === null ? null : foreignTime(found[1]!.trim());
}
