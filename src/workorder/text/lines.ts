/**
 * Files and patches as byte strings: one character is one byte (latin1), so that text of any encoding, and binary files, come out
 * byte for byte as they went in, and matching is exact.
 */

export function byteString(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** Of text that came as text: its UTF-8 bytes. */
export function byteStringOf(text: string): string {
  return Buffer.from(text).toString("latin1");
}

export function bytesOf(byteText: string): Buffer {
  return Buffer.from(byteText, "latin1");
}

/** For messages and paths. */
export function readable(byteText: string): string {
  return Buffer.from(byteText, "latin1").toString();
}

/** Each line with its end; the last one may have none. */
export function splitLines(byteText: string): string[] {
  return byteText.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}
