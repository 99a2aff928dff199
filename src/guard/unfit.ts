/**
 * What is as accepted and cannot run: files whose interpreter is gone, and components whose service is down. Nothing of the tree changed,
 * so no event tells; sweeps and `check` look. The kind is `service-failed`: what must run does not.
 */

import { type Digest, type FileEntry, isSystemError, type Ports } from "../base/index.ts";
import type { Vault } from "../vault/index.ts";
import type { Expectation } from "./expectation.ts";
import type { Suspect } from "./facts.ts";

type UnfitWorld = { vault: Vault; ports: Pick<Ports, "disk" | "process"> };

/** Remembers which content names which interpreter: most looks read nothing. */
export class Interpreters {
  readonly #named = new Map<Digest, string | null>();
  readonly #world: UnfitWorld;

  constructor(world: UnfitWorld) {
    this.#world = world;
  }

  /** Of accepted executable files, those that cannot run. */
  unfit(expectations: readonly Expectation[]): Suspect[] {
    const missing = new Map<string, boolean>();
    const found: Suspect[] = [];
    for (const expected of expectations) {
      const { accepted, path, component } = expected;
      if (accepted?.kind !== "file" || (accepted.mode & 0o111) === 0) continue;
      const interpreter = this.#interpreterOf(accepted);
      if (interpreter === null) continue;
      const isMissing = missing.get(interpreter) ?? !isInterpreterThere(interpreter, this.#world.ports);
      missing.set(interpreter, isMissing);
      if (!isMissing) continue;
      const note = `its interpreter ${interpreter} is gone`;
      const drift = { path, component, goal: accepted, present: accepted, matches: null, note } as const;
      found.push({ expected, drift: { ...drift, kind: "service-failed", change: "unfit" } });
    }
    return found;
  }

  #interpreterOf({ digest, sizeBytes }: FileEntry): string | null {
    const known = this.#named.get(digest);
    if (known !== undefined) return known;
    const { vault } = this.#world;
    const [head] = sizeBytes > 2 && vault.has(digest) ? vault.readPieces(digest) : [];
    const interpreter = head === undefined ? null : interpreterIn(head.subarray(0, LINE_BYTES_MAX).toString("latin1"));
    this.#named.set(digest, interpreter);
    return interpreter;
  }

  /** All that were met. */
  named(): string[] {
    return [...new Set([...this.#named.values()].filter((one) => one !== null))];
  }
}

export function isInterpreterThere(interpreter: string, { disk, process }: UnfitWorld["ports"]): boolean {
  if (!interpreter.startsWith("/")) return process.which(interpreter) !== null;
  try {
    disk.realpath(interpreter);
    return true;
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR")) return false;
    throw error;
  }
}

/** A component whose service does not run as it should. `why`: for people. */
export interface FailingService {
  readonly component: string;
  readonly service: string;
  readonly why: string;
}

/** Asks the operating system: it takes as long as its service manager takes. */
export interface ServiceEyes {
  failing(): Promise<readonly FailingService[]>;
}

export const NO_SERVICES: ServiceEyes = { failing: async () => [] };

/** Everything of `expectations` that cannot run, one a path. */
export async function cannotRun(
  expectations: readonly Expectation[],
  interpreters: Interpreters,
  services: ServiceEyes,
): Promise<Suspect[]> {
  const found = interpreters.unfit(expectations);
  const known = new Set(found.map(({ drift }) => drift.path));
  for (const { component, service, why } of await services.failing()) {
    const expected = standIn(component, service, expectations);
    if (expected === null || known.has(expected.path)) continue;
    known.add(expected.path);
    const { path, accepted } = expected;
    const drift = { path, component, goal: accepted!, present: accepted!, matches: null, note: `${service}: ${why}` };
    found.push({ expected, drift: { ...drift, kind: "service-failed", change: "unfit" } });
  }
  return found;
}

/** A service has no path of its own: the file that is called like it stands for it, else the first that can run, else the first. */
function standIn(component: string, service: string, expectations: readonly Expectation[]): Expectation | null {
  const own = expectations.filter((one) => one.component === component && one.accepted !== null);
  const name = service.slice(service.lastIndexOf(".") + 1);
  const runs = own.filter(({ accepted }) => accepted?.kind === "file" && (accepted.mode & 0o111) !== 0);
  return runs.find(({ path }) => path.includes(name)) ?? runs[0] ?? own[0] ?? null;
}

const LINE_BYTES_MAX = 256;

/** `#!/bin/sh -e` → `/bin/sh`; `#!/usr/bin/env -S FOO=1 python3 -u` → `python3`. Pure. */
export function interpreterIn(head: string): string | null {
  const line = /^#!\s*([^\n]*)/.exec(head)?.[1]?.trim();
  if (!line) return null;
  const [program, ...words] = line.split(/\s+/);
  if (!program!.endsWith("/env")) return program!;
  return words.find((word) => !word.startsWith("-") && !word.includes("=")) ?? program!;
}
