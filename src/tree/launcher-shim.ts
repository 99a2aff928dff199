/**
 * `<home>/bin/holdfast`: what adopted scripts, launchers in a tree and services start. It stays, whatever becomes of the package, and
 * knows where the state lies, which program it is, and which Node runs it: launchd and systemd start it with an empty environment.
 */

import { dirname, join } from "node:path";
import { type Disk, type Ports, shellQuoted } from "../base/index.ts";
import { makeFolders, readWhole, replaceDurably } from "./durable-file.ts";
import { type LastingRuntime, lastingRuntime } from "./lasting-runtime.ts";
import { holdfastHome } from "./state-folder.ts";

export function launcherShimPath(ports: Pick<Ports, "disk" | "process">): string {
  return join(holdfastHome(ports), "bin", "holdfast");
}

/** Puts it there, or puts it right; its path. */
export function installLauncherShim(ports: Pick<Ports, "disk" | "process">): string {
  const { disk } = ports;
  const path = launcherShimPath(ports);
  const text = shimText(holdfastHome(ports), lastingRuntime(ports));
  if (isThere(path, text, disk)) return path;
  makeFolders(disk, dirname(path), 0o755);
  replaceDurably(disk, path, text, MODE);
  return path;
}

const MODE = 0o755;

function shimText(home: string, { launcher, node }: LastingRuntime): string {
  const quoted = shellQuoted(launcher);
  return `#!/bin/sh
# Starts Holdfast, wherever it is installed now. Written by \`holdfast rollback adopt\`, \`service install\` and \`init --preset\`, for
# scripts, services and launchers that must find it whatever is in their environment.
export HOLDFAST_HOME=${shellQuoted(home)}
if [ -x ${quoted} ]; then HOLDFAST_NODE=${shellQuoted(node)} exec ${quoted} "$@"; fi
other=$(command -v holdfast)
if [ -x "$other" ] && ! [ "$other" -ef "$0" ]; then exec "$other" "$@"; fi
printf 'holdfast: %s is gone, and no other is on PATH; nothing was run\\n' ${quoted} >&2
printf '  → install holdfast again, then: holdfast doctor\\n' >&2
exit 3
`;
}

function isThere(path: string, text: string, disk: Disk): boolean {
  const stat = disk.lstat(path);
  if (stat?.kind !== "file" || (stat.mode & 0o111) === 0) return false;
  return readWhole(disk, path)?.equals(Buffer.from(text)) ?? false;
}
