/**
 * Examines a folder, a glob or a component: each path below it by itself, then what happened to most of them at once.
 *
 * A folder whose files come and go as it is worked on is healthy; one from which a commit that was about something else took a part is
 * not. What was lost together is judged together.
 */

import { basename } from "node:path";
import type { GitLog } from "./collectors/git-log.ts";
import type { Examined, Remark } from "./examination.ts";
import { meant, namesOf } from "./examine-file.ts";
import { type ChangedFile, type CommitFiles, filesOf } from "./git-past/commit-files.ts";
import type { Touch } from "./git-past/read-log.ts";
import { isAnnounced } from "./verdict/announced.ts";
import type { FileCase, Link } from "./verdict/file-case.ts";
import { FILE_RULES } from "./verdict/file-rules.ts";
import { type Finding, firstFinding } from "./verdict/finding.ts";

export interface FolderRequest {
  /** As it is named: a folder's path, or a pattern. */
  readonly name: string;
  readonly isFolder: boolean;
  readonly isThere: boolean;
  readonly cases: readonly FileCase[];
  readonly log: GitLog | null;
}

interface Loss {
  readonly one: FileCase;
  readonly finding: Finding;
}

/** What one commit, or the work tree (`null`), took. */
interface Event {
  readonly touch: Touch | null;
  readonly losses: readonly Loss[];
}

/** `null`: nothing is there, and HEAD's line never had anything. */
export async function examineFolder(request: FolderRequest): Promise<Examined | null> {
  const { cases, isThere, log } = request;
  if (log === null) return isThere ? withoutPast(cases.length) : null;
  if (cases.length === 0) return isThere ? empty(request) : null;
  const order = orderOf(log);
  const judged = cases.flatMap((one) => {
    const finding = firstFinding(FILE_RULES, one);
    return finding === null ? [] : [{ one, finding }];
  });
  const live = judged.filter(({ one }) => one.present.kind !== "absent").length;
  const events = eventsOf(judged.filter(({ finding }) => finding.verdict === "worked-then-broke")).sort(
    (a, b) => order(b.touch) - order(a.touch),
  );
  const remarks: Remark[] = [];
  for (const event of live === 0 ? events.slice(0, 1) : events) {
    const weighed = await weigh(event, request, live);
    if (weighed.isLoss || live === 0) return { ...told(event, weighed, request, order), remarks };
    remarks.push(remarkOf(event));
  }
  const newest = lineOf(judged, order);
  return { ...sound(request, newest), remarks };
}

interface Weighed {
  readonly files: CommitFiles | null;
  readonly isIntentional: boolean;
  readonly isLoss: boolean;
  readonly movedTo: string | null;
}

const PART_MIN = 0.2;

async function weigh({ touch, losses }: Event, request: FolderRequest, live: number): Promise<Weighed> {
  const { log, name } = request;
  if (touch === null || log === null) return { files: null, isIntentional: false, isLoss: true, movedTo: null };
  const files = await filesOf(log.repository, touch, losses[0]!.one.path);
  const paths = losses.map(({ one }) => one.path);
  const movedTo = destinationOf(paths, request, files);
  const isIntentional = isAnnounced({
    touch,
    kind: movedTo !== null ? "renamed" : losses[0]!.finding.kind!,
    paths: live === 0 && request.isFolder ? [name] : paths,
    files,
    ...namesOf(log.history),
  });
  const renamed = renamesOf(paths, files).length;
  const share = (losses.length - renamed) / (losses.length + live);
  const isMain = losses.some(({ one }) => stem(one.path) === stem(name));
  const lost = new Set(paths);
  const isWorkedOn = files.files.some(
    ({ path, letter }) => letter !== "D" && !lost.has(path) && isBelow(path, request),
  );
  const matters = share >= PART_MIN || isMain;
  const isLoss = !isIntentional && renamed < losses.length && matters && (!isWorkedOn || share >= 0.5 || isMain);
  return { files, isIntentional, isLoss, movedTo };
}

function isBelow(path: string, { name, isFolder }: FolderRequest): boolean {
  return isFolder && path.startsWith(`${name}/`);
}

function stem(path: string): string {
  return basename(path).replace(/(?<=.)\..*$/, "");
}

function renamesOf(paths: readonly string[], { files }: CommitFiles): ChangedFile[] {
  const asked = new Set(paths);
  return files.filter(({ letter, path }) => letter === "R" && asked.has(path));
}

/** The folder that at least half of it went to under the same names. */
function destinationOf(paths: readonly string[], { name, isFolder }: FolderRequest, files: CommitFiles): string | null {
  if (!isFolder) return null;
  const counts = new Map<string, number>();
  for (const { path, newPath } of renamesOf(paths, files)) {
    const rest = path.slice(name.length);
    const folder = newPath!.endsWith(rest) ? newPath!.slice(0, -rest.length) : null;
    if (folder !== null && folder !== name) counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  return most !== undefined && most[1] * 2 >= paths.length ? most[0] : null;
}

function eventsOf(losses: readonly Loss[]): Event[] {
  const grouped = new Map<string, Event & { losses: Loss[] }>();
  for (const loss of losses) {
    const touch = loss.finding.link?.touch ?? null;
    const key = touch?.commit ?? "";
    const event = grouped.get(key) ?? { touch, losses: [] };
    // What is gone tells more of it than what went back.
    if (loss.finding.kind === "deleted" && event.losses[0]?.finding.kind !== "deleted") event.losses.unshift(loss);
    else event.losses.push(loss);
    grouped.set(key, event);
  }
  return [...grouped.values()];
}

type Order = (touch: Touch | null) => number;

/** Later on HEAD's line is higher; what is not committed yet is the newest of all. */
function orderOf(log: GitLog | null): Order {
  const places = new Map(log?.history.nodes.map((touch, index) => [touch.commit, index]));
  return (touch) => (touch === null ? Number.POSITIVE_INFINITY : (places.get(touch.commit) ?? -1));
}

function lineOf(judged: readonly { one: FileCase }[], order: Order): Touch[] {
  const touches = new Map<string, Touch>();
  for (const { one } of judged) for (const { touch } of one.line) if (touch !== null) touches.set(touch.commit, touch);
  return [...touches.values()].sort((a, b) => order(b) - order(a));
}

type Told = Omit<Examined, "remarks">;

function told(event: Event, weighed: Weighed, { cases, log, isThere }: FolderRequest, order: Order): Told {
  const { losses, touch } = event;
  const { files, isIntentional, movedTo } = weighed;
  const [first] = losses;
  const kind = movedTo !== null ? "renamed" : first!.finding.kind;
  const line = lineOf(
    cases.map((one) => ({ one })),
    order,
  );
  const before = line.find((one) => order(one) < order(touch)) ?? null;
  const part = isThere ? `${losses.length} of ${cases.length} paths` : "";
  const finding: Finding = {
    ...first!.finding,
    rule: isThere ? "a part is gone" : first!.finding.rule,
    verdict: movedTo !== null ? "moved" : "worked-then-broke",
    kind,
    link: first!.finding.link,
    good: before === null ? first!.finding.good : asLink(before, losses),
    confidence: isThere ? 0.85 : first!.finding.confidence,
    because: [part, log === null ? "" : first!.finding.because].filter((text) => text !== "").join(": "),
  };
  return {
    finding: isIntentional ? meant(finding) : finding,
    isIntentional,
    movedTo,
    paths: losses.map(({ one }) => one.path),
    line,
    files,
  };
}

function asLink(touch: Touch, losses: readonly Loss[]): Link {
  return { from: null, to: losses[0]!.finding.good?.to ?? null, touch, byMerge: false };
}

function remarkOf({ touch, losses }: Event): Remark {
  const [first] = losses;
  const more = losses.length > 1 ? ` and ${losses.length - 1} more` : "";
  const says = `${first!.one.path}${more}: ${first!.finding.kind} by ${touch?.commit.slice(0, 9) ?? "the work tree"} "${touch?.subject ?? ""}", as a part of other work`;
  return { source: "git", says };
}

function sound({ cases }: FolderRequest, line: readonly Touch[]): Told {
  const there = cases.filter(({ present }) => present.kind !== "absent").length;
  return {
    finding: {
      rule: "there, and as it should be",
      verdict: "healthy",
      kind: null,
      link: null,
      good: line[0] === undefined ? null : { from: null, to: null, touch: line[0], byMerge: false },
      confidence: 0.9,
      because: `${there} paths are there`,
    },
    isIntentional: false,
    movedTo: null,
    paths: [],
    line,
    files: null,
  };
}

export const NO_PAST = "there, with no history to compare it with";

function withoutPast(paths: number): Examined {
  const because = `${paths} paths are there, and there is no history to compare them with`;
  return {
    ...NOTHING_MORE,
    finding: { ...NOTHING_FOUND, rule: NO_PAST, verdict: "unknown", confidence: 0.4, because },
  };
}

const NOTHING_FOUND = { kind: null, link: null, good: null } as const;
const NOTHING_MORE = { isIntentional: false, movedTo: null, paths: [], line: [], files: null, remarks: [] } as const;

function empty({ isFolder }: FolderRequest): Examined {
  const because = isFolder ? "the folder is there; git keeps none of it" : "it is there; git keeps none of it";
  return {
    ...NOTHING_MORE,
    finding: { ...NOTHING_FOUND, rule: "there, and as it should be", verdict: "healthy", confidence: 0.7, because },
  };
}
