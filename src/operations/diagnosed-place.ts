/** Where a question is asked, and what may be asked there: for the verbs that explain. */

import { join } from "node:path";
import type { Ports } from "../base/index.ts";
import type { EvidencePlaces, Question } from "../diagnose/index.ts";
import { USUAL_PLACES } from "../diagnose/index.ts";
import { holdfastHome, projectionPlaces } from "../tree/index.ts";
import type { HouseToRead } from "./open-house.ts";
import type { CallerContext } from "./operation.ts";

export type DiagnosedPlace = Required<Omit<Question, "text">>;

export function diagnosedPlace(
  context: CallerContext,
  { found, why }: HouseToRead,
  cwd: string | undefined,
): DiagnosedPlace {
  const config = found?.config();
  const { located } = context;
  return {
    place: {
      root: rootOf(context),
      cwd: cwd ?? null,
      components: config?.components ?? {},
      past: pastOf(context.ports),
    },
    places: placesOf(found),
    memory: found ?? why,
    canonical: located?.standing === "copy" ? located.of[0]!.root : null,
  };
}

/** In the home and not in a tree's state: it works for repositories that are no tree of Holdfast's. */
export function pastOf(ports: Pick<Ports, "process" | "disk">): { folder: string } {
  return { folder: join(holdfastHome(ports), "git-past") };
}

/** Also where Holdfast's own logs of rollbacks lie, in the tree or not. */
function placesOf(found: HouseToRead["found"]): EvidencePlaces {
  if (found === null) return USUAL_PLACES;
  const { logs } = projectionPlaces(found.tree, found.config());
  const { evidence } = found.config();
  return { ...evidence, rollbackLogs: [...evidence.rollbackLogs, join(logs, "rollback_*.log")] };
}

/** A copy and a workspace are looked at themselves. */
function rootOf({ located, ports }: CallerContext): string {
  switch (located?.standing) {
    case "canonical":
      return located.tree.root;
    case "workspace":
    case "copy":
    case "moved":
      return located.root;
    case "none":
      return located.nearest;
    default:
      return ports.process.cwd();
  }
}
