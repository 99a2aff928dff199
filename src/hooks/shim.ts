/**
 * `<home>/bin/holdfast-hook`: what agents call. A POSIX shell script at a place that stays, whatever becomes of the package.
 *
 * It never fails and never blocks an agent for long: whatever goes wrong is said on stderr, and the command proceeds. A daemon that
 * listens is asked with curl, at a third of what a Node would cost; else Holdfast is started; where neither is there, that is said.
 * Only an answer on stdout can deny: the exit code is never 2, which agents take for a denial, nor 127, with which a hook stops protecting.
 */

import { dirname, join } from "node:path";
import { type Disk, isSystemError } from "../base/index.ts";
import { holdfastHome, makeFolders, readWhole } from "../tree/index.ts";
import type { HookPorts } from "./hook-target.ts";

export function shimPathsOf(ports: Pick<HookPorts, "process" | "disk">): ShimPaths {
  const { launcher, nodePath } = ports.process;
  return { home: holdfastHome(ports), launcher, node: nodePath };
}

export function shimPath(home: string): string {
  return join(home, "bin", "holdfast-hook");
}

/** In a tree's state folder while its daemon takes hooks: its root and the socket, a line each. */
export const ADDRESS_FILE = "hook-address";

/** What the script starts where no daemon answers: this Node with this program, or whatever the package finds. */
export interface ShimPaths {
  readonly home: string;
  readonly launcher: string;
  readonly node: string;
}

export function shimText({ home, launcher, node }: ShimPaths): string {
  return `#!/bin/sh
# holdfast-hook AGENT: asks Holdfast about what an agent is about to do. Written by \`holdfast hooks install\`; removed by
# \`holdfast hooks remove\`. Without it, or without Holdfast, agents go on unprotected. It never fails: see docs/hooks.md.
home=${quoted(home)}
launcher=${quoted(launcher)}
node=${quoted(node)}
agent=\${1:-}
payload=$(cat)

socket=
best=
for place in "$home"/*/${ADDRESS_FILE}; do
  root=
  address=
  { IFS= read -r root && IFS= read -r address; } 2>/dev/null <"$place" || continue
  [ -S "$address" ] || continue
  case $PWD/ in
    "$root"/*) [ \${#root} -gt \${#best} ] && best=$root && socket=$address ;;
    *) [ -n "$socket" ] || socket=$address ;;
  esac
done

if [ -n "$socket" ] && command -v curl >/dev/null 2>&1; then
  curl -q -s -f -m 4 --noproxy '*' --unix-socket "$socket" -H 'Expect:' -H 'Content-Type: application/json' \\
    --data-binary @- "http://holdfast/hook/$agent?pid=$PPID" 2>/dev/null <<end-of-payload
$payload
end-of-payload
  case $? in
    0) exit 0 ;;
    28)
      printf 'holdfast: limited: the daemon did not answer in time, so nothing was checked; see holdfast status\\n' >&2
      exit 0
      ;;
  esac
fi

export HOLDFAST_HOME="$home"
if [ -x "$node" ] && [ -f "\${launcher%/*}/start.cjs" ]; then
  unset NODE_OPTIONS
  exec "$node" "\${launcher%/*}/start.cjs" hook "$agent" "$PPID" <<end-of-payload
$payload
end-of-payload
elif [ -x "$launcher" ]; then
  "$launcher" hook "$agent" "$PPID" <<end-of-payload
$payload
end-of-payload
else
  printf 'holdfast: limited: %s is gone, so nothing was checked\\n' "$launcher" >&2
  printf '  → install holdfast again, then: holdfast hooks install %s\\n' "$agent" >&2
fi
exit 0
`;
}

/** Puts it there, or puts it right. `true` when anything was changed. */
export function installShim(paths: ShimPaths, disk: Disk): boolean {
  const path = shimPath(paths.home);
  const text = shimText(paths);
  if (isScript(path, text, disk)) return false;
  installScript(path, text, disk);
  return true;
}

/** Crash: the old one or the new one. */
export function installScript(path: string, text: string, disk: Disk): void {
  makeFolders(disk, dirname(path), 0o755);
  const temporary = `${path}.new`;
  if (disk.lstat(temporary) !== null) disk.unlink(temporary);
  const fd = disk.createNew(temporary, SHIM_MODE);
  try {
    disk.write(fd, Buffer.from(text), null);
    disk.fchmod(fd, SHIM_MODE);
    disk.fsync(fd);
  } finally {
    disk.close(fd);
  }
  disk.rename(temporary, path);
  disk.syncDir(dirname(path));
}

/** Where a hook is installed and the package that it was installed from is gone or moved, this one takes its place. */
export function refreshShim(ports: HookPorts): void {
  const paths = shimPathsOf(ports);
  const path = shimPath(paths.home);
  if (!isShimThere(path, ports.disk)) return;
  const launcher = /^launcher='(.*)'$/m.exec(readWhole(ports.disk, path)?.toString("utf8") ?? "")?.[1] ?? "";
  if (ports.disk.lstat(launcher.replaceAll("'\\''", "'")) === null) installShim(paths, ports.disk);
}

export function removeShim(home: string, disk: Disk): void {
  const path = shimPath(home);
  if (disk.lstat(path) !== null) disk.unlink(path);
  removeIfEmpty(dirname(path), disk);
}

/** Executable, and as this Holdfast would write it. */
export function isScript(path: string, text: string, disk: Disk): boolean {
  const stat = disk.lstat(path);
  if (stat?.kind !== "file" || (stat.mode & 0o111) === 0) return false;
  return readWhole(disk, path)?.equals(Buffer.from(text)) ?? false;
}

/** Whichever Holdfast wrote it: another version's protects as well. */
export function isShimThere(path: string, disk: Disk): boolean {
  const stat = disk.lstat(path);
  if (stat?.kind !== "file" || (stat.mode & 0o111) === 0) return false;
  return readWhole(disk, path)?.toString("utf8").startsWith(`#!/bin/sh\n# holdfast-hook AGENT`) ?? false;
}

/** `false`: others are in it, or it is not ours to remove. */
export function removeIfEmpty(folder: string, disk: Disk): boolean {
  try {
    disk.rmdir(folder);
    return true;
  } catch (error) {
    if (isSystemError(error, "ENOTEMPTY", "EEXIST", "ENOENT", "EACCES", "EROFS", "EBUSY", "EPERM")) return false;
    throw error;
  }
}

/** For a shell, in single quotes. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

const SHIM_MODE = 0o755;
