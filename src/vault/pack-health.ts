/** The packs at a glance: whether each is there, and as long as the index counts on. `verify` reads every byte. */

import { join } from "node:path";
import type { Ports, Store } from "../base/index.ts";
import { packName } from "./pack-files.ts";

export interface PacksAtAGlance {
  readonly packs: number;
  readonly bytes: number;
  /** Missing, or shorter than the index counts on. */
  readonly broken: readonly string[];
}

export function glanceAtPacks(store: Store, packsDir: string, { disk }: Pick<Ports, "disk">): PacksAtAGlance {
  const known = store.all<{ number: number; end_bytes: number }>("SELECT number, end_bytes FROM vault_pack");
  const broken = known.filter(({ number, end_bytes }) => {
    const stat = disk.lstat(join(packsDir, packName(number)));
    return stat?.kind !== "file" || stat.sizeBytes < end_bytes;
  });
  return {
    packs: known.length,
    bytes: known.reduce((sum, { end_bytes }) => sum + end_bytes, 0),
    broken: broken.map(({ number }) => packName(number)),
  };
}
