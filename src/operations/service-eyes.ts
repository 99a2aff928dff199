/** The services that components name, asked about for the guard. Of one that nobody can be asked about nothing is claimed. */

import type { FailingService, ServiceEyes } from "../guard/index.ts";
import type { ServiceLook } from "../services/index.ts";
import type { House } from "./house.ts";
import { STAGES } from "./stage-names.ts";

export interface ComponentService {
  readonly component: string;
  readonly look: ServiceLook;
}

/** Every service that a component names, side by side. One daemon does the work of every stage that is not installed beside it. */
export async function lookAtComponentServices({
  config,
  ports,
  tree,
}: Pick<House, "config" | "ports" | "tree">): Promise<ComponentService[]> {
  const named = Object.entries(config().components).flatMap(([component, { service }]) =>
    service === null ? [] : [{ component, service }],
  );
  if (named.length === 0) return [];
  const { daemonLabel, lookAtService } = await import("../services/index.ts");
  const [daemon, ...looks] = await Promise.all([
    lookAtService(daemonLabel(tree.id), ports),
    ...named.map(({ service }) => lookAtService(service, ports)),
  ]);
  return named.map(({ component, service }, index) => {
    const look = looks[index]!;
    const isStage = STAGES.some((stage) => service.endsWith(`.${stage}`));
    const isCovered = isStage && look.file === null && daemon!.file !== null;
    return { component, look: isCovered ? { ...daemon!, label: service } : look };
  });
}

export function serviceEyes(house: Pick<House, "config" | "ports" | "tree">): ServiceEyes {
  return {
    async failing() {
      const looked = await lookAtComponentServices(house);
      return looked.flatMap(({ component, look }): FailingService[] =>
        look.standing === "failed" ? [{ component, service: look.label, why: look.why ?? "it failed" }] : [],
      );
    },
  };
}
