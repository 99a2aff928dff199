/** How much the vault holds. Only reads the index; sizes are bytes as stored (packs) and as put (contents). */

import type { Store } from "../base/index.ts";
import type { VaultStats } from "./contract.ts";

export function vaultStats(store: Store): VaultStats {
  return store.get<VaultStats & Record<string, number | null>>(
    `SELECT (SELECT count(*) FROM vault_pack) AS packs,
       (SELECT coalesce(sum(end_bytes), 0) FROM vault_pack) AS packBytes,
       (SELECT count(*) FROM vault_piece) + (SELECT count(*) FROM vault_run) AS contents,
       (SELECT coalesce(sum(length), 0) FROM vault_piece) AS contentBytes,
       (SELECT count(*) FROM vault_version) AS versions,
       (SELECT count(DISTINCT path) FROM vault_version) AS paths,
       (SELECT count(*) FROM vault_snapshot) AS snapshots,
       (SELECT min(at_ms) FROM vault_moment) AS oldestMs`,
  )!;
}
