/** A state in words, and two states of one path as a unified diff, where they are text. */

import { createTwoFilesPatch } from "diff";
import type { Entry } from "../base/index.ts";
import type { House } from "./house.ts";

const DIFF_BYTES_MAX = 64 * 1024;

export interface StateText {
  state: string;
  digest: string | null;
  mode: string | null;
}

export function stateOf(entry: Entry): StateText {
  switch (entry.kind) {
    case "file": {
      const mode = `0${entry.mode.toString(8)}`;
      return { state: `a file of ${entry.sizeBytes} bytes, ${mode}, ${entry.digest}`, digest: entry.digest, mode };
    }
    case "dir":
      return { state: "a folder", digest: null, mode: `0${entry.mode.toString(8)}` };
    case "link":
      return { state: `a link to ${entry.target}`, digest: null, mode: null };
    case "absent":
      return { state: "not there", digest: null, mode: null };
  }
}

/** `null` for what is no text, too long, or not both files. */
export function diffOf(
  { path, was, became }: { path: string; was: Entry; became: Entry },
  { vault }: Pick<House, "vault">,
): string | null {
  const [before, after] = [was, became].map((entry) => textOf(entry, vault));
  if (before == null || after == null || before === after) return null;
  return createTwoFilesPatch(`${path} (was)`, `${path} (became)`, before, after, undefined, undefined, { context: 2 });
}

function textOf(entry: Entry, vault: House["vault"]): string | null {
  if (entry.kind === "absent") return "";
  if (entry.kind !== "file" || entry.sizeBytes > DIFF_BYTES_MAX || !vault.has(entry.digest)) return null;
  const bytes = vault.read(entry.digest);
  return bytes.includes(0) ? null : bytes.toString("utf8");
}
