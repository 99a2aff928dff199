/**
 * From an order to a change set: decides everything, changes nothing.
 *
 * Reads the present tree through a draft; the same tree and the same order give the same plan. Whatever the order asks that
 * cannot be done exactly is refused here, before a byte moved.
 */

import { type Digest, digestOf, HoldfastError, type Ports, sameEntry } from "../base/index.ts";
import type { Change } from "./change-set.ts";
import { Draft } from "./draft.ts";
import type { Operation, WorkOrder } from "./order.ts";
import type { Places } from "./target.ts";
import { applyEdit } from "./text/edit.ts";
import { applyPatch } from "./text/patch.ts";
import type { VaultSource } from "./vault-source.ts";

export interface Planned {
  changes: Change[];
  /** Bytes of every `after` that the order itself brings. */
  contents: Map<Digest, Buffer>;
  warnings: string[];
}

export function planOrder(
  order: WorkOrder,
  world: { places: Places; disk: Ports["disk"]; source: VaultSource },
): Planned {
  const draft = new Draft(world.places, world.disk);
  const warnings: string[] = [];
  for (const operation of order.operations) draftOperation(operation, { ...world, draft, warnings });
  const changes = draft.changes();
  refuseShrinking(order, changes);
  return { changes, contents: draft.contents, warnings };
}

interface Drafting {
  draft: Draft;
  places: Places;
  source: VaultSource;
  warnings: string[];
}

function draftOperation(operation: Operation, { draft, places, source, warnings }: Drafting): void {
  if (operation.op === "patch") {
    draftPatch(operation, { draft, places, source, warnings });
    return;
  }
  const path = places.parse(operation.path);
  switch (operation.op) {
    case "write": {
      const bytes = Buffer.from(operation.content, "base64");
      if (operation.sha256 !== null && digestOf(bytes) !== operation.sha256) {
        throw new HoldfastError(
          "WO_DIGEST_MISMATCH",
          `the content for ${operation.path} is ${digestOf(bytes)}, not ${operation.sha256}`,
          {
            data: { path: operation.path },
          },
        );
      }
      draft.writeFile(path, bytes, operation.mode);
      return;
    }
    case "append": {
      const added = Buffer.from(operation.content, "base64");
      const present = draft.entry(path).kind === "absent" ? Buffer.alloc(0) : draft.bytes(path);
      draft.writeFile(path, Buffer.concat([present, added]), operation.mode);
      return;
    }
    case "replace":
      draft.writeFile(path, applyEdit(draft.bytes(path), operation), null);
      return;
    case "delete":
      mustExist(draft, path);
      draft.remove(path);
      return;
    case "move":
      mustExist(draft, path);
      draft.move(path, places.parse(operation.to));
      return;
    case "mkdir":
      draft.makeFolder(path, operation.mode);
      return;
    case "chmod":
      mustExist(draft, path);
      draft.setMode(path, operation.mode);
      return;
    case "symlink":
      draft.link(path, operation.target);
      return;
    case "restore":
      if (operation.exactly) {
        if (sameEntry(draft.entry(path), operation.exactly.whileStands)) draft.place(path, operation.exactly.state);
        else warnings.push(`left ${path} alone: it changed meanwhile`);
        return;
      }
      for (const { path: below, entry } of source.statesOf(path, operation.from)) draft.place(below, entry);
      return;
  }
}

function draftPatch(operation: Operation & { op: "patch" }, { draft, places, warnings }: Drafting): void {
  const read = (text: string) => {
    const path = places.parse(text);
    const entry = draft.entry(path);
    return entry.kind === "file" ? { bytes: draft.bytes(path), mode: entry.mode } : null;
  };
  const patched = applyPatch(operation, read);
  warnings.push(...patched.warnings);
  for (const change of patched.changes) {
    const path = places.parse(change.path);
    if (change.bytes === null) draft.remove(path);
    else draft.writeFile(path, change.bytes, change.mode);
  }
}

function mustExist(draft: Draft, path: string): void {
  if (draft.entry(path).kind !== "absent") return;
  throw new HoldfastError("WO_PRECONDITION", `${path} is not there`, { data: { path } });
}

/** Below this share of what it was, a rewritten file counts as cut off. */
const SHRINK_SHARE_MIN = 0.1;
const SHRINK_SIZE_BYTES_MIN = 4_096;

/**
 * A whole-file write that empties a file, or leaves a tenth of it, is nearly always an agent whose output was cut short. Edits and
 * patches say what they remove and pass; `allow_shrink: true` in the order says that it is meant.
 */
function refuseShrinking(order: WorkOrder, changes: readonly Change[]): void {
  if (order.extra["allow_shrink"] === true) return;
  const written = new Set(
    order.operations.filter(({ op }) => op === "write").map((operation) => (operation as { path: string }).path),
  );
  for (const { path, before, after } of changes) {
    if (before.kind !== "file" || after.kind !== "file" || !written.has(path)) continue;
    const emptied = after.sizeBytes === 0 && before.sizeBytes > 0;
    const cut = before.sizeBytes >= SHRINK_SIZE_BYTES_MIN && after.sizeBytes < before.sizeBytes * SHRINK_SHARE_MIN;
    if (!emptied && !cut) continue;
    throw new HoldfastError("WO_SHRINKS", `${path} would shrink from ${before.sizeBytes} to ${after.sizeBytes} bytes`, {
      hint: "set `allow_shrink: true` in the order if this is meant",
      data: { path },
    });
  }
}
