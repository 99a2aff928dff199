/** What a script would do, for people. */

import { printableLine } from "../base/index.ts";
import type { ScannedScript } from "../rollback/index.ts";
import type { Style } from "./operation.ts";

const OPERATIONS_SHOWN = 40;
const PATHS_SHOWN = 4;

export function scanText(scripts: readonly ScannedScript[], style: Style): string {
  return scripts.map((script) => text(script, style)).join("\n\n");
}

function text(
  { script, adopted, understood, operations, components, unresolved }: ScannedScript,
  style: Style,
): string {
  const lines = [
    `${style.bold(printableLine(script))}${adopted ? style.good("  adopted") : ""}${understood ? "" : style.warn("  can do more than is listed")}`,
  ];
  if (operations.length === 0) lines.push("  nothing destructive that could be read");
  for (const { line, command, paths } of operations.slice(0, OPERATIONS_SHOWN)) {
    const known = paths.flatMap((path) => path ?? []).slice(0, PATHS_SHOWN);
    const where = [...known, ...(paths.includes(null) ? ["a path that cannot be known"] : [])].join(", ");
    const at = line === null ? "" : `${line}:`;
    lines.push(
      `  ${style.dim(at.padStart(5))} ${printableLine(command)}${where === "" ? "" : style.dim(`  → ${printableLine(where)}`)}`,
    );
  }
  if (operations.length > OPERATIONS_SHOWN) lines.push(`  … and ${operations.length - OPERATIONS_SHOWN} more`);
  for (const { name, files, sure } of components)
    lines.push(
      `  ${style.warn(sure ? "takes" : "may take")} ${printableLine(name)}: ${files} protected file${files === 1 ? "" : "s"}`,
    );
  if (unresolved.length > 0)
    lines.push(`  ${style.warn("not known")} ${unresolved.map((name) => `$${name}`).join(", ")}`);
  if (!adopted && components.length > 0) lines.push(style.dim(`  → holdfast rollback adopt ${printableLine(script)}`));
  return lines.join("\n");
}
