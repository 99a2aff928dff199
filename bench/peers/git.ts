/** git as a store of snapshots. Its folder lies outside the tree, so that everybody reads the same files. */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { isInstalled, output, syncOf, timed } from "../harness/command.ts";

export const GIT_MISSING = isInstalled("git") ? null : "git is not installed";

export class Git {
  readonly #gitDir: string;
  readonly #tree: string;

  /** The repository is made in `store`. */
  constructor(store: string, tree: string) {
    this.#gitDir = join(store, "repository");
    this.#tree = tree;
    mkdirSync(this.#gitDir, { recursive: true });
    this.run("init", "-q");
    // In the background it would take the time of whoever is measured next.
    this.run("config", "gc.auto", "0");
    this.run("config", "maintenance.auto", "false");
    this.run("config", "core.bare", "false");
  }

  run(...args: string[]): string {
    return output({ command: ["git", ...args], cwd: this.#tree, env: this.#env() });
  }

  /** `git add -A && git commit`, durable; in ms. */
  commitTimed(): number {
    return this.#shTimed("git add -A && git commit -q -m snapshot");
  }

  stashTimed(): number {
    return this.#shTimed("git stash push -q -u");
  }

  /** Every file of the last commit into the tree, durable; in ms. */
  checkoutTimed(): number {
    return this.#shTimed("git checkout -q -f HEAD -- .");
  }

  /** What comes from a server, and what an old repository consists of. */
  pack(): void {
    this.run("repack", "-q", "-a", "-d");
  }

  statusTimed(): number {
    return timed({ command: ["git", "status", "--porcelain"], cwd: this.#tree, env: this.#env() });
  }

  #shTimed(commands: string): number {
    const both = `${syncOf(this.#gitDir)} && ${syncOf(this.#tree)}`;
    return timed({ command: ["sh", "-c", `${commands} && ${both}`], cwd: this.#tree, env: this.#env() });
  }

  #env(): Record<string, string> {
    return {
      GIT_DIR: this.#gitDir,
      GIT_WORK_TREE: this.#tree,
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_AUTHOR_NAME: "bench",
      GIT_AUTHOR_EMAIL: "bench@localhost",
      GIT_COMMITTER_NAME: "bench",
      GIT_COMMITTER_EMAIL: "bench@localhost",
    };
  }
}
