/** Randomness of the operating system: what ids are made of must not repeat on any machine. */

import { randomBytes, randomFillSync } from "node:crypto";
import type { Random } from "../base/index.ts";

/** A call costs as much for a whole page as for one id. */
const POOL_BYTES = 4_096;
const SHORT_BYTES_MAX = 64;

export function realRandom(): Random {
  const pool = Buffer.allocUnsafeSlow(POOL_BYTES);
  let used = POOL_BYTES;
  return {
    bytes(count) {
      if (count > SHORT_BYTES_MAX) return randomBytes(count);
      if (used + count > POOL_BYTES) {
        randomFillSync(pool);
        used = 0;
      }
      const bytes = Buffer.from(pool.subarray(used, used + count));
      used += count;
      return bytes;
    },
  };
}
