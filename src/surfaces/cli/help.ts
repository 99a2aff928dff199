/** `holdfast --help`: the verbs of the first minute first, the rest by area. */

import { type Area, CATALOG, type CatalogEntry, type Style } from "../../operations/index.ts";

const AREAS: Record<Area, string> = {
  start: "Start",
  orders: "Work orders",
  protection: "Protection",
  "going back": "Going back",
  vault: "Vault",
  explaining: "Explaining",
  trees: "One source of truth",
  housekeeping: "Housekeeping",
};
const NAME_WIDTH = Math.max(...CATALOG.map(({ name }) => name.length)) + 2;

export function overview(version: string, style: Style): string {
  const line = ({ name, about }: CatalogEntry) => `  ${style.bold(name.padEnd(NAME_WIDTH))}${about}`;
  const first = CATALOG.filter((entry) => entry.first).map(line);
  const rest = (Object.keys(AREAS) as Area[]).flatMap((area) => {
    const entries = CATALOG.filter((entry) => entry.area === area && !entry.first);
    return entries.length === 0 ? [] : ["", style.dim(AREAS[area]), ...entries.map(line)];
  });
  return [
    `holdfast ${version}: what was fixed stays fixed`,
    "",
    "holdfast <verb> [--json] [--tree DIR] [--help]",
    "",
    ...first,
    ...rest,
    "",
    style.dim("Every verb has --help with examples. Nothing is ever lost: what a verb replaces is remembered first."),
  ].join("\n");
}
