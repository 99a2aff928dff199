/** The guard of a house: its eyes, and the judge that they report to. */

import { type Eyes, type Judge, openEyes } from "../guard/index.ts";
import type { House } from "../operations/index.ts";

export function eyesOf(house: House): Eyes {
  const { tree, store, vault, ports, baselines } = house;
  return openEyes({
    tree,
    store,
    vault,
    ports,
    protectedPaths: () => baselines.paths(),
    sweepMs: () => house.config().guard.sweepMs,
    judge: REMEMBERS_ONLY,
  });
}

const REMEMBERS_ONLY: Judge = {
  firstSight() {},
  async judge() {},
  async gitMoved() {},
  async rootTrouble() {},
};
