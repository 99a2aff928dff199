/** What the judgement needs around it. Wired once, where the daemon or a verb opens the guard. */

import type { Actor } from "../ledger/index.ts";
import type { Engine, OrderWorld } from "../workorder/index.ts";
import type { CauseFinder } from "./cause-finder.ts";
import { type Expectations, openExpectations } from "./expectation.ts";
import { RepairTimes } from "./flap.ts";
import { type GitStanding, openGitStanding } from "./git-standing.ts";
import { type GoingOnStates, openGoingOnStates } from "./going-on-states.ts";
import { type Incidents, openIncidents } from "./incidents.ts";
import { NO_SERVICES, type ServiceEyes } from "./unfit.ts";
import { openWindows, type Windows } from "./windows.ts";

export interface GuardWorld extends OrderWorld {
  readonly incidents: Incidents;
  readonly windows: Windows;
  readonly goingOn: GoingOnStates;
  readonly standing: GitStanding;
  readonly repairTimes: RepairTimes;
  readonly causes: CauseFinder;
  readonly services: ServiceEyes;
  /** What carries repairs out; `null` where only is looked. */
  readonly engine: Pick<Engine, "submit" | "finished"> | null;
  /** Of this moment. */
  expectations(): Expectations;
}

export const GUARD: Actor = { kind: "service", name: "guardrail" };

export function guardWorld(
  house: OrderWorld,
  {
    causes,
    engine,
    services = NO_SERVICES,
  }: { causes: CauseFinder; engine: GuardWorld["engine"]; services?: ServiceEyes },
): GuardWorld {
  return {
    ...house,
    causes,
    engine,
    services,
    incidents: openIncidents(house),
    windows: openWindows(house),
    goingOn: openGoingOnStates(house.store),
    standing: openGitStanding(house),
    repairTimes: new RepairTimes(),
    expectations: () =>
      openExpectations({
        config: house.config(),
        baselines: house.baselines,
        membership: house.membership(),
        branch: house.tree.git === null ? undefined : house.branch(),
      }),
  };
}
