/** Permissions as authors write them. */

/**
 * Text is octal: `"0755"`, `"755"`, `"0o755"` (an unquoted `0755` or `0o755` of YAML arrives here as text too).
 *
 * A number whose decimal digits are octal digits and make sense as permissions (nobody has a bit that the owner has not) means
 * those digits; any other is the permission itself, as JSON writers dump it: 755 → 0o755, 644 → 0o644, 493 → 0o755, 420 → 0o644.
 * `null`: no permission.
 */
export function parseMode(value: unknown): number | null {
  if (typeof value === "number") return modeOfNumber(value);
  if (typeof value !== "string") return null;
  const text = value.trim();
  const digits = /^(?:0o?)?([0-7]{3,4})$/.exec(text)?.[1];
  if (digits !== undefined) return Number.parseInt(digits, 8);
  return /^[1-9]\d{0,3}$/.test(text) ? modeOfNumber(Number(text)) : null;
}

function modeOfNumber(value: number): number | null {
  if (!Number.isInteger(value) || value < 0) return null;
  if (/^[0-7]{3,4}$/.test(String(value))) {
    const mode = Number.parseInt(String(value), 8);
    const owner = (mode >> 6) & 7;
    if ((owner | ((mode >> 3) & 7) | (mode & 7)) === owner) return mode;
  }
  return value <= 0o7777 ? value : null;
}
