/**
 * From a path that somebody wrote to a place on disk, or a refusal.
 *
 * The check runs when an order is planned *and* again at each write: a symbolic link that appears on the way in between must not
 * carry a write out of the tree.
 */

import { type Clock, type Disk, HoldfastError, type ProcessPort } from "../base/index.ts";
import {
  allowedOutside,
  type Config,
  checkedPath,
  expandHome,
  type Identity,
  ownIdentities,
  parseTreePath,
  type Tree,
  treePathOf,
} from "../tree/index.ts";
import type { TargetPath } from "./change-set.ts";

export interface Places {
  /** The canonical spelling of a path as an order wrote it. */
  parse(text: string): TargetPath;
  /** The absolute path, with every folder on the way looked at. */
  absolute(path: TargetPath): string;
  /** The same of a folder inside the tree: what stands at its end must be one, too, or nothing. */
  folder(path: TargetPath): string;
  isInside(path: TargetPath): boolean;
  readonly root: string;
}

export function placesOf(
  tree: Tree,
  config: () => Config,
  ports: { disk: Disk; process: ProcessPort; clock: Pick<Clock, "breathe"> },
): Places {
  /** Looked at once in a turn of the loop. */
  let own: Identity[] | null = null;
  const ownNow = (): Identity[] => {
    if (own === null) {
      own = ownIdentities(tree, ports.disk);
      void ports.clock.breathe().then(() => {
        own = null;
      });
    }
    return own;
  };
  return {
    parse: (text) => asOrderError(text, () => parse(tree, config(), ports, text)),
    absolute: (path) =>
      asOrderError(path, () =>
        path.startsWith("/")
          ? allowedOutside(tree, config(), path, ports)
          : checkedPath(tree, parseTreePath(path), ports.disk, { own: ownNow() }),
      ),
    folder: (path) =>
      asOrderError(path, () => checkedPath(tree, parseTreePath(path), ports.disk, { own: ownNow(), isFolder: true })),
    isInside: (path) => !path.startsWith("/"),
    root: tree.root,
  };
}

function parse(tree: Tree, config: Config, ports: { disk: Disk; process: ProcessPort }, text: string): TargetPath {
  if (!text.startsWith("/") && !text.startsWith("~/")) return parseTreePath(text);
  const expanded = expandHome(text, ports.process.home());
  try {
    return treePathOf(tree, expanded, ports);
  } catch (error) {
    if (!(error instanceof HoldfastError) || error.code !== "PATH_ESCAPES") throw error;
    return allowedOutside(tree, config, expanded, ports);
  }
}

const ORDER_CODES = {
  PATH_INVALID: "WO_INVALID",
  PATH_ESCAPES: "WO_PATH_ESCAPES",
  PATH_FORBIDDEN: "WO_PATH_FORBIDDEN",
  PATH_THROUGH_LINK: "WO_PATH_THROUGH_LINK",
} as const;

/** An order's author reads of the order, not of the path rules: same facts, the order's codes. */
function asOrderError<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const code = error instanceof HoldfastError ? ORDER_CODES[error.code as keyof typeof ORDER_CODES] : undefined;
    if (!code) throw error;
    const { message, hint, data } = error as HoldfastError;
    throw new HoldfastError(code, message, { hint, data: { ...data, path }, cause: error });
  }
}
