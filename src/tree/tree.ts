import type { GitLocation, TreeId } from "../base/index.ts";

/** A tree as it was found on this machine. */
export interface Tree {
  readonly id: TreeId;
  /** Real path of the root. */
  readonly root: string;
  readonly state: StateFolder;
  readonly git: GitLocation | null;
}

/** Everything that lives outside the tree, as absolute paths. Mode 0700. */
export interface StateFolder {
  readonly dir: string;
  readonly db: string;
  readonly lock: string;
  /** Who holds the lock, for people: `{pid, command, since}`. Informative only. */
  readonly holder: string;
  readonly packs: string;
  readonly segments: string;
  readonly log: string;
  /** Temporary files: emptied by recovery. */
  readonly scratch: string;
  /** The path signatures' cache. */
  readonly signatures: string;
  /** Where state files, telemetry and the like go when there is no layout. */
  readonly projections: string;
  /** Under 100 bytes, whatever the length of `dir`. */
  readonly socket: string;
  /** Beside it: where a daemon answers agents' hooks, by HTTP. */
  readonly hookSocket: string;
}
