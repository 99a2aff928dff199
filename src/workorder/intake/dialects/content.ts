/** What is written to a file: its bytes, its permissions, the digest that it must have. */

import { type Digest, isDigest } from "../../../base/index.ts";
import { parseMode } from "../modes.ts";
import { type BodyEntry, exactText } from "./body.ts";
import { CONTENT_NAMES } from "./names.ts";

/** The bytes as base64. */
export function readContent(entry: BodyEntry): string {
  const { reading } = entry.fields;
  const found = entry.fields.all(...CONTENT_NAMES)[0];
  if (!found) throw reading.refusal(entry.path, "has no content");
  const text = exactText(reading, found);
  const encoding =
    entry.fields.text("encoding")?.toLowerCase() ?? (found.path.at(-1) === "content_base64" ? "base64" : "utf8");
  if (["utf8", "utf-8", "text", "plain"].includes(encoding)) return Buffer.from(text).toString("base64");
  if (encoding !== "base64") throw reading.refusal([...entry.path, "encoding"], "must be utf8 or base64");
  const compact = text.replace(/\s+/g, "");
  const canonical = Buffer.from(compact, "base64").toString("base64");
  if (canonical.replace(/=+$/, "") !== compact.replace(/=+$/, ""))
    throw reading.refusal(found.path, "is not valid base64");
  return canonical;
}

/** How a write is done, in dialects that use `mode` for it instead of for permissions. */
const MANNERS = new Map([
  ["append", "append"],
  ["a", "append"],
  ...["overwrite", "write", "w", "create", "replace", "patch", "text", "insert", "update"].map(
    (word) => [word, "write"] as const,
  ),
]);

export function writesByAppending(entry: BodyEntry): boolean {
  const mode = entry.fields.all("mode")[0]?.value;
  return entry.fields.flag("append") === true || (typeof mode === "string" && MANNERS.get(mode) === "append");
}

export function readMode(entry: BodyEntry): number | null {
  const { reading } = entry.fields;
  for (const found of entry.fields.all("mode", "permissions", "perms")) {
    reading.take(found.path);
    if (typeof found.value === "string" && MANNERS.has(found.value)) continue;
    const mode = parseMode(found.value);
    if (mode === null) throw reading.refusal(found.path, 'must be permissions such as "0755"');
    return mode;
  }
  return entry.fields.flag("executable") === true ? 0o755 : null;
}

/** With or without `sha256:` in front. */
export function readSha256(entry: BodyEntry): Digest | null {
  const found = entry.fields.all("sha256", "digest")[0];
  if (!found) return null;
  const digest = `sha256:${String(found.value)
    .toLowerCase()
    .replace(/^sha256:/, "")}`;
  if (!isDigest(digest)) throw entry.fields.reading.refusal(found.path, "must be 64 hexadecimal digits");
  entry.fields.reading.take(found.path);
  return digest;
}
