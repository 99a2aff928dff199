/**
 * What stands at single paths, against what was remembered of them: told by `lstat` and names alone, nothing is read.
 *
 * Good for a moment: ignore files are looked at once, and whatever is remembered afterwards makes the answers old.
 */

import type { Clock, Stat, TreePath } from "../base/index.ts";
import { type FolderPath, pathJudge, type WalkRequest } from "../tree/index.ts";
import type { Glance as Glances, Glimpse } from "./contract.ts";
import { databaseNameOf } from "./database.ts";
import type { FileIntake } from "./file-intake.ts";
import { entryOf, looksSame, type Signature, type Signatures, splitPath } from "./signatures.ts";
import { Standing, withOwnSidecars } from "./standing.ts";

export class Glance implements Glances {
  readonly #walk: WalkRequest;
  readonly #signatures: Signatures;
  readonly #intake: FileIntake;
  readonly #judge: ReturnType<typeof pathJudge>;
  readonly #standing: Standing;

  constructor(walk: WalkRequest, signatures: Signatures, intake: FileIntake, clock: Pick<Clock, "breathe">) {
    this.#walk = walk;
    this.#signatures = signatures;
    this.#intake = intake;
    this.#judge = pathJudge(walk);
    this.#standing = new Standing(walk, clock);
  }

  at(path: TreePath): Glimpse {
    const { folder, name } = splitPath(path);
    const database = databaseNameOf(name);
    if (database !== null) {
      const owner = (folder === "" ? database : `${folder}/${database}`) as TreePath;
      if (this.#intake.beginsAsDatabase(owner)) return { ...this.at(owner), path: owner };
    }
    const known = this.#signatures.folders.get(folder)?.names.get(name) ?? null;
    const stat = this.#standing.at(path);
    if (stat === null) return { path, kind: known === null ? "nothing" : "gone", stat };
    const verdict = this.#judge(path, stat.kind === "dir");
    if (verdict === "drop" || stat.kind === "other") return { path, kind: "left-out", stat };
    return { path, kind: this.#kindOf(path, stat, known), stat };
  }

  folders(): Iterable<FolderPath> {
    return this.#signatures.folders.keys();
  }

  names(folder: FolderPath): Iterable<string> {
    return this.#signatures.folders.get(folder)?.names.keys() ?? [];
  }

  #kindOf(path: TreePath, stat: Stat, known: Signature | null): Glimpse["kind"] {
    if (known === null) return "new";
    if (known.kind !== stat.kind) return "type";
    if (stat.kind === "dir") return known.mode === -1 || known.mode === stat.mode ? "same" : "mode";
    const look = withOwnSidecars(path, stat, this.#walk);
    if (looksSame(known.look, look) && entryOf(known) !== null) return "same";
    const { ino, sizeBytes, mtimeMs } = known.look;
    const onlyMode = ino === look.ino && sizeBytes === look.sizeBytes && mtimeMs === look.mtimeMs;
    return onlyMode && known.mode !== stat.mode ? "mode" : "content";
  }
}
