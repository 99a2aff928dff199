/** What service logs and rollback logs say of the subject. */

import { join } from "node:path";
import { LIMITS, type Ports } from "../../base/index.ts";
import { mentions } from "../ledgers/sightings.ts";
import type { Subject } from "../subject.ts";
import type { Launcher } from "./launchers.ts";
import { type LogLine, type LogPlaces, logFiles, readLog } from "./log-lines.ts";
import { OUT_OF_TIME, type TimeLeft } from "./looked.ts";

export type LogSighting = LogLine;

export interface LogRequest {
  readonly subject: Subject;
  readonly launchers: readonly Launcher[];
  readonly places: LogPlaces;
}

/** Oldest first. Of what only the subject's own program writes, also lines that do not name it. */
export async function readLogs(
  { subject, launchers, places }: LogRequest,
  ports: Pick<Ports, "disk" | "process" | "clock">,
  time: TimeLeft,
): Promise<{ found: LogSighting[]; note: string | null }> {
  const { root, parts } = subject;
  const own = new Set(launchers.flatMap(({ logs }) => logs));
  const { files, note } = logFiles(root, places, [...own], ports, time);
  const paths = parts.filter(({ isGlob }) => !isGlob).map(({ path }) => path);
  const names = paths.map((path) => path.slice(path.lastIndexOf("/") + 1));
  const isNamed = (line: string) => paths.some((path) => mentions(line, path) || namesAlone(line, path));
  const found: LogSighting[] = [];
  for (const { path: file } of files) {
    await ports.clock.breathe();
    if (time.isOver()) break;
    const isOwn = own.has(file.startsWith("/") ? file : join(root, file));
    const lines = readLog(root, file, ports, isOwn ? [] : names);
    const telling = lines.filter(({ says, kind }) => isNamed(says) || (isOwn && kind === "cannot-run"));
    found.push(...telling.slice(-LIMITS.evidenceLogLinesMax));
  }
  return {
    found: found.sort((a, b) => (a.atMs ?? 0) - (b.atMs ?? 0)).slice(-LIMITS.evidenceLogLinesMax),
    note: time.isOver() ? OUT_OF_TIME : note,
  };
}

/** Its name, without a folder or with folders of its own: `b/run.sh` and `/home/me/tree/a/b/run.sh` for `a/b/run.sh`, not `c/run.sh`. */
function namesAlone(line: string, path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (!isSolid(name) || !mentions(line, name)) return false;
  const words = line.split(/[\s'"`=:;,()[\]<>]+/).filter((word) => word.endsWith(name));
  return words.some((word) => {
    const written = word.replace(/^\.\//, "");
    return written === path || written.endsWith(`/${path}`) || path.endsWith(`/${written}`);
  });
}

/** A name that is hardly found by chance. */
function isSolid(name: string): boolean {
  return name.length >= 6 && name.includes(".");
}
