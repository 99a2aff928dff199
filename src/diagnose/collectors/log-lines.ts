/** Service logs and rollback logs, read from their ends, line by line: when, and what became of something. */

import { join } from "node:path";
import { LIMITS, type Ports } from "../../base/index.ts";
import { findEvidence } from "../ledgers/evidence-files.ts";
import { foreignTime } from "../ledgers/foreign-time.ts";
import { readTail } from "../ledgers/read-tail.ts";
import type { TimeLeft } from "./looked.ts";

export interface LogLine {
  readonly source: "service-log" | "rollback-log";
  readonly atMs: number | null;
  /** `cannot-run`: exit 126 or 127, no interpreter, no permission, a syntax error. `missing`: no such file. */
  readonly kind: "cannot-run" | "missing" | "well" | "rolled-back" | "other";
  /** Foreign text, cut. */
  readonly says: string;
  readonly file: string;
}

export interface LogPlaces {
  readonly rollbackLogs: readonly string[];
  readonly serviceLogs: readonly string[];
}

const USUAL = ["logs/*.log", "logs/*.err", "logs/*.out", "log/*.log"];
const AT_HOME = ["Library/Logs/*.log"];
const FILE_BYTES_MAX = 1024 * 1024;
const LINE_LENGTH_MAX = 300;

/** The newest first. */
export function logFiles(
  root: string,
  { rollbackLogs, serviceLogs }: LogPlaces,
  more: readonly string[],
  ports: Pick<Ports, "disk" | "process">,
  time: TimeLeft,
): { files: readonly { path: string; changedMs: number }[]; note: string | null } {
  const home = ports.process.home();
  const atHome = ports.process.platform === "darwin" ? AT_HOME.map((pattern) => join(home, pattern)) : [];
  const { files, isCut } = findEvidence(
    root,
    [...USUAL, ...serviceLogs, ...rollbackLogs, ...atHome, ...more],
    ports,
    time,
  );
  const isTooMany = isCut || files.length > LIMITS.evidenceLogFilesMax;
  return {
    files: files.slice(0, LIMITS.evidenceLogFilesMax),
    note: isTooMany ? "too many logs to read them all" : null,
  };
}

/** The lines at its end, oldest first; `named`: only where one of these stands somewhere. Nothing for what cannot be read. */
export function readLog(
  root: string,
  file: string,
  { disk }: Pick<Ports, "disk">,
  named: readonly string[] = [],
): LogLine[] {
  const tail = readTail(file.startsWith("/") ? file : join(root, file), FILE_BYTES_MAX, disk);
  if (tail === null || (named.length > 0 && !named.some((name) => tail.bytes.includes(name)))) return [];
  const source = /rollback/i.test(file) ? "rollback-log" : "service-log";
  return tail.bytes
    .toString("utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const says = line.trim().slice(0, LINE_LENGTH_MAX);
      return { source, atMs: timeOfLine(line), kind: kindOf(says, source), says, file };
    });
}

const CANNOT_RUN =
  /\bexit(?:ed|s)?\b[^\n]{0,24}\b12[67]\b|command not found|bad interpreter|cannot execute|Exec format error|permission denied|syntax error|parse error/i;
const MISSING = /no such file|not found|can't open|cannot open|does not exist|missing/i;
const WELL = /\b(ok|done|success(?:ful(?:ly)?)?|succeeded|completed?|finished|exit(?:ed)? (?:code )?0|started)\b/i;

function kindOf(line: string, source: LogLine["source"]): LogLine["kind"] {
  if (source === "rollback-log") return "rolled-back";
  if (MISSING.test(line) && !/command not found/i.test(line)) return "missing";
  if (CANNOT_RUN.test(line)) return "cannot-run";
  return WELL.test(line) ? "well" : "other";
}

const LINE_TIME = /^\W{0,3}(\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2})?(?:[.,]\d+)?\s?(?:Z|[+-]\d{2}:?\d{2})?)/;

function timeOfLine(line: string): number | null {
  const found = LINE_TIME.exec(line);
  return found === null ? null : foreignTime(found[1]!.trim());
}
