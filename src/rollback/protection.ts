/** What may not be taken by going back: components that are kept by repair, what orders left accepted, and Holdfast's own configuration. */

import type { TreePath } from "../base/index.ts";
import { ACCEPTED, OWN } from "../component/index.ts";
import { CONFIG_FILE, isGlob, literalPath } from "../tree/index.ts";
import type { RollbackWorld } from "./world.ts";

export interface Protected {
  readonly component: string;
  /** Only lines may be added. */
  readonly appendOnly: boolean;
  /** The folders must stay; what is in them comes and goes. */
  readonly loose: boolean;
  /** It must hold whatever branch is checked out. */
  readonly always: boolean;
}

export interface Protection {
  /** `null`: nobody minds. */
  at(path: TreePath): Protected | null;
  /** Everything protected lies at or below these. */
  readonly scope: readonly TreePath[];
  /** As they are named to people, with their component: what the configuration says, or what was accepted. */
  readonly named: readonly { readonly name: string; readonly component: string }[];
}

type ProtectionWorld = Pick<RollbackWorld, "config" | "membership" | "baselines">;

export function protectionOf({ config, membership, baselines }: ProtectionWorld): Protection {
  const members = membership();
  const { components } = config();
  const kept = Object.entries(components).filter(([, { response }]) => response === "repair");
  const byName = new Map(kept);
  const accepted = new Set<string>(baselines.of(ACCEPTED).map(({ path }) => path));
  const folders = new Set(
    kept.flatMap(([, { kind, paths }]) => (kind === "directory" ? paths.map((path) => literalPath(path)) : [])),
  );
  const scope = new Set<TreePath>([CONFIG_FILE as TreePath, ...(accepted as Set<TreePath>)]);
  for (const [name, { paths }] of kept) {
    for (const path of paths) scope.add(literalPath(path) ?? fixedFolder(path));
    for (const { path } of baselines.of(name)) scope.add(path as TreePath);
  }
  return {
    scope: scope.has("" as TreePath) ? [] : [...scope],
    named: [
      ...kept.flatMap(([component, { paths }]) => paths.map((name) => ({ name, component }))),
      ...outermost([...accepted]).map((name) => ({ name, component: ACCEPTED })),
    ],
    at(path) {
      const component = members.componentOf(path) ?? (accepted.has(path) ? ACCEPTED : null);
      if (component === OWN || component === ACCEPTED)
        return { component, appendOnly: false, loose: false, always: component === OWN };
      const rule = component === null ? undefined : byName.get(component);
      if (rule === undefined) return null;
      const loose = rule.kind === "directory" && !folders.has(path);
      return { component: component!, appendOnly: rule.appendOnly, loose, always: rule.scope === "always" };
    },
  };
}

/** The folder before the first wildcard; `""` where that is the root. */
function fixedFolder(pattern: string): TreePath {
  const segments = pattern.split("/");
  const first = segments.findIndex((segment) => isGlob(segment));
  return segments.slice(0, Math.max(0, first)).join("/").replace(/\\(.)/gs, "$1") as TreePath;
}

function outermost(paths: readonly string[]): string[] {
  const all = new Set(paths);
  return [...all].filter((path) => ![...foldersAbove(path)].some((folder) => all.has(folder))).sort();
}

/** Nearest first. */
export function* foldersAbove(path: string): Generator<TreePath> {
  for (let cut = path.lastIndexOf("/"); cut > 0; cut = path.lastIndexOf("/", cut - 1))
    yield path.slice(0, cut) as TreePath;
}
