/** Where orders come in and projections go: in the tree where there is a layout, else in the state folder. */

import { join } from "node:path";
import type { TreePath } from "../base/index.ts";
import type { Config, Layout } from "./config.ts";
import { absolute } from "./path-check.ts";
import type { Tree } from "./tree.ts";

/** Absolute paths. `dashboard` and `telemetry` are files, the others folders. */
export interface ProjectionPlaces {
  readonly state: string;
  readonly dashboard: string;
  readonly telemetry: string;
  readonly mls: string;
  readonly reports: string;
  readonly logs: string;
}

/** Absolute paths of folders; below each, one folder an agent. */
export interface OrderPlaces {
  readonly inbox: string;
  readonly outbox: string;
  readonly archive: string;
  readonly failed: string;
}

export function projectionPlaces(tree: Tree, config: Pick<Config, "layout">): ProjectionPlaces {
  const { layout } = config;
  if (layout === null) {
    const at = (name: string) => join(tree.state.projections, name);
    return {
      state: at("state"),
      dashboard: at("followup.json"),
      telemetry: at("unified.jsonl"),
      mls: at("mls"),
      reports: at("reports"),
      logs: at("logs"),
    };
  }
  const at = (key: keyof Layout) => absolute(tree, layout[key] as TreePath);
  return {
    state: at("state"),
    dashboard: at("dashboard"),
    telemetry: at("telemetry"),
    mls: at("mls"),
    reports: at("reports"),
    logs: at("logs"),
  };
}

/** `null` without a layout: there is no inbox, orders are submitted. */
export function orderPlaces(tree: Tree, config: Pick<Config, "layout">): OrderPlaces | null {
  const { layout } = config;
  if (layout === null) return null;
  const at = (key: keyof Layout) => absolute(tree, layout[key] as TreePath);
  return { inbox: at("inbox"), outbox: at("outbox"), archive: at("archive"), failed: at("failed") };
}

/** The layout's paths as tree paths, for what is excluded from judgement or must not be tracked by git. */
export function layoutPaths(config: Pick<Config, "layout">): { readonly key: keyof Layout; readonly path: TreePath }[] {
  if (config.layout === null) return [];
  return Object.entries(config.layout).map(([key, path]) => ({ key: key as keyof Layout, path: path as TreePath }));
}
