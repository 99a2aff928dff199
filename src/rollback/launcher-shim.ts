/** `<home>/bin/holdfast`: what adopted scripts start. It stays, whatever becomes of the package, and knows where the state lies. */

import { dirname, join } from "node:path";
import type { Disk, Ports } from "../base/index.ts";
import { holdfastHome, makeFolders, readWhole, replaceDurably } from "../tree/index.ts";
import { quoted } from "./adoption-line.ts";

/** Puts it there, or puts it right; its path. */
export function installLauncherShim({ disk, process }: Pick<Ports, "disk" | "process">): string {
  const home = holdfastHome({ disk, process });
  const path = join(home, "bin", "holdfast");
  const text = shimText(home, process.launcher);
  if (isThere(path, text, disk)) return path;
  makeFolders(disk, dirname(path), 0o755);
  replaceDurably(disk, path, text, MODE);
  return path;
}

const MODE = 0o755;

function shimText(home: string, launcher: string): string {
  return `#!/bin/sh
# Starts Holdfast, wherever it is installed now. Written by \`holdfast rollback adopt\`, for the scripts that it adopted.
export HOLDFAST_HOME=${quoted(home)}
if [ -x ${quoted(launcher)} ]; then exec ${quoted(launcher)} "$@"; fi
other=$(command -v holdfast)
if [ -x "$other" ] && ! [ "$other" -ef "$0" ]; then exec "$other" "$@"; fi
printf 'holdfast: %s is gone, and no other is on PATH; nothing was run\\n' ${quoted(launcher)} >&2
printf '  → install holdfast again, then: holdfast rollback adopt <script>\\n' >&2
exit 3
`;
}

function isThere(path: string, text: string, disk: Disk): boolean {
  const stat = disk.lstat(path);
  if (stat?.kind !== "file" || (stat.mode & 0o111) === 0) return false;
  return readWhole(disk, path)?.equals(Buffer.from(text)) ?? false;
}
