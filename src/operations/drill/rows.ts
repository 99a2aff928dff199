/** All rows, in their order. */

import type { Row } from "./row.ts";
import { FILE_ROWS } from "./rows/file-rows.ts";
import { GIT_ROWS } from "./rows/git-rows.ts";
import { HARMLESS_ROWS } from "./rows/harmless-rows.ts";
import { WORLD_ROWS } from "./rows/world-rows.ts";

export const ROWS: readonly Row[] = [...GIT_ROWS, ...FILE_ROWS, ...WORLD_ROWS, ...HARMLESS_ROWS].sort(
  (a, b) => a.n - b.n,
);
