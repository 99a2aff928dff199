/** `holdfast snapshots`. */

import { humanBytes, printableLine } from "../../base/index.ts";
import { operation } from "../operation.ts";
import { snapshotView } from "./snapshot.ts";

export const snapshots = operation({
  name: "snapshots",
  about: "Named states, newest last",
  effect: "read",
  input: (z) => z.strictObject({}),
  command: { examples: ["holdfast snapshots"] },
  run: async ({ house }) => ({ snapshots: house.vault.snapshots().map(snapshotView) }),
  print: ({ snapshots }, style) =>
    snapshots.length === 0
      ? "no snapshots yet  → holdfast snapshot"
      : snapshots
          .map(
            ({ id, at, files, bytes, note }) =>
              `${style.bold(id)}  ${at}  ${files} files, ${humanBytes(bytes)}  ${printableLine(note)}`,
          )
          .join("\n"),
});
