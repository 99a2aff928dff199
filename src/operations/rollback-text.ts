/** What going back says to people: what is protected, what was skipped, and how `--force` changes that. */

import { printableLine } from "../base/index.ts";
import type { WentBack } from "../rollback/index.ts";
import type { Style } from "./operation.ts";

const PATHS_SHOWN = 20;

/** Before a script runs. */
export function protectedText(named: WentBack["named"], force: boolean, style: Style): string {
  if (named.length === 0) return "";
  const head = force
    ? `${style.warn("⚠️")}  Protected components will be rolled back, too (--force):`
    : `${style.warn("⚠️")}  Protected components will NOT be rolled back:`;
  const lines = [head, ...named.map(({ name }) => `  - ${printableLine(name)}`), ""];
  return [...lines, ...(force ? [] : ["Add --force to rollback everything (including protected)", ""])].join("\n");
}

/** One line for each of what is protected that would have been taken. */
export function skippedText(named: WentBack["named"], paths: readonly string[], style: Style): string {
  const isIn = (path: string, name: string) => path === name || path.startsWith(`${name}/`);
  const lines = named
    .filter(({ name }) => paths.some((path) => isIn(path, name)))
    .map(({ name }) => `${style.warn("SKIP:")} ${printableLine(name)} (protected)`);
  const others = paths.filter((path) => !named.some(({ name }) => isIn(path, name)));
  return [...lines, ...others.map((path) => `${style.warn("SKIP:")} ${printableLine(path)} (protected)`)].join("\n");
}

export function wentBackText(
  {
    run,
    what,
    changed,
    skipped,
    accepted,
    missing,
    snapshotBefore,
    named,
    dryRun,
    force,
  }: WentBack & { dryRun: boolean; force: boolean },
  style: Style,
): string {
  const lines: string[] = [];
  if (skipped.length > 0) {
    const names = named.filter(({ component }) => skipped.some((one) => one.component === component));
    lines.push(protectedText(names, false, style));
    lines.push(
      skippedText(
        names,
        skipped.map(({ path }) => path),
        style,
      ),
      "",
    );
  }
  const count = `${changed.length} path${changed.length === 1 ? "" : "s"}`;
  if (changed.length === 0) lines.push(`${what}: nothing to do`);
  else lines.push(`${style.good(dryRun ? "·" : "✓")} ${what}: ${count} ${dryRun ? "would go back" : "went back"}`);
  lines.push(...changed.slice(0, PATHS_SHOWN).map((path) => `  ${printableLine(path)}`));
  if (changed.length > PATHS_SHOWN) lines.push(`  … and ${changed.length - PATHS_SHOWN} more`);
  for (const { path, why } of missing) lines.push(`  ${style.bad("not")} ${printableLine(path)}: ${why}`);
  if (accepted.length > 0)
    lines.push(`  ${style.warn(force ? "taken by force" : "accepted again")}: ${accepted.length} protected paths`);
  if (run !== null)
    lines.push(style.dim(`  as it was before: holdfast rollback ${run}, or restore --from ${snapshotBefore}`));
  return lines.join("\n");
}
