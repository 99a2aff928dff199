/**
 * Where a run takes place: a temporary folder with the volumes, and what has to be ended whatever happens.
 *
 * The reference tree's cache outlives the run; everything else goes with it, on Ctrl-C too.
 */

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileSystemOf } from "./machine.ts";
import { type ReferenceTree, referenceTree } from "./reference-tree.ts";
import { type Volume, Volumes } from "./volumes.ts";

export interface Stage {
  readonly quick: boolean;
  /** The package's root. */
  readonly root: string;
  readonly tree: ReferenceTree;
  /** On a file system that was made just now, where that is possible. */
  volume(sizeMib: number): Volume;
  /** A plain folder, beside the volumes. */
  folder(name: string): string;
  /** To be said under a table whose rows create files. */
  readonly notes: readonly string[];
  /** Runs before volumes are unmounted, the last first. */
  atEnd(end: () => void): void;
  /** May be called more than once. */
  end(): void;
}

export function openStage({ root, quick }: { root: string; quick: boolean }): Stage {
  const base = onDisk();
  const cache = join(base, "holdfast-bench-cache");
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(base, "holdfast-bench-"));
  const volumes = new Volumes(work);
  const ends: (() => void)[] = [() => rmSync(work, { recursive: true, force: true }), () => volumes.end()];
  let tree: ReferenceTree | null = null;
  return {
    quick,
    root,
    get tree() {
      tree ??= referenceTree({ cache, packages: join(root, "node_modules"), files: quick ? 2_000 : 24_000 });
      return tree;
    },
    volume: (sizeMib) => volumes.make(sizeMib),
    folder: (name) => mkdtempSync(join(work, `${name}-`)),
    notes: volumes.areFileSystems
      ? []
      : ["no fresh file systems without root: files were made in a used one, so only the ratios mean something"],
    atEnd: (end) => void ends.push(end),
    end() {
      for (const end of ends.splice(0).reverse()) end();
    },
  };
}

/** Durability costs nothing in memory: such a temporary folder is of no use here. */
function onDisk(): string {
  return fileSystemOf(tmpdir()) === "tmpfs" ? "/var/tmp" : tmpdir();
}
