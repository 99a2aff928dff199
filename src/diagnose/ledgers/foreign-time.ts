/** Times as other people's ledgers write them. Pure. */

const TIME = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)(?:[.,](\d+)?N?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i;

/**
 * Unix ms; `null` for what is no time. `2025-11-14T07:32:40.3NZ` is what macOS's `date +%3N` leaves: its seconds are right. Without a
 * zone it is read as UTC. Numbers are Unix seconds or milliseconds, by their size.
 */
export function foreignTime(value: unknown): number | null {
  if (typeof value === "number" && Number.isFinite(value) && value > 0)
    return value < 1e11 ? Math.round(value * 1_000) : Math.round(value);
  if (typeof value !== "string") return null;
  const found = TIME.exec(value.trim());
  if (found === null) return null;
  const [, day, clock, fraction, zone = "Z"] = found;
  const isBroken = /N/i.test(value);
  const seconds = clock!.length === 5 ? `${clock}:00` : clock;
  const offset = zone.toUpperCase() === "Z" ? "Z" : `${zone.slice(0, 3)}:${zone.slice(-2)}`;
  const ms = Date.parse(
    `${day}T${seconds}${isBroken || fraction === undefined ? "" : `.${fraction.slice(0, 3)}`}${offset}`,
  );
  return Number.isNaN(ms) ? null : ms;
}

const TIME_NAMES = ["ts", "timestamp", "time", "created_at", "at", "date", "completed_at", "timestamp_unix"];

/** The first of a record's times that is one. */
export function timeOf(record: Readonly<Record<string, unknown>>): number | null {
  for (const name of TIME_NAMES) {
    const ms = foreignTime(record[name]);
    if (ms !== null) return ms;
  }
  return null;
}
