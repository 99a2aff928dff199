/** borg with an unencrypted repository in a folder; compression as it comes. */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { isInstalled, output, syncOf, timed } from "../harness/command.ts";

export const BORG_MISSING = isInstalled("borg") ? null : "borg is not installed";

export class Borg {
  readonly #store: string;
  readonly #tree: string;
  #count = 0;

  constructor(store: string, tree: string) {
    this.#store = store;
    this.#tree = tree;
    mkdirSync(join(store, "base"), { recursive: true });
    output({ command: ["borg", "init", "-e", "none"], cwd: tree, env: this.#env() });
  }

  /** In ms. */
  createTimed(): number {
    const commands = `borg create ::${this.#count++} . && ${syncOf(this.#store)}`;
    return timed({ command: ["sh", "-c", commands], cwd: this.#tree, env: this.#env() });
  }

  #env(): Record<string, string> {
    return {
      BORG_REPO: join(this.#store, "repository"),
      BORG_BASE_DIR: join(this.#store, "base"),
      BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK: "yes",
      BORG_RELOCATED_REPO_ACCESS_IS_OK: "yes",
    };
  }
}
