/** `holdfast vault stats`. */

import { humanBytes, isoTime } from "../../base/index.ts";
import { operation } from "../operation.ts";

export const vaultStats = operation({
  name: "vault stats",
  about: "What the vault holds and what it costs",
  effect: "read",
  input: (z) => z.strictObject({}),
  command: { examples: ["holdfast vault stats"] },
  async run({ house }) {
    const stats = house.vault.stats();
    return {
      ...stats,
      oldest: stats.oldestMs === null ? null : isoTime(stats.oldestMs),
      cap: house.config().remember.keep,
    };
  },
  print: (stats) =>
    [
      `${stats.versions} versions of ${stats.paths} paths, ${stats.snapshots} snapshots${stats.oldest ? `, since ${stats.oldest}` : ""}`,
      `${stats.contents} contents of ${humanBytes(stats.contentBytes)} in ${stats.packs} packs of ${humanBytes(stats.packBytes)} (cap ${humanBytes(stats.cap.sizeBytes)})`,
    ].join("\n"),
});
