/** A folder in an inbox that is one order: its files, read within limits. */

import { type Disk, HoldfastError, isSystemError, LIMITS } from "../base/index.ts";
import { bytesAt } from "./entry-at.ts";

const MARKS = ["manifest.json", "checksums.sha256", "evidence/manifest.json", "evidence/checksums.sha256"];

export function isFolderOrderAt(disk: Pick<Disk, "lstat">, folder: string): boolean {
  return MARKS.some((name) => disk.lstat(`${folder}/${name}`)?.kind === "file");
}

/**
 * Path below the folder → content, dot-files left out. `WO_NOT_A_FILE` (a link, a fifo), `WO_TOO_MANY`, `WO_TOO_LARGE` (all files
 * together), `WO_UNREADABLE`.
 */
export function readFolder(disk: Disk, folder: string, path: string): Map<string, Buffer> | HoldfastError {
  const files = new Map<string, Buffer>();
  let sizeBytes = 0;
  try {
    add("");
  } catch (error) {
    if (error instanceof HoldfastError) return error;
    if (isSystemError(error))
      return new HoldfastError("WO_UNREADABLE", `${path}: ${error.message}`, { data: { path }, cause: error });
    throw error;
  }
  return files;

  function add(below: string): void {
    const { names, undecodable } = disk.list(`${folder}/${below}`);
    if (undecodable.length > 0)
      throw new HoldfastError("WO_UNREADABLE", `${path}/${below}${undecodable[0]} has a name that is not valid UTF-8`, {
        data: { path },
      });
    for (const { name } of names) {
      if (name.startsWith(".")) continue;
      const stat = disk.lstat(`${folder}/${below}${name}`);
      if (stat?.kind === "dir") add(`${below}${name}/`);
      else if (stat?.kind === "file") addFile(`${below}${name}`, stat.sizeBytes);
      else
        throw new HoldfastError("WO_NOT_A_FILE", `${path}/${below}${name} is neither a file nor a folder`, {
          data: { path },
        });
    }
  }

  function addFile(name: string, size: number): void {
    sizeBytes += size;
    if (files.size >= LIMITS.orderFolderFilesMax)
      throw new HoldfastError("WO_TOO_MANY", `${path} has more than ${LIMITS.orderFolderFilesMax} files`, {
        data: { path },
      });
    if (sizeBytes > LIMITS.orderSizeBytesMax)
      throw new HoldfastError(
        "WO_TOO_LARGE",
        `the files of ${path} have more than ${LIMITS.orderSizeBytesMax} bytes together`,
        { data: { path } },
      );
    files.set(name, bytesAt(disk, `${folder}/${name}`));
  }
}
