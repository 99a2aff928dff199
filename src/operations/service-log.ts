/**
 * What a service says goes to a file that its manager opened for appending, and keeps open: beyond its size the file is copied to
 * `<name>.1` and cut to nothing where it lies, so that the manager writes on. A line that is said in between may be lost.
 */

import { LIMITS, type Ports } from "../base/index.ts";
import { readWhole, replaceDurably } from "../tree/index.ts";

/** Nothing, where this process is no service. */
export function cutServiceLog({ disk, process }: Pick<Ports, "disk" | "process">): void {
  const path = process.env("HOLDFAST_SERVICE_LOG");
  if (path === undefined || !path.startsWith("/")) return;
  const stat = disk.lstat(path);
  if (stat?.kind !== "file" || stat.sizeBytes <= LIMITS.serviceLogBytesMax) return;
  replaceDurably(disk, `${path}.1`, readWhole(disk, path)?.toString("utf8") ?? "", 0o600);
  const fd = disk.openAppend(path, 0o644);
  try {
    disk.truncate(fd, 0);
  } finally {
    disk.close(fd);
  }
}
