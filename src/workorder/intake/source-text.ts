/**
 * One file's text, able to say where an offset is.
 *
 * Everything that reads an order fails through `fail`, so that every refusal names file, line and column.
 */

import { type ErrorCode, HoldfastError, LIMITS } from "../../base/index.ts";

/** Line and column count from 1; a column counts UTF-16 units. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export class SourceText {
  readonly text: string;
  readonly filename: string;

  constructor(text: string, filename: string) {
    this.text = text;
    this.filename = filename;
  }

  place(offset: number): Place {
    const before = this.text.slice(0, offset);
    let line = 1;
    for (let at = before.indexOf("\n"); at !== -1; at = before.indexOf("\n", at + 1)) line += 1;
    return { line, column: offset - before.lastIndexOf("\n") };
  }

  fail(code: ErrorCode, message: string, offset: number, data: Record<string, unknown> = {}): never {
    const place = this.place(offset);
    throw new HoldfastError(code, `${this.filename}:${place.line}:${place.column}: ${message}`, {
      data: { file: this.filename, ...place, ...data },
    });
  }
}

/**
 * Decodes UTF-8, taking a byte order mark off.
 * `WO_TOO_LARGE` before anything is looked at; `WO_UNREADABLE` with `data.byteOffset` for other encodings and NUL bytes.
 */
export function decodeText(bytes: Uint8Array, filename: string): SourceText {
  if (bytes.length > LIMITS.orderSizeBytesMax) {
    throw new HoldfastError(
      "WO_TOO_LARGE",
      `${filename} has ${bytes.length} bytes, the limit is ${LIMITS.orderSizeBytesMax}`,
      {
        data: { file: filename, sizeBytes: bytes.length, limitBytes: LIMITS.orderSizeBytesMax },
      },
    );
  }
  if (bytes.length >= 2 && ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))) {
    unreadable(filename, 0, "is UTF-16; an order must be UTF-8");
  }
  const nul = bytes.indexOf(0);
  if (nul !== -1) unreadable(filename, nul, `has a NUL byte at offset ${nul}`);
  try {
    return new SourceText(new TextDecoder("utf-8", { fatal: true }).decode(bytes), filename);
  } catch {
    const byteOffset = firstInvalidByte(bytes);
    unreadable(filename, byteOffset, `is not valid UTF-8 at byte offset ${byteOffset}`);
  }
}

function unreadable(file: string, byteOffset: number, what: string): never {
  throw new HoldfastError("WO_UNREADABLE", `${file} ${what}`, { data: { file, byteOffset } });
}

/** The length of the longest prefix that decodes, by halving: the decoder does not say where it stopped. */
function firstInvalidByte(bytes: Uint8Array): number {
  let valid = 0;
  let invalid = bytes.length + 1;
  while (invalid - valid > 1) {
    const middle = (valid + invalid) >> 1;
    if (isPrefixValid(bytes.subarray(0, middle))) valid = middle;
    else invalid = middle;
  }
  return Math.min(valid, bytes.length);
}

function isPrefixValid(prefix: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(prefix, { stream: true });
    return true;
  } catch {
    return false;
  }
}
