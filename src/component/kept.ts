/**
 * Which paths must stay, from the store alone: for who asks before every command, and cannot wait for all that is behind a house.
 *
 * Only what is repaired: a component that is observed may go, and is told. Holdfast's own configuration is none of it: it is raised.
 */

import type { Store } from "../base/index.ts";
import { CONFIG_FILE, type Config } from "../tree/index.ts";
import { CONFIG_FORMAT } from "./configuration.ts";
import { ACCEPTED, OWN } from "./implicit.ts";

export interface Kept {
  /** Relative to the root. */
  readonly paths: readonly { readonly path: string; readonly component: string }[];
  /** Of `hooks.onError`. */
  readonly onError: Config["hooks"]["onError"];
}

export function readKept(store: Store): Kept {
  const digest = store.get<{ digest: string }>(
    "SELECT digest FROM baseline WHERE path = ? AND branch = ''",
    CONFIG_FILE,
  );
  if (digest === undefined) return { paths: [], onError: "allow" };
  const row = store.get<{ config: string }>(
    "SELECT config FROM accepted_config WHERE digest = ? AND format = ?",
    digest.digest,
    CONFIG_FORMAT,
  );
  // Kept by another version: whatever is protected is taken to have to stay, until this one has read the configuration once.
  const config = row === undefined ? null : (JSON.parse(row.config) as Config);
  const mustStay = (component: string) =>
    component === ACCEPTED || (component !== OWN && (config?.components[component]?.response ?? "repair") === "repair");
  const paths = store
    .all<{ path: string; component: string }>("SELECT DISTINCT path, component FROM baseline")
    .filter(({ component }) => mustStay(component));
  return { paths, onError: config?.hooks.onError ?? "allow" };
}
