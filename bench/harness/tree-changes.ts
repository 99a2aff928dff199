/** The same 150 changes, once a round, to each contestant's own copy of the tree. */

import { appendFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { filesOf } from "./reference-tree.ts";

const EDITED = 100;
const ADDED = 30;
const DELETED = 20;

export class TreeChanges {
  readonly #root: string;
  readonly #paths: string[];

  /** `root` is as it was copied. */
  constructor(root: string) {
    this.#root = root;
    this.#paths = filesOf(root).filter((path) => path !== "holdfast.yaml");
  }

  /** Spread over the whole tree; nothing is deleted twice. */
  apply(round: number): void {
    const stride = Math.floor(this.#paths.length / (EDITED + DELETED + ADDED));
    const at = (index: number) => (index * stride + round * 7) % this.#paths.length;
    const gone: number[] = [];
    for (let index = 0; index < EDITED + ADDED + DELETED; index++) {
      const path = join(this.#root, this.#paths[at(index)]!);
      if (index % 15 < EDITED / 10) appendFileSync(path, `// changed in round ${round}, change ${index}\n`);
      else if (index % 15 < (EDITED + ADDED) / 10)
        writeFileSync(join(dirname(path), `added-${round}-${index}.txt`), `${"new ".repeat(512)}${round} ${index}\n`);
      else {
        rmSync(path);
        gone.push(at(index));
      }
    }
    for (const index of gone.toSorted((a, b) => b - a)) this.#paths.splice(index, 1);
  }
}
