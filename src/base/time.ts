/** Times, durations and sizes as people write them and as files keep them. */

import { HoldfastError } from "./errors.ts";

/** `2026-11-22T10:28:19.042Z`: UTC, milliseconds. */
export function isoTime(unixMs: number): string {
  return new Date(unixMs).toISOString();
}

const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;
const DURATION_UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `30s`, `5m`, `24h`, `14d`, `1.5h` → milliseconds; `null` when it is none. */
export function parseDuration(text: string): number | null {
  const match = DURATION.exec(text.trim());
  if (!match) return null;
  return Math.round(Number(match[1]) * DURATION_UNITS[match[2] as keyof typeof DURATION_UNITS]);
}

const SIZE = /^(\d+(?:\.\d+)?)\s*(B|KB|KiB|MB|MiB|GB|GiB|TB|TiB)$/;
const SIZE_UNITS = {
  B: 1,
  KB: 1e3,
  KiB: 2 ** 10,
  MB: 1e6,
  MiB: 2 ** 20,
  GB: 1e9,
  GiB: 2 ** 30,
  TB: 1e12,
  TiB: 2 ** 40,
} as const;

/** `8MiB`, `5GiB`, `500 KB` → bytes; `null` when it is none. */
export function parseSize(text: string): number | null {
  const match = SIZE.exec(text.trim());
  if (!match) return null;
  return Math.round(Number(match[1]) * SIZE_UNITS[match[2] as keyof typeof SIZE_UNITS]);
}

/**
 * A moment as a person gives it: ISO (`2026-11-22T10:28Z`, a local `2026-11-22 10:28`, a date), `now`, `10:28`, `today 10:28`,
 * `yesterday 01:50`, `30m ago`, `30m`. Local times are read in the process's time zone. Throws `USAGE`.
 */
export function parseMoment(text: string, nowMs: number): number {
  const trimmed = text.trim();
  if (trimmed === "now") return nowMs;
  const ago = parseDuration(trimmed.replace(/\s*ago$/, ""));
  if (ago !== null) return nowMs - ago;
  const relative = /^(?:(today|yesterday)\b\s*)?(?:(\d{1,2}):(\d{2})(?::(\d{2}))?)?$/.exec(trimmed);
  if (relative && (relative[1] || relative[2])) {
    const day = new Date(nowMs);
    day.setHours(Number(relative[2] ?? 0), Number(relative[3] ?? 0), Number(relative[4] ?? 0), 0);
    if (relative[1] === "yesterday") day.setDate(day.getDate() - 1);
    return day.getTime();
  }
  if (/^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}.*)?$/.test(trimmed)) {
    const local = /^\d{4}-\d{2}-\d{2}$/.test(trimmed) ? `${trimmed}T00:00` : trimmed.replace(" ", "T");
    const parsed = Date.parse(local);
    if (!Number.isNaN(parsed)) return parsed;
  }
  throw new HoldfastError("USAGE", `"${trimmed}" is not a time`, {
    hint: 'use ISO, "yesterday 01:50", "10:28" or "30m ago"',
  });
}

/** `1.4 s`, `340 ms`, `2 m 5 s`, `3 h 10 m`: for people. */
export function humanDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} m ${Math.round((ms % 60_000) / 1_000)} s`;
  if (ms < 86_400_000) return `${Math.floor(ms / 3_600_000)} h ${Math.round((ms % 3_600_000) / 60_000)} m`;
  return `${Math.floor(ms / 86_400_000)} d ${Math.round((ms % 86_400_000) / 3_600_000)} h`;
}

/** `412 MB`, `5 GB`, `1.2 kB`: for people. */
export function humanBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1_000 && unit < units.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  return `${value >= 10 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}
