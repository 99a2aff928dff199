/**
 * Puts the many small chunks of a bundle into one file.
 *
 * Splitting by verb leaves some eighty chunks, of which a verb loads thirty; finding and opening a file costs more than running what is
 * in it. In one file each chunk is a function that runs when it is first required: V8 compiles none that is not called. Large
 * chunks, mostly libraries, stay files of their own.
 */

import { createHash } from "node:crypto";

const OWN_FILE_BYTES_MIN = 64 * 1024;

/** `chunks`: CommonJS by file name. Entries stay files, and find the small ones in `small-<hash>.cjs`. */
export function inOneFile(
  chunks: ReadonlyMap<string, string>,
  isEntry: (name: string) => boolean,
): Map<string, string> {
  const small = new Map([...chunks].filter(([name, text]) => !isEntry(name) && text.length < OWN_FILE_BYTES_MIN));
  const hash = createHash("sha256")
    .update(JSON.stringify([...small]))
    .digest("hex")
    .slice(0, 8)
    .toUpperCase();
  const pack = `small-${hash}.cjs`;
  const files = new Map<string, string>();
  for (const [name, text] of chunks) if (!small.has(name)) files.set(name, throughPack(text, small, pack));
  // Before the entries, like every chunk.
  return new Map([[pack, packOf(small)], ...files]);
}

function packOf(small: ReadonlyMap<string, string>): string {
  const functions = [...small].map(
    ([name, text]) => `${JSON.stringify(`./${name}`)}(exports, require, module) {\n${text}\n}`,
  );
  return `"use strict";
const chunks = {
${functions.join(",\n")}
};
const loaded = new Map();
function load(name) {
  let module = loaded.get(name);
  if (module === undefined) {
    module = { exports: {} };
    loaded.set(name, module);
    chunks[name](module.exports, (wanted) => (wanted in chunks ? load(wanted) : require(wanted)), module);
  }
  return module.exports;
}
exports.load = load;
`;
}

/** A file that stays a file asks the pack for what is in it. */
function throughPack(text: string, small: ReadonlyMap<string, string>, pack: string): string {
  return text.replace(/require\("(\.\/[^"]+\.cjs)"\)/g, (call, name: string) =>
    small.has(name.slice(2)) ? `require("./${pack}").load("${name}")` : call,
  );
}
