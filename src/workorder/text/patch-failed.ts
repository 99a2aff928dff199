import { HoldfastError } from "../../base/index.ts";

/** `data` names what is known of path, hunk, the patch's line and the file's. */
export function patchFailed(message: string, data: Record<string, unknown>, hint?: string): HoldfastError {
  return new HoldfastError("WO_PATCH_FAILED", message, { data, ...(hint === undefined ? {} : { hint }) });
}
