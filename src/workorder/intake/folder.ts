/**
 * A folder that is one order: the order's document, a file that holds its body, a manifest and checksums (here or in `evidence/`).
 *
 * Pure over the folder's files. Nothing of a folder whose sums do not hold is read any further.
 */

import { digestOf, HoldfastError } from "../../base/index.ts";
import type { Classified } from "../order.ts";
import { classify } from "./classify.ts";
import { isRecord } from "./fields.ts";
import { define } from "./json.ts";
import { type Parsed, parseDocuments } from "./parse.ts";

/** The folder's regular files, by path inside it (`evidence/manifest.json`). */
export type FolderFiles = ReadonlyMap<string, Uint8Array>;

/** True when the folder is meant as one order: it has a manifest or checksums. */
export function isFolderOrder(files: FolderFiles): boolean {
  return SUM_PLACES.some((place) => files.has(`${place}manifest.json`) || files.has(`${place}checksums.sha256`));
}

/**
 * `WO_CHECKSUM` names the file that differs, is missing, or is not covered; `WO_PATH_ESCAPES` for a name that leaves the folder;
 * `WO_INVALID` when no document, or no body, is there.
 */
export function classifyFolder(files: FolderFiles, folderName: string): Classified {
  const manifest = readManifest(files);
  const sums = readSums(files);
  const name = documentName(files, folderName, manifest);
  const document = onlyDocument(files, name);
  const bodyName =
    isRecord(document.value) && typeof document.value["body_file"] === "string"
      ? inside(document.value["body_file"])
      : null;
  for (const [key, sum] of manifestSums(manifest)) sums.push({ file: sumTarget(key, { name, bodyName }), sum });
  verify(files, sums, [name, ...(bodyName === null ? [] : [bodyName])]);
  if (bodyName === null) return classify(document, { inFolder: true });
  return classify(withBody(document, bodyOf(files, bodyName)), { inFolder: true });
}

const SUM_PLACES = ["", "evidence/"];

interface Sum {
  file: string;
  sum: string;
}

function readManifest(files: FolderFiles): Record<string, unknown> {
  const place = SUM_PLACES.find((candidate) => files.has(`${candidate}manifest.json`));
  if (place === undefined) return {};
  const name = `${place}manifest.json`;
  const value = parseDocuments(files.get(name)!, name)[0]?.value;
  if (!isRecord(value)) throw new HoldfastError("WO_INVALID", `${name} is no mapping`, { data: { file: name } });
  return value;
}

/** Lines as `sha256sum` writes them: 64 digits, two spaces (or a space and `*`), a name. */
function readSums(files: FolderFiles): Sum[] {
  const place = SUM_PLACES.find((candidate) => files.has(`${candidate}checksums.sha256`));
  if (place === undefined) return [];
  const text = Buffer.from(files.get(`${place}checksums.sha256`)!).toString();
  return text.split(/\r?\n/).flatMap((line, index) => {
    if (line.trim() === "" || line.startsWith("#")) return [];
    const match = /^([0-9a-fA-F]{64})[ \t][ *]?(.+)$/.exec(line);
    if (!match) {
      throw new HoldfastError("WO_CHECKSUM", `${place}checksums.sha256:${index + 1} is no checksum line`, {
        data: { file: `${place}checksums.sha256`, line: index + 1 },
      });
    }
    return [{ file: inside(match[2]!), sum: match[1]! }];
  });
}

function manifestSums(manifest: Record<string, unknown>): [string, string][] {
  const { checksums } = manifest;
  return isRecord(checksums) ? Object.entries(checksums).map(([key, sum]) => [key, String(sum)]) : [];
}

/** A manifest names the document `wo_yaml` and the body `body`, anything else by its path. */
function sumTarget(key: string, { name, bodyName }: { name: string; bodyName: string | null }): string {
  if (key === "wo_yaml" || key === "wo_json" || key === "wo") return name;
  if (key === "body" && bodyName !== null) return bodyName;
  return inside(key);
}

function verify(files: FolderFiles, sums: Sum[], needed: string[]): void {
  for (const { file, sum } of sums) {
    const bytes = files.get(file);
    if (!bytes) throw new HoldfastError("WO_CHECKSUM", `${file} has a checksum, and is not there`, { data: { file } });
    const actual = digestOf(bytes);
    const expected = `sha256:${sum.toLowerCase().replace(/^sha256:/, "")}`;
    if (actual === expected) continue;
    throw new HoldfastError("WO_CHECKSUM", `${file} is not what its checksum says`, {
      data: { file, expected, actual },
    });
  }
  if (sums.length === 0) return;
  for (const file of needed) {
    if (sums.some((sum) => sum.file === file)) continue;
    throw new HoldfastError("WO_CHECKSUM", `${file} has no checksum, and other files of the folder have`, {
      data: { file },
    });
  }
}

/** A path inside the folder, without `./` in front. */
function inside(text: string): string {
  const path = text.trim().replace(/^(\.\/)+/, "");
  if (
    path !== "" &&
    !path.startsWith("/") &&
    !path.includes("\\") &&
    !path.split("/").some((part) => part === ".." || part === "")
  )
    return path;
  throw new HoldfastError("WO_PATH_ESCAPES", `the folder's file ${JSON.stringify(text)} is not inside the folder`, {
    hint: "name files relative to the order's folder",
    data: { path: text },
  });
}

function documentName(files: FolderFiles, folderName: string, manifest: Record<string, unknown>): string {
  const stems = [folderName, String(manifest["wo_id"] ?? folderName), "order", "wo", "work_order"];
  const candidates = stems.flatMap((stem) => ["yaml", "yml", "json"].map((extension) => `${stem}.${extension}`));
  const named = candidates.find((candidate) => files.has(candidate));
  if (named) return named;
  const others = [...files.keys()].filter((file) => /^[^/]+\.(ya?ml|json)$/.test(file) && file !== "manifest.json");
  if (others.length === 1) return others[0]!;
  throw new HoldfastError(
    "WO_INVALID",
    `the folder ${folderName} has ${others.length === 0 ? "no" : "more than one"} order document`,
    {
      hint: `name the order's document ${folderName}.yaml`,
      data: { file: folderName, candidates: others },
    },
  );
}

function onlyDocument(files: FolderFiles, name: string): Parsed {
  const documents = parseDocuments(files.get(name)!, name);
  if (documents.length === 1) return documents[0]!;
  throw new HoldfastError("WO_INVALID", `${name} holds ${documents.length} documents; a folder is one order`, {
    data: { file: name },
  });
}

/** A document's fields, or a text as it is. */
function bodyOf(files: FolderFiles, name: string): Record<string, unknown> {
  const bytes = files.get(name);
  if (!bytes)
    throw new HoldfastError("WO_INVALID", `body_file names ${name}, which is not in the folder`, {
      data: { file: name },
    });
  if (!/\.(ya?ml|json)$/i.test(name)) return { body: Buffer.from(bytes).toString() };
  const { value } = onlyDocument(files, name);
  return isRecord(value) ? value : { body: value === null ? "" : String(value) };
}

/** What the document says itself wins over what its body says. */
function withBody(document: Parsed, body: Record<string, unknown>): Parsed {
  const value: Record<string, unknown> = {};
  const own = document.value as Record<string, unknown>;
  for (const [key, entry] of [...Object.entries(body), ...Object.entries(own)]) define(value, key, entry);
  return { ...document, value };
}
