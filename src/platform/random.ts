import { randomBytes } from "node:crypto";
import type { Random } from "../base/index.ts";

export function realRandom(): Random {
  return { bytes: (count) => randomBytes(count) };
}
