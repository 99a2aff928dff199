/** Secrets are named in the configuration, never written there: `env:NAME` of the process that sends, `file:PATH`. */

import { join } from "node:path";
import { HoldfastError, isSystemError, LIMITS, type Ports } from "../base/index.ts";

/** Its value without surrounding blanks. `ALERT_FAILED` names the reference, and no part of a value. */
export function secretAt(reference: string, { process, disk }: Pick<Ports, "process" | "disk">): string {
  const value = reference.startsWith("env:")
    ? process.env(reference.slice("env:".length))
    : read(reference, { disk, process });
  if (value === undefined || value.trim() === "")
    throw new HoldfastError("ALERT_FAILED", `${reference} is not set where the alert is sent from`, {
      hint: reference.startsWith("env:")
        ? "set it in the environment of `holdfast up`, or name a file: file:/path"
        : "write it into that file",
    });
  return value.trim();
}

function read(reference: string, { disk, process }: Pick<Ports, "process" | "disk">): string | undefined {
  const named = reference.slice("file:".length);
  const path = named.startsWith("~/") ? join(process.home(), named.slice(2)) : named;
  try {
    const fd = disk.openRead(path);
    try {
      const bytes = Buffer.alloc(LIMITS.alertSecretBytesMax);
      return bytes.toString("utf8", 0, disk.read(fd, bytes, 0, bytes.length, 0));
    } finally {
      disk.close(fd);
    }
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new HoldfastError("ALERT_FAILED", `${reference} cannot be read (${error.code})`, {
      hint: "see that the user of `holdfast up` may read it",
    });
  }
}
