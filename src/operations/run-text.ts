/** What a protected run says to people: what is at stake before, what was put back after. */

import { printableLine } from "../base/index.ts";
import type { EndedRun } from "../rollback/index.ts";
import type { Tree } from "../tree/index.ts";
import type { Style } from "./operation.ts";
import type { RunBegun } from "./protected-run.ts";

const COMPONENTS_SHOWN = 10;
const PATHS_SHOWN = 5;

/** How far it reaches, where that is far enough to be said. */
export function radiusText({ radius, what }: RunBegun, force: boolean, style: Style): string {
  if (radius === null || radius.reach === "none") return "";
  const { components, files, untracked } = radius;
  const verb = { named: "reaches", possible: "may reach", anything: "could reach" }[radius.reach];
  const width = Math.max(...components.map(({ name }) => name.length));
  return [
    `${style.warn("!")} ${printableLine(what)} ${verb} ${count(files, "protected file")}`,
    ...components.slice(0, COMPONENTS_SHOWN).map((one) => {
      const by = one.by === null ? "" : style.dim(`  ${printableLine(one.by)}`);
      return `    ${printableLine(one.name).padEnd(width)}  ${count(one.files, "file")}${by}`;
    }),
    ...(components.length > COMPONENTS_SHOWN ? [`    … and ${components.length - COMPONENTS_SHOWN} more`] : []),
    ...(untracked > 0 ? [`    git could not give back ${untracked} of them`] : []),
    force
      ? "  --force: what it leaves of them is accepted"
      : style.dim("  what it takes of them is put back at its end  (--force lets it)"),
  ].join("\n");
}

export function endedText(ended: EndedRun, { root }: Pick<Tree, "root">, style: Style): string {
  const { putBack, kept, accepted, log, id } = ended;
  const lines: string[] = [];
  if (putBack.length > 0)
    lines.push(`${style.good("✓")} ${count(putBack.length, "protected path")} put back: ${some(putBack)}`);
  for (const path of kept) lines.push(`${style.warn("!")} kept ${printableLine(path)}: somebody wrote to it meanwhile`);
  if (accepted.length > 0) {
    const what = `${count(accepted.length, "protected path")} accepted as they are now: ${some(accepted)}`;
    lines.push(`${style.warn("!")} ${what}`, `  → holdfast rollback ${id}  brings them back`);
  }
  if (lines.length > 0) lines.push(style.dim(`  ${printableLine(withoutRoot(log, root))}`));
  return lines.join("\n");
}

function some(paths: readonly string[]): string {
  const shown = paths.slice(0, PATHS_SHOWN).map(printableLine).join(", ");
  return paths.length > PATHS_SHOWN ? `${shown} and ${paths.length - PATHS_SHOWN} more` : shown;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function withoutRoot(path: string, root: string): string {
  return path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;
}
