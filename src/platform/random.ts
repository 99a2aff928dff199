/** Randomness of the operating system: what ids are made of must not repeat on any machine. */

import { randomBytes } from "node:crypto";
import type { Random } from "../base/index.ts";

export function realRandom(): Random {
  return { bytes: (count) => randomBytes(count) };
}
