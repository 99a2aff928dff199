/** `patch`, `diff`, `patch_content`: a unified diff or the `*** Begin Patch` form. */

import { type Fields, type Found, isRecord } from "../fields.ts";
import type { Path } from "../offsets.ts";
import { type Body, exactText } from "./body.ts";
import { PATCH_NAMES } from "./names.ts";

const PATH_NAMES = ["target_file", "file_path", "path", "file"];

export function readPatches(root: Fields, body: Body): void {
  for (const found of root.all(...PATCH_NAMES)) {
    if (Array.isArray(found.value)) {
      found.value.forEach((value: unknown, index) => {
        readNested(root, { path: [...found.path, index], value }, body);
      });
    } else {
      readNested(root, found, body);
    }
  }
}

/** The text itself, or a mapping around it: `{path, patch}`. */
function readNested(root: Fields, found: Found, body: Body): void {
  if (typeof found.value === "string") readPatch(root, found, body);
  if (!isRecord(found.value)) return;
  const text = root.entry(found.value, found.path).all(...PATCH_NAMES, "content")[0];
  if (text && typeof text.value === "string") readPatch(root, text, body);
}

function readPatch(root: Fields, found: Found, body: Body): void {
  const patch = patchText(exactText(root.reading, found));
  if (patch.trim() === "") return;
  const beside = found.path.slice(0, -1);
  const path = textBeside(root, beside, PATH_NAMES);
  const fuzz = Number(textBeside(root, beside, ["fuzz"]) ?? 0);
  if (!Number.isInteger(fuzz) || fuzz < 0 || fuzz > 3)
    throw root.reading.refusal([...beside, "fuzz"], "must be 0, 1, 2 or 3");
  body.operations.push({ op: "patch", patch, path, fuzz });
  body.paths.push(found.path);
}

/** The first of `names` in the mapping that stands at `beside`. */
function textBeside(root: Fields, beside: Path, names: string[]): string | null {
  const prefix = beside.slice(root.path.length);
  if (prefix.some((key) => typeof key === "number")) return null;
  return root.text(...names.map((name) => [...prefix, name].join(".")));
}

/** Takes the Markdown fence off that models put around a patch. */
export function patchText(text: string): string {
  const fenced = /^\s*(`{3,}|~{3,})[^\n`]*\n([\s\S]*?)\n?[ \t]*\1\s*$/.exec(text);
  return fenced ? `${fenced[2]}\n` : text;
}
