/** Reads what `submit` was given, in the process of who gave it: a file, a folder order, or stdin. */

import { basename, isAbsolute, join } from "node:path";
import { HoldfastError, LIMITS, type Ports } from "../base/index.ts";
import type { CallerContext } from "./operation.ts";

const FOLDER_FILES_MAX = 256;

export async function readDocument(
  raw: Record<string, unknown>,
  { ports }: CallerContext,
): Promise<Record<string, unknown>> {
  const { file, ...rest } = raw;
  if (typeof file !== "string") return raw;
  if (file === "-")
    return {
      ...rest,
      filename: "stdin",
      files: { "": (await ports.process.readStdin(LIMITS.orderSizeBytesMax + 1)).toString("base64") },
    };
  const path = isAbsolute(file) ? file : join(ports.process.cwd(), file);
  const files: Record<string, string> = {};
  for (const [name, bytes] of readAll(path, ports)) files[name] = bytes.toString("base64");
  return { ...rest, filename: basename(path), files };
}

function readAll(path: string, { disk }: Pick<Ports, "disk">): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  const stat = disk.lstat(path);
  if (stat === null) throw new HoldfastError("WO_UNREADABLE", `${path} is not there`, { data: { path } });
  if (stat.kind === "file" || stat.kind === "link") files.set("", readBounded(disk.realpath(path), disk));
  else if (stat.kind === "dir") addFolder(path, "", files, disk);
  else throw new HoldfastError("WO_NOT_A_FILE", `${path} is neither a file nor a folder`, { data: { path } });
  return files;
}

function addFolder(folder: string, prefix: string, files: Map<string, Buffer>, disk: Ports["disk"]): void {
  for (const { name, kind } of disk.list(folder).names) {
    if (kind === "dir") addFolder(join(folder, name), `${prefix}${name}/`, files, disk);
    if (kind === "file") files.set(`${prefix}${name}`, readBounded(join(folder, name), disk));
    if (files.size > FOLDER_FILES_MAX)
      throw new HoldfastError("WO_TOO_MANY", `the folder holds more than ${FOLDER_FILES_MAX} files`);
  }
}

/** One byte more than is allowed is enough to know that it is too large. */
function readBounded(path: string, disk: Ports["disk"]): Buffer {
  const fd = disk.openRead(path);
  try {
    const bytes = Buffer.allocUnsafe(Math.min(disk.fstat(fd).sizeBytes, LIMITS.orderSizeBytesMax + 1));
    let length = 0;
    for (let count = 1; count > 0 && length < bytes.length; length += count)
      count = disk.read(fd, bytes, length, bytes.length - length, length);
    return bytes.subarray(0, length);
  } finally {
    disk.close(fd);
  }
}
