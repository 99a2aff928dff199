/** What a script would do, read from its text: nothing runs. */

import type { TreePath } from "../base/index.ts";
import { type CommandEffect, describeCommand, reachedBy, readScript, shellTextOf } from "../cause/index.ts";
import { isAdopted } from "./adoption-line.ts";
import { judge } from "./begin-run.ts";
import type { Protection } from "./protection.ts";
import type { RollbackWorld } from "./world.ts";

export interface ScannedScript {
  readonly script: string;
  /** Starts itself under Holdfast, however it is started. */
  readonly adopted: boolean;
  /** `false`: it is no shell script, or runs programs that nobody can read: it can do more than is listed. */
  readonly understood: boolean;
  readonly operations: readonly ScannedOperation[];
  readonly components: readonly ScannedComponent[];
  /** Variables that hide what a destructive operation is about. */
  readonly unresolved: readonly string[];
}

export interface ScannedOperation {
  readonly line: number | null;
  readonly command: string;
  readonly effects: readonly CommandEffect[];
  /** Relative to the tree where they lie in it; `null` for what cannot be known. */
  readonly paths: readonly (string | null)[];
  readonly understood: boolean;
}

export interface ScannedComponent {
  readonly name: string;
  readonly files: number;
  /** The words name them; else they only do not exclude them. */
  readonly sure: boolean;
}

type ScanWorld = Pick<RollbackWorld, "vault" | "tree" | "ports">;

/** `script`: absolute. It is read as started from the tree's root. */
export function scanScript(script: string, protection: Protection, world: ScanWorld): ScannedScript {
  const { tree, ports } = world;
  const place = { cwd: tree.root, workTree: tree.git?.workTree ?? null, home: ports.process.home() };
  const text = shellTextOf(script, ports.disk);
  const operations: ScannedOperation[] = [];
  const unresolved = new Set<string>();
  if (text !== null)
    readScript(text, {
      place,
      file: script,
      onCommand({ line, words, reading, unknown }) {
        if (reading.harmless || (reading.understood && reading.touches.length === 0)) return;
        if (reading.touches.some(({ path }) => path === null)) for (const name of unknown) unresolved.add(name);
        operations.push({
          line,
          command: describeCommand(words),
          effects: [...new Set(reading.touches.flatMap(({ effects }) => effects))],
          paths: [...new Set(reading.touches.map(({ path }) => (path === null ? null : inTree(path, tree.root))))],
          understood: reading.understood,
        });
      },
    });
  const judgement = judge({ command: ["sh", script], ...place }, { ports });
  return {
    script: inTree(script, tree.root),
    adopted: isAdopted(script, ports.disk),
    understood: text !== null && judgement.reading.understood,
    operations,
    components: componentsIn(judgement, protection, world),
    unresolved: [...unresolved].sort(),
  };
}

function componentsIn(
  judgement: Parameters<typeof reachedBy>[0],
  protection: Protection,
  { vault, tree }: ScanWorld,
): ScannedComponent[] {
  const unders = protection.scope.length > 0 ? protection.scope : [undefined];
  const files = new Set<TreePath>();
  for (const under of unders)
    for (const { path, entry } of vault.statesAt(under === undefined ? {} : { under }))
      if (entry.kind !== "dir" && protection.at(path) !== null) files.add(path);
  const { sure, perhaps } = reachedBy(
    judgement,
    [...files].map((path) => `${tree.root}/${path}`),
  );
  const components = new Map<string, { files: number; sure: boolean }>();
  for (const [paths, isSure] of [
    [sure, true],
    [perhaps, false],
  ] as const) {
    for (const path of paths) {
      const name = protection.at(path.slice(tree.root.length + 1) as TreePath)!.component;
      const known = components.get(name);
      components.set(name, { files: (known?.files ?? 0) + 1, sure: (known?.sure ?? false) || isSure });
    }
  }
  return [...components].map(([name, one]) => ({ name, ...one }));
}

function inTree(path: string, root: string): string {
  if (path === root) return ".";
  return path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;
}
