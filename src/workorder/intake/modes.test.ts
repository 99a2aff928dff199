import { expect, test } from "vitest";
import { parseMode } from "./modes.ts";

test.each<[unknown, number | null]>([
  ["0755", 0o755],
  ["755", 0o755],
  ["0o755", 0o755],
  ["0o4755", 0o4755],
  ["644", 0o644],
  [755, 0o755],
  [644, 0o644],
  [600, 0o600],
  [493, 0o755],
  [420, 0o644],
  [384, 0o600],
  [436, 0o664],
  ["493", 0o755],
  ["0888", null],
  ["rwxr-xr-x", null],
  ["", null],
  [-1, null],
  [7.5, null],
  [99999, null],
  [null, null],
  [true, null],
])("%j is the mode %j", (value, mode) => {
  expect(parseMode(value)).toBe(mode);
});
