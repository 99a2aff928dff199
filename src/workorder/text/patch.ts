/** Patches of either form, as changes of whole files. Pure: files are read through `read`, and nothing is written. */

import { applyBeginPatch, isBeginPatch } from "./begin-patch.ts";
import { patchFailed } from "./patch-failed.ts";
import { type FileChange, PatchedFiles, type ReadFile } from "./patched-files.ts";
import { applyUnifiedPatch } from "./unified-patch.ts";

export interface PatchRequest {
  patch: string;
  /** Where the patch itself names no file. */
  path: string | null;
  /** How many lines of context at each end of a hunk may differ. */
  fuzz: number;
}

/** In the patch's order; a move is a removal and a write. `WO_PATCH_FAILED` names the file, the hunk and the patch's line. */
export function applyPatch(request: PatchRequest, read: ReadFile): { changes: FileChange[]; warnings: string[] } {
  const files = new PatchedFiles(read);
  if (isBeginPatch(request.patch)) applyBeginPatch(request.patch, files);
  else applyUnifiedPatch(request, files);
  if (files.changes.length === 0) throw patchFailed("the patch holds no change", {});
  return { changes: files.changes, warnings: files.warnings };
}
