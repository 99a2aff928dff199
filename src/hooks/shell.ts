/**
 * `<home>/shims/{git,rsync,rm,mv}`: what a hooked shell finds in place of these programs, first on its PATH. Scripts that it starts find
 * them too.
 *
 * Each runs the real one, of the same name, further on PATH: as it is when it only reads or when a protected run is under way already,
 * else by way of `holdfast exec`, which puts back what it took of protected components. Without Holdfast the real one runs, and that is
 * said. Crash while they are written: old ones or new ones, each whole.
 */

import { join } from "node:path";
import { holdfastHome } from "../tree/index.ts";
import type { HookPorts } from "./hook-target.ts";
import { installScript, isScript, quoted, type ShimPaths, shimPathsOf } from "./shim.ts";

const SHELL_PROGRAMS = ["git", "rsync", "rm", "mv"] as const;

/** Puts them there, or puts them right. */
export function installShellShims(ports: HookPorts): string {
  const folder = shellShimFolder(ports);
  const paths = shimPathsOf(ports);
  for (const program of SHELL_PROGRAMS) {
    const [path, text] = [join(folder, program), shellShimText(program, folder, paths)];
    if (!isScript(path, text, ports.disk)) installScript(path, text, ports.disk);
  }
  return folder;
}

export function shellShimFolder(ports: HookPorts): string {
  return join(holdfastHome(ports), "shims");
}

/** For `eval`, in any POSIX shell; a second time it changes nothing. */
export function shellText(folder: string): string {
  return `case ":$PATH:" in *:${quoted(folder)}:*) ;; *) PATH=${quoted(folder)}:$PATH; export PATH ;; esac
hash -r 2>/dev/null
`;
}

/** git's verbs that read only, unless told to write a file. */
const READING =
  "status|log|show|diff|rev-parse|rev-list|ls-files|ls-tree|cat-file|describe|merge-base|for-each-ref|blame|version";

function shellShimText(program: string, folder: string, { home, launcher, node }: ShimPaths): string {
  const pass =
    program !== "git"
      ? ""
      : `
case \${1:-} in
  ${READING})
    case " $* " in
      *" -o"* | *" -O"* | *" --o"*) ;;
      *) exec "$real" "$@" ;;
    esac
    ;;
esac
`;
  return `#!/bin/sh
# ${program} in a shell with Holdfast's hooks: written by \`holdfast hooks shell\`. It runs the real ${program}, so that nothing protected is lost.
own=${quoted(folder)}
launcher=${quoted(launcher)}
node=${quoted(node)}
real=
rest=$PATH:
while [ -n "$rest" ]; do
  at=\${rest%%:*}
  rest=\${rest#*:}
  if [ "\${at%/}" != "$own" ] && [ -f "\${at:-.}/${program}" ] && [ -x "\${at:-.}/${program}" ]; then
    real=\${at:-.}/${program}
    break
  fi
done
if [ -z "$real" ]; then
  printf '%s: not found\\n' ${program} >&2
  exit 127
fi

# What a protected run starts is under its protection.
if [ -n "\${HOLDFAST_RUN:-}" ] && kill -0 "$HOLDFAST_RUN" 2>/dev/null; then exec "$real" "$@"; fi
${pass}
if [ -x "$launcher" ] && { [ -x "$node" ] || command -v node >/dev/null 2>&1; }; then
  HOLDFAST_HOME=\${HOLDFAST_HOME:-${quoted(home)}} exec "$launcher" exec --or-unprotected -- "$real" "$@"
fi
printf 'holdfast: limited: %s is gone, so ${program} ran unprotected\\n' "$launcher" >&2
exec "$real" "$@"
`;
}
