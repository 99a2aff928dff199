/**
 * Puts the many small chunks of a bundle into two files: what every start loads, and the rest.
 *
 * Splitting by verb leaves more than a hundred chunks, of which a verb loads forty; finding and opening a file costs more than
 * running what is in it. In one file each chunk is a function that runs when it is first required: V8 compiles none that is not
 * called. Still the whole text is read and compared, so what is always needed does not lie together with what hardly ever is. Large
 * chunks, mostly libraries, stay files of their own.
 */

import { createHash } from "node:crypto";

const OWN_FILE_BYTES_MIN = 64 * 1024;

/** By file name. */
export interface ChunkPlaces {
  /** Entries stay files. */
  isEntry(name: string): boolean;
  isAtStart(name: string): boolean;
  /** In front of the packs' names. */
  readonly prefix?: string;
}

/** `chunks`: CommonJS by file name. The small ones are found in `start-<hash>.cjs` and `small-<hash>.cjs`. */
export function inOneFile(
  chunks: ReadonlyMap<string, string>,
  { isEntry, isAtStart, prefix = "" }: ChunkPlaces,
): Map<string, string> {
  const small = new Map([...chunks].filter(([name, text]) => !isEntry(name) && text.length < OWN_FILE_BYTES_MIN));
  // One hash for both, of all that is in them: they name each other, and a name stands for one content.
  const hash = createHash("sha256")
    .update(packText([...small]))
    .digest("hex")
    .slice(0, 8)
    .toUpperCase();
  const packOf = (name: string) =>
    small.has(name) ? `${prefix}${isAtStart(name) ? "start" : "small"}-${hash}.cjs` : null;
  const files = new Map<string, string>();
  // Before the entries, like every chunk.
  for (const pack of [`${prefix}small-${hash}.cjs`, `${prefix}start-${hash}.cjs`]) {
    const own = [...small].filter(([name]) => packOf(name) === pack);
    if (own.length > 0) files.set(pack, packText(own.map(([name, text]) => [name, throughPacks(text, packOf, pack)])));
  }
  for (const [name, text] of chunks) if (!small.has(name)) files.set(name, throughPacks(text, packOf, null));
  return named(files, hash);
}

/** A chunk that names the packs has their hash in its text, and so it must have it in its name: compiled code is kept by name. */
function named(files: ReadonlyMap<string, string>, packs: string): Map<string, string> {
  const names = new Map<string, string>();
  for (const name of files.keys()) {
    const found = /^(.*-)([0-9A-Z]{8})\.cjs$/.exec(name);
    if (found === null || found[2] === packs) continue;
    const both = createHash("sha256").update(`${found[2]} ${packs}`).digest("hex").slice(0, 8).toUpperCase();
    names.set(name, `${found[1]}${both}.cjs`);
  }
  const renamed = (text: string) =>
    text.replace(/require\("\.\/([^"]+\.cjs)"\)/g, (call, name: string) =>
      names.has(name) ? `require("./${names.get(name)}")` : call,
    );
  return new Map([...files].map(([name, text]) => [names.get(name) ?? name, renamed(text)]));
}

function packText(chunks: readonly (readonly [string, string])[]): string {
  const functions = chunks.map(([name, text]) => `${JSON.stringify(`./${name}`)}(exports, module) {\n${text}\n}`);
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
    chunks[name](module.exports, module);
  }
  return module.exports;
}
exports.load = load;
`;
}

/** What lies in a pack is asked of that pack; `within`: the one that `text` itself lies in. */
function throughPacks(text: string, packOf: (name: string) => string | null, within: string | null): string {
  return text.replace(/require\("(\.\/[^"]+\.cjs)"\)/g, (call, name: string) => {
    const pack = packOf(name.slice(2));
    if (pack === null) return call;
    return pack === within ? `load("${name}")` : `require("./${pack}").load("${name}")`;
  });
}
