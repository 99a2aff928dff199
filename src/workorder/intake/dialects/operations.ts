/** `operations` and `ops`: one entry, one effect. Names as agents and scripts really write them. */

import type { Operation } from "../../order.ts";
import { type Fields, isRecord } from "../fields.ts";
import { type Body, type BodyEntry, carries, completeEntries, exactText, requiredText } from "./body.ts";
import { readStep } from "./commands.ts";
import { readContent, readMode, readSha256, writesByAppending } from "./content.ts";
import { isEdit, readEdit } from "./edits.ts";
import { CONTENT_NAMES, FIND_NAMES, PATCH_NAMES, PATH_NAMES, RUN_NAMES } from "./names.ts";
import { patchText } from "./patches.ts";

type Kind =
  | "write"
  | "append"
  | "edit"
  | "delete"
  | "move"
  | "mkdir"
  | "chmod"
  | "symlink"
  | "restore"
  | "patch"
  | "run";

const SYNONYMS: Record<Kind, string> = {
  write:
    "write write_file create create_file update update_file overwrite overwrite_file add add_file new_file save_file put_file",
  append: "append append_file append_to_file",
  edit: "replace edit edit_file str_replace search_replace find_replace replace_text replace_in_file insert insert_after insert_before",
  delete: "delete delete_file remove remove_file rm unlink delete_dir remove_dir rmdir",
  move: "move move_file mv rename rename_file",
  mkdir: "mkdir create_dir create_directory create_folder make_dir make_directory ensure_dir ensure_directory",
  chmod: "chmod set_mode set_permissions make_executable",
  symlink: "symlink create_symlink ln link",
  restore: "restore restore_file",
  patch: "patch apply_patch patch_file apply_diff",
  run: "run run_command command shell bash exec execute",
};
const KINDS = new Map(
  Object.entries(SYNONYMS).flatMap(([kind, names]) => names.split(" ").map((name) => [name, kind as Kind])),
);

const OP_NAMES = ["op", "operation", "action", "type"];
const FOLDER_NAMES = [...PATH_NAMES, "dir", "directory", "folder"];
const FROM_NAMES = ["from", "src", "source", "old_path", ...PATH_NAMES];
const TO_NAMES = ["to", "dst", "dest", "destination", "new_path", "target"];
const PATCH_TEXT_NAMES = [...PATCH_NAMES, "content"];

/** What an entry must carry beside its name to be complete. */
const NEEDS: Record<Kind, readonly string[]> = {
  write: [...CONTENT_NAMES, ...FIND_NAMES],
  append: CONTENT_NAMES,
  edit: [...FIND_NAMES, "before"],
  delete: PATH_NAMES,
  move: TO_NAMES,
  mkdir: FOLDER_NAMES,
  chmod: PATH_NAMES,
  symlink: ["target", "to"],
  restore: PATH_NAMES,
  patch: PATCH_TEXT_NAMES,
  run: RUN_NAMES,
};

export function readOperations(root: Fields, body: Body): void {
  for (const found of root.all("operations", "ops")) {
    const names = Array.isArray(found.value)
      ? found.value.map((entry) => (isRecord(entry) ? operationName(entry) : null))
      : [];
    const unknown = names.findIndex((name) => name !== null && !KINDS.has(name));
    if (unknown !== -1) {
      const at = [...found.path, unknown];
      const isAnyKnown = names.some((name) => name !== null && KINDS.has(name));
      if (isAnyKnown)
        throw root.reading.refusal(
          at,
          `asks for "${names[unknown]}", which is no operation (${Object.keys(NEEDS).join(", ")})`,
        );
      root.reading.warnings.push(`no operation like "${names[unknown]}" is known here: they are left to the agent`);
      continue;
    }
    const isComplete = (entry: unknown) => {
      const kind = operationKind(entry);
      return kind !== null && carries(entry, NEEDS[kind]);
    };
    const entries = completeEntries(root.reading, found, { isComplete, missing: "content" });
    for (const entry of entries) readOperation(entry, body, null);
    if (entries.length > 0) body.paths.push(found.path);
  }
}

function operationName(entry: unknown): string | null {
  if (!isRecord(entry)) return null;
  for (const name of OP_NAMES) {
    const value = Object.hasOwn(entry, name) ? entry[name] : null;
    if (typeof value === "string" && value.trim() !== "") return canonicalName(value);
  }
  return null;
}

function canonicalName(text: string): string {
  return text.trim().toLowerCase().replaceAll("-", "_");
}

export function operationKind(entry: unknown): Kind | null {
  return KINDS.get(operationName(entry) ?? "") ?? null;
}

/** One entry; `fallback` where the list itself says what an entry without a name of its own means. */
export function readOperation(entry: BodyEntry, body: Body, fallback: Kind | null): void {
  const { fields } = entry;
  const kind = operationKind(fields.value) ?? fallback;
  const name = fields.all(...OP_NAMES)[0];
  if (name && kind !== null) fields.reading.take(name.path);
  if (kind === "run") {
    body.steps.push(readStep(entry, body.steps.length));
    return;
  }
  if (body.steps.length > 0)
    throw fields.reading.refusal(
      entry.path,
      "changes files after a command; give commands last, or in an order of their own",
    );
  const isEditing = kind === "edit" || (kind === "write" && isEdit(fields.value));
  body.operations.push(isEditing ? readEdit(entry) : effect(entry, kind));
}

function effect(entry: BodyEntry, kind: Kind | null): Operation {
  const { reading } = entry.fields;
  switch (kind) {
    case "write":
    case "append": {
      const path = requiredText(entry, PATH_NAMES);
      const appends = writesByAppending(entry) || kind === "append";
      const content = readContent(entry);
      const mode = readMode(entry);
      const sha256 = readSha256(entry);
      if (!appends) return { op: "write", path, content, mode, sha256 };
      if (sha256 !== null)
        throw reading.refusal(entry.path, "appends, so that its content has no sha256 of its own to compare");
      return { op: "append", path, content, mode };
    }
    case "delete":
      return { op: "delete", path: requiredText(entry, FOLDER_NAMES) };
    case "move":
      return { op: "move", path: requiredText(entry, FROM_NAMES), to: requiredText(entry, TO_NAMES) };
    case "mkdir":
      return { op: "mkdir", path: requiredText(entry, FOLDER_NAMES), mode: readMode(entry) };
    case "chmod": {
      const mode = readMode(entry) ?? (operationName(entry.fields.value) === "make_executable" ? 0o755 : null);
      if (mode === null) throw reading.refusal(entry.path, "has no mode");
      return { op: "chmod", path: requiredText(entry, FOLDER_NAMES), mode };
    }
    case "symlink":
      return {
        op: "symlink",
        path: requiredText(entry, ["path", "link", "file", "name"]),
        target: requiredText(entry, ["target", "to"]),
      };
    case "restore":
      return {
        op: "restore",
        path: requiredText(entry, FOLDER_NAMES),
        from: entry.fields.text("from", "snapshot", "digest"),
      };
    case "patch": {
      const found = entry.fields.all(...PATCH_TEXT_NAMES)[0];
      if (!found) throw reading.refusal(entry.path, "has no patch");
      const patch = patchText(exactText(reading, found));
      return { op: "patch", patch, path: entry.fields.text(...PATH_NAMES), fuzz: entry.fields.count("fuzz") ?? 0 };
    }
    default:
      throw reading.refusal(entry.path, "does not say what it does: `op` is missing");
  }
}
