/** Whether a scratch tree's vault gives content back: read and compared with its digest, not only looked up. */

import { type Digest, HoldfastError, type Ports } from "../../base/index.ts";
import { findTree } from "../../tree/index.ts";
import { openHouse } from "../house.ts";

/** Of `wanted`, what cannot be read. */
export async function unreadableIn(
  { root, home }: { root: string; home: string },
  wanted: ReadonlySet<Digest>,
  ports: Ports,
): Promise<Set<Digest>> {
  const env = (name: string) =>
    name === "HOLDFAST_HOME" ? home : name === "LUKA_SOT" ? undefined : ports.process.env(name);
  const own: Ports = { ...ports, process: { ...ports.process, env } };
  const located = await findTree(root, own);
  if (located.standing !== "canonical") return new Set(wanted);
  const house = await openHouse(located.tree, own, { readOnly: true });
  try {
    return new Set([...wanted].filter((digest) => !reads(digest)));
  } finally {
    house.close();
  }

  function reads(digest: Digest): boolean {
    try {
      house.vault.read(digest);
      return true;
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error;
      return false;
    }
  }
}
