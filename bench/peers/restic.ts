/** restic with a repository in a folder; compression as it comes. */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { isInstalled, output, quoted, syncOf, timed } from "../harness/command.ts";

export const RESTIC_MISSING = isInstalled("restic") ? null : "restic is not installed";

export class Restic {
  readonly #store: string;
  readonly #tree: string;

  constructor(store: string, tree: string) {
    this.#store = store;
    this.#tree = tree;
    mkdirSync(join(store, "home"), { recursive: true });
    output({ command: ["restic", "init", "-q"], cwd: tree, env: this.#env() });
  }

  /** In ms. */
  backupTimed(): number {
    return this.#shTimed(`restic backup -q --host bench . && ${syncOf(this.#store)}`);
  }

  restoreTimed(target: string): number {
    return this.#shTimed(`restic restore -q latest --target ${quoted(target)} && ${syncOf(target)}`);
  }

  #shTimed(commands: string): number {
    return timed({ command: ["sh", "-c", commands], cwd: this.#tree, env: this.#env() });
  }

  #env(): Record<string, string> {
    return {
      RESTIC_REPOSITORY: join(this.#store, "repository"),
      RESTIC_PASSWORD: "bench",
      RESTIC_CACHE_DIR: join(this.#store, "cache"),
      HOME: join(this.#store, "home"),
    };
  }
}
