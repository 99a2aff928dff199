/**
 * Reads other people's ledgers: JSON lines, pretty-printed JSON one after another, mixtures, a script pasted over the file. Pure.
 *
 * What can be read is read; after what cannot, reading goes on at the next line that can begin a record. Nothing is invented: of a
 * broken line only the members before the break are kept, and the record says so. What is skipped is counted, with its reason.
 */

export interface RecoveredRecord {
  readonly value: Readonly<Record<string, unknown>>;
  /** From 1. */
  readonly line: number;
  /** Only the members before a break. */
  readonly isPartial: boolean;
}

export interface SkippedLines {
  readonly line: number;
  readonly lines: number;
  readonly reason: SkipReason;
}

export type SkipReason = "comment" | "no JSON" | "broken JSON" | "cut off" | "stray bracket" | "no record" | "too long";

export interface RecoveredLedger {
  readonly records: readonly RecoveredRecord[];
  readonly skipped: readonly SkippedLines[];
  /** Records that stood there before, word for word: they are left out. */
  readonly duplicates: number;
}

const LINE_LENGTH_MAX = 4 * 1024 * 1024;
const VALUE_LINES_MAX = 10_000;

export function recoverRecords(text: string, firstLine = 1): RecoveredLedger {
  const lines = text.replace(/^\ufeff/, "").split("\n");
  const records: RecoveredRecord[] = [];
  const skipped: SkippedLines[] = [];
  const seen = new Set<string>();
  let duplicates = 0;
  const skip = (index: number, count: number, reason: SkipReason) =>
    skipped.push({ line: firstLine + index, lines: count, reason });
  const keep = (value: unknown, index: number, isPartial: boolean): boolean => {
    const values = Array.isArray(value) ? value : [value];
    const objects = values.filter((one): one is Record<string, unknown> => isObject(one));
    for (const one of objects) {
      const key = JSON.stringify(one);
      if (seen.has(key)) duplicates += 1;
      else records.push({ value: one, line: firstLine + index, isPartial });
      seen.add(key);
    }
    return objects.length > 0 || (Array.isArray(value) && value.length === 0);
  };
  for (let index = 0; index < lines.length; ) {
    index += takeAt(lines, index, { keep, skip });
  }
  return { records, skipped: joined(skipped), duplicates };
}

interface Sink {
  /** False when there is no record in the value. */
  keep(value: unknown, index: number, isPartial: boolean): boolean;
  skip(index: number, count: number, reason: SkipReason): void;
}

/** Takes what begins at a line; the number of lines that it was. */
function takeAt(lines: readonly string[], index: number, sink: Sink): number {
  const line = lines[index]!.trim();
  if (line === "") return 1;
  if (line.length > LINE_LENGTH_MAX) return skipped(sink, index, "too long");
  if (/^(#|\/\/)/.test(line)) return skipped(sink, index, "comment");
  if (!/^[[{]/.test(line)) return skipped(sink, index, /^[\]}],?$/.test(line) ? "stray bracket" : "no JSON");
  const whole = parsed(line);
  if (whole !== undefined) return sink.keep(whole, index, false) ? 1 : skipped(sink, index, "no record");
  return takeValues(lines, index, sink);
}

function skipped(sink: Sink, index: number, reason: SkipReason): 1 {
  sink.skip(index, 1, reason);
  return 1;
}

/** One value over several lines, or several values on one line. */
function takeValues(lines: readonly string[], index: number, sink: Sink): number {
  const end = endOfValue(lines, index);
  if (end === null) return takeBroken(lines, index, sink);
  const text = lines.slice(index, end.line + 1).join("\n");
  const length = text.length - (lines[end.line]!.length - end.column);
  const value = parsed(text.slice(0, length));
  if (value === undefined) return takeBroken(lines, index, sink);
  if (!sink.keep(value, index, false)) sink.skip(index, end.line + 1 - index, "no record");
  const rest = lines[end.line]!.slice(end.column).trim().replace(/^,/, "").trim();
  if (rest !== "") takeRest(rest, end.line, sink);
  return end.line + 1 - index;
}

function takeRest(rest: string, index: number, sink: Sink): void {
  for (let text = rest; text !== ""; ) {
    if (/^[\]}]+,?$/.test(text)) return void sink.skip(index, 1, "stray bracket");
    const end = /^[[{]/.test(text) ? endOfValue([text], 0) : null;
    const value = end === null ? undefined : parsed(text.slice(0, end.column));
    if (end === null || value === undefined) return void sink.skip(index, 1, "broken JSON");
    if (!sink.keep(value, index, false)) sink.skip(index, 1, "no record");
    text = text.slice(end.column).trim();
  }
}

/**
 * Where the brackets that open on a line are closed again; `null` when they never are, a string does not end on its line (which no
 * JSON allows), or another record begins in the meantime.
 */
function endOfValue(lines: readonly string[], index: number): { line: number; column: number } | null {
  let depth = 0;
  const isList = lines[index]!.trimStart().startsWith("[");
  const last = Math.min(lines.length, index + VALUE_LINES_MAX);
  for (let line = index; line < last; line += 1) {
    const text = lines[line]!;
    if (line > index && !isList && /^\{/.test(text) && (text.trim() === "{" || parsed(text) !== undefined)) return null;
    for (let column = 0; column < text.length; column += 1) {
      const character = text[column]!;
      if (character === '"') {
        column = endOfString(text, column);
        if (column < 0) return null;
      } else if (character === "{" || character === "[") depth += 1;
      else if (character === "}" || character === "]") {
        depth -= 1;
        if (depth === 0) return { line, column: column + 1 };
        if (depth < 0) return null;
      }
    }
  }
  return null;
}

/** The place of the closing quote; -1 without one. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === '"') return at;
  }
  return -1;
}

/** What is broken is skipped, after its sound beginning was kept; what is never closed ends where the next begins. */
function takeBroken(lines: readonly string[], index: number, sink: Sink): number {
  let count = 1;
  if (/^[[{]$/.test(lines[index]!.trim())) {
    while (index + count < lines.length && count < VALUE_LINES_MAX && !/^[{[#]/.test(lines[index + count]!)) count += 1;
  }
  const broken = lines.slice(index, index + count);
  while (broken.length > 1 && broken.at(-1)!.trim() === "") broken.pop();
  const members = soundMembers(broken.join("\n").trim());
  if (members !== null) sink.keep(members, index, true);
  sink.skip(index, broken.length, /[}\]],?$/.test(broken.at(-1)!.trim()) ? "broken JSON" : "cut off");
  return count;
}

const MEMBER =
  /\s*"((?:[^"\\]|\\.)*)"\s*:\s*("(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)\s*([,}])/y;
const MEMBERS_MIN = 2;

/** Scalar members from the beginning of an object up to the first that is no JSON. */
function soundMembers(line: string): Record<string, unknown> | null {
  if (!line.startsWith("{")) return null;
  const found: [string, unknown][] = [];
  MEMBER.lastIndex = 1;
  for (let member = MEMBER.exec(line); member !== null; member = MEMBER.exec(line)) {
    const [key, value] = [parsed(`"${member[1]}"`), parsed(member[2]!)];
    if (typeof key !== "string" || value === undefined) break;
    found.push([key, value]);
    if (member[3] === "}") break;
  }
  return found.length < MEMBERS_MIN ? null : Object.fromEntries(found);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Neighbours of one reason as one. */
function joined(skipped: readonly SkippedLines[]): SkippedLines[] {
  const groups: SkippedLines[] = [];
  for (const one of skipped) {
    const before = groups.at(-1);
    if (before !== undefined && before.reason === one.reason && before.line + before.lines === one.line)
      groups[groups.length - 1] = { ...before, lines: before.lines + one.lines };
    else groups.push(one);
  }
  return groups;
}
