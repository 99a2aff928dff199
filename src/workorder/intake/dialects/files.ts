/** `files`: a list of `{path, content}`, or a mapping from path to content. */

import { type Fields, type Found, isRecord } from "../fields.ts";
import { type Body, carries, completeEntries, exactText } from "./body.ts";
import { CONTENT_NAMES } from "./names.ts";
import { operationKind, readOperation } from "./operations.ts";

export function readFiles(root: Fields, body: Body): void {
  for (const found of root.all("files")) {
    if (isRecord(found.value)) readMapping(root, found, found.value, body);
    else readList(root, found, body);
  }
}

function readList(root: Fields, found: Found, body: Body): void {
  const isComplete = (entry: unknown) => carries(entry, CONTENT_NAMES) || operationKind(entry) === "delete";
  const entries = completeEntries(root.reading, found, { isComplete, missing: "content" });
  for (const entry of entries) readOperation(entry, body, "write");
  if (entries.length > 0) body.paths.push(found.path);
}

function readMapping(root: Fields, found: Found, files: Record<string, unknown>, body: Body): void {
  const { reading } = root;
  if (typeof files["path"] === "string" && carries(files, CONTENT_NAMES)) {
    throw reading.refusal(found.path, "is one entry; write a list of entries, or a mapping from path to content");
  }
  const isComplete = (value: unknown) => (isRecord(value) ? carries(value, CONTENT_NAMES) : value !== null);
  if (!Object.values(files).some(isComplete)) return;
  const last = Object.keys(files).at(-1);
  for (const [name, value] of Object.entries(files)) {
    const path = [...found.path, name];
    if (!isComplete(value)) {
      throw reading.refusal(
        path,
        "has no content, and others beside it have",
        name === last ? "WO_CUT_OFF" : "WO_INVALID",
      );
    }
    if (isRecord(value)) {
      const fields = root.entry({ ...value, path: name }, path);
      readOperation({ fields, path }, body, "write");
    } else {
      const content = Buffer.from(exactText(reading, { path, value })).toString("base64");
      body.operations.push({ op: "write", path: name, content, mode: null, sha256: null });
    }
  }
  body.paths.push(found.path);
}
