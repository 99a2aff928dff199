/** Which folders of a walk have not moved, by the signatures of their names, so that nobody needs to go through these one by one. */

import { isSystemError, LIMITS, type Ports } from "../base/index.ts";
import type { FolderPath, WalkedName, WalkRequest } from "../tree/index.ts";
import { Looked } from "./looked.ts";
import { FOLDER_DOUBLES, PackedFolder } from "./packed-folder.ts";
import type { Signatures } from "./signatures.ts";

/** A second thread that looks at folders from the end of the file on; `null` where none is to be had or worth it. */
export function lookAside(
  { file }: Signatures,
  { root }: WalkRequest,
  ports: Pick<Ports, "threads" | "log">,
): Looked | null {
  const names = file?.columns.sizes.length ?? 0;
  if (file === null || names < LIMITS.threadedNamesMin) return null;
  const looked = new Looked({ folders: file.folders.length / FOLDER_DOUBLES, names });
  const signatures = file.bytes.buffer as SharedArrayBuffer;
  const job = ports.threads.start("look", { root, signatures, found: looked.memory });
  // What it does not do is done here.
  job?.catch((error: unknown) => ports.log.warn("the second thread failed", { why: String(error) }));
  return job === null ? null : looked;
}

/** What cannot be looked at is left to the walk, which tells why. */
export function unmovedIn(
  before: Signatures,
  path: FolderPath,
  { root, disk, looked }: Pick<WalkRequest, "root" | "disk"> & { looked: Looked | null },
): readonly WalkedName[] | null {
  const folder = before.folders.get(path);
  const packed = folder instanceof PackedFolder ? folder.packed : null;
  if (packed === null) return null;
  try {
    // What was unpacked and saved anew lies in another file.
    const isLookedAt = looked !== null && packed.file === before.file;
    return isLookedAt ? looked.unmoved(packed, { path, root, disk }) : packed.unmoved(path, { root, disk });
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return null;
  }
}
