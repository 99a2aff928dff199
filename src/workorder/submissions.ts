/**
 * From what somebody handed in (a file, a folder, stdin) to orders that can be taken. Pure: reads no disk.
 *
 * All documents of a file must be readable, else none is taken: half of what an author meant as one piece is worse than nothing.
 */

import { HoldfastError } from "../base/index.ts";
import type { Actor } from "../ledger/index.ts";
import { classify } from "./intake/classify.ts";
import { classifyFolder, type FolderFiles, isFolderOrder } from "./intake/folder.ts";
import { type Parsed, parseDocuments } from "./intake/parse.ts";
import type { Classified } from "./order.ts";
import type { Submission } from "./receive.ts";

export interface HandedIn {
  /** Path below the folder → content; a single file has the one name `""`. */
  files: FolderFiles;
  /** The file's or folder's own name. */
  filename: string;
  agent: string | null;
  via: Submission["via"];
  inboxPath?: string | null;
  actor: Actor;
}

export interface ReadSubmissions {
  submissions: Submission[];
  notOrders: NotAnOrder[];
}

export interface NotAnOrder {
  /** Which document of the file, from 0. */
  index: number;
  what: string;
  reason: string;
}

/** Throws what reading throws, with file, line and column: `WO_SYNTAX`, `WO_CUT_OFF`, `WO_CHECKSUM`, `WO_INVALID` … */
export function readSubmissions(handedIn: HandedIn): ReadSubmissions {
  const { files, filename, agent, via, actor, inboxPath = null } = handedIn;
  const read: ReadSubmissions = { submissions: [], notOrders: [] };
  documentsOf(files, filename, via).forEach(({ classified, raw }, index) => {
    if (classified.kind === "order") {
      read.submissions.push({ order: classified.order, raw, filename, agent, via, inboxPath, actor });
    } else {
      read.notOrders.push({ index, what: classified.what, reason: classified.reason });
    }
  });
  return read;
}

/** What somebody hands in by name is whole. A dropped file may have lost its end: that matters where a shorter word does other harm. */
function unlessMeant(document: Parsed, via: Submission["via"]): Parsed {
  const { cutOff } = document;
  if (!cutOff?.isPlain || (via === "inbox" && cutOff.path.some((key) => RUN_OR_REMOVED.has(key)))) return document;
  return { ...document, cutOff: null };
}

/** `rm -rf build` may be the start of more, and `op: delete, path: src` too. */
const RUN_OR_REMOVED: ReadonlySet<string | number> = new Set([
  "steps",
  "cmd",
  "code",
  "post_verify",
  "tests",
  "operations",
  "ops",
]);

interface Document {
  classified: Classified;
  raw: Uint8Array;
}

function documentsOf(files: FolderFiles, filename: string, via: Submission["via"]): Document[] {
  const single = files.get("");
  if (single === undefined) return [folderDocument(files, filename)];
  const documents = parseDocuments(single, filename).map((document) => unlessMeant(document, via));
  return documents.map((document) => ({
    classified: classify(document),
    // Of several documents each has bytes of its own, so that correcting one does not make the others look changed.
    raw: documents.length === 1 ? single : Buffer.from(JSON.stringify(document.value)),
  }));
}

function folderDocument(files: FolderFiles, filename: string): Document {
  if (!isFolderOrder(files)) {
    throw new HoldfastError(
      "WO_INVALID",
      `the folder ${filename} is no order: it has neither manifest.json nor checksums.sha256`,
      {
        hint: "hand in the order's file itself",
        data: { file: filename },
      },
    );
  }
  return { classified: classifyFolder(files, filename), raw: folderBytes(files, filename) };
}

/** All of a folder as one document, the same for the same content: text as it is, anything else as base64. */
function folderBytes(files: FolderFiles, folder: string): Buffer {
  const names = [...files.keys()].sort();
  const content = names.map((name) => [name, textOrBase64(files.get(name)!)] as const);
  return Buffer.from(JSON.stringify({ folder, files: content }));
}

function textOrBase64(bytes: Uint8Array): string | { base64: string } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString();
  return Buffer.from(text).equals(buffer) ? text : { base64: buffer.toString("base64") };
}
