/** Times as orders carry them. */

const ISO = /^(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2}(?::\d{2})?)(?:\.(\d+))?\s*(Z|z|[+-]\d{2}:?\d{2})?)?$/;

/**
 * `2025-11-13T16:00:00+0700`, `…Z`, a date, seconds or milliseconds since 1970; in Unix milliseconds, or `null` when it is none.
 * A time without zone is UTC, so that an order means the same on every machine.
 */
export function readTime(value: unknown): number | null {
  if (typeof value === "number" && value > 0) return value < 1e11 ? value * 1_000 : value;
  if (typeof value !== "string") return null;
  const match = ISO.exec(value.trim());
  if (!match) return null;
  const [, day, time = "00:00", fraction = "0", zone = "Z"] = match;
  const offset = zone.toUpperCase() === "Z" ? "Z" : `${zone.slice(0, 3)}:${zone.slice(-2)}`;
  const seconds = time.length === 5 ? `${time}:00` : time;
  const ms = Date.parse(`${day}T${seconds}.${fraction.padEnd(3, "0").slice(0, 3)}${offset}`);
  return Number.isNaN(ms) ? null : ms;
}
