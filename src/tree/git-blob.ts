/** The names that git has for a file's content, computed without git: as it stands, and as a filter would have made it. */

import { createHash } from "node:crypto";
import type { FileEntry } from "../base/index.ts";

const SHA256_LENGTH = 64;

/** `length`: of the repository's object names. As it stands, and with the line ends that `core.autocrlf` commits. */
export function blobNames(bytes: Buffer, length: number): string[] {
  const plain = blobName(bytes, length);
  if (!bytes.includes("\r\n")) return [plain];
  return [plain, blobName(Buffer.from(bytes.toString("latin1").replaceAll("\r\n", "\n"), "latin1"), length)];
}

/** Of the pointer that git-lfs commits in the content's place. */
export function lfsPointerName({ digest, sizeBytes }: FileEntry, length: number): string {
  return blobName(
    Buffer.from(`version https://git-lfs.github.com/spec/v1\noid ${digest}\nsize ${sizeBytes}\n`),
    length,
  );
}

function blobName(bytes: Buffer, length: number): string {
  return createHash(length === SHA256_LENGTH ? "sha256" : "sha1")
    .update(`blob ${bytes.length}\0`)
    .update(bytes)
    .digest("hex");
}
