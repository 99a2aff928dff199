/** A component that was never accepted holds nothing yet: what is there when its configuration is accepted is its first baseline. */

import { acceptPaths } from "../component/index.ts";
import type { Actor } from "../ledger/index.ts";
import { componentPaths } from "./component-paths.ts";
import type { WritableHouse } from "./writer.ts";

/** Of every component but `but`; what was accepted before stays as it is. Returns the components that have one now. */
export async function takeFirstBaselines(
  house: WritableHouse,
  { actor, but = new Set() }: { actor: Actor; but?: ReadonlySet<string> },
): Promise<string[]> {
  const taken: string[] = [];
  for (const component of Object.keys(house.config().components)) {
    if (but.has(component) || house.baselines.of(component).length > 0) continue;
    await house.vault.remember({});
    const paths = componentPaths(component, house);
    if (paths.length === 0) continue;
    await acceptPaths({ paths, component, reason: "first baseline", actor }, house);
    taken.push(component);
  }
  return taken;
}
