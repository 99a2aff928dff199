/** The house of the tree where somebody stands, for verbs that work without one too. */

import { HoldfastError } from "../base/index.ts";
import { type House, openHouse } from "./house.ts";
import type { CallerContext } from "./operation.ts";

export interface HouseToRead {
  /** To be closed by who asked for it. */
  readonly found: House | null;
  /** Why there is none, where there should be. */
  readonly why: string | null;
}

export async function openHouseToRead({ located, ports }: CallerContext): Promise<HouseToRead> {
  const tree = located?.standing === "canonical" || located?.standing === "workspace" ? located.tree : null;
  if (tree === null) return { found: null, why: null };
  try {
    return { found: await openHouse(tree, ports, { readOnly: true }), why: null };
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    return { found: null, why: error.message };
  }
}
