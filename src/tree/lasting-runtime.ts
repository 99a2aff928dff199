/**
 * A program and a Node that are still there tomorrow. Version managers (nvm, fnm, volta, asdf, mise, n) remove a Node with everything that
 * was installed under it, and `npx` keeps a package for as long as its cache lasts: what lies there is copied into Holdfast's home once, and
 * what lies anywhere else is named where it is.
 *
 * Crash: at worst a copy under a temporary name, which the next call makes anew. A copy is named after its content and never changed.
 */

import { dirname, join } from "node:path";
import { digester, isSystemError, type Ports } from "../base/index.ts";
import { makeFolders } from "./durable-file.ts";
import { holdfastHome } from "./state-folder.ts";

/** Absolute paths: `bin/holdfast` and the Node for it. */
export interface LastingRuntime {
  readonly launcher: string;
  readonly node: string;
}

type RuntimePorts = Pick<Ports, "disk" | "process">;

export function lastingRuntime(ports: RuntimePorts): LastingRuntime {
  const { launcher, nodePath } = ports.process;
  const root = dirname(dirname(launcher));
  return {
    launcher: isPassing(launcher) ? join(keptProgram(root, ports), "bin", "holdfast") : launcher,
    node: isPassing(nodePath) ? keptFile(nodePath, "node", ports) : nodePath,
  };
}

/** Folders of version managers, and of npx's cache. */
const PASSING =
  /\/(?:\.nvm|\.fnm|fnm|fnm_multishells|\.volta|\.asdf|\.nodenv|\.nodebrew|mise|\.mise|rtx|\.n|n\/versions|_npx)\//;

export function isPassing(path: string): boolean {
  return PASSING.test(path);
}

/** What a start needs: `bin/` and what is built, without what V8 compiled. */
function keptProgram(root: string, ports: RuntimePorts): string {
  const { disk } = ports;
  const files = ["bin", "dist"].flatMap((folder) => filesBelow(root, folder, ports));
  const hash = digester();
  for (const { path, mode } of files) {
    hash.update(Buffer.from(`${path} ${mode}\n`));
    for (const piece of pieces(join(root, path), ports)) hash.update(piece);
  }
  const target = join(runtimeFolder(ports), `holdfast-${shortName(hash.digest())}`);
  if (disk.lstat(target) !== null) return target;
  const temporary = `${target}.${ports.process.pid}.new`;
  for (const { path, mode } of files) {
    makeFolders(disk, dirname(join(temporary, path)), 0o755);
    copyFile(join(root, path), join(temporary, path), mode, ports);
  }
  install(temporary, target, ports);
  return target;
}

function keptFile(from: string, name: string, ports: RuntimePorts): string {
  const { disk } = ports;
  const hash = digester();
  for (const piece of pieces(from, ports)) hash.update(piece);
  const target = join(runtimeFolder(ports), `${name}-${shortName(hash.digest())}`);
  if (disk.lstat(target) !== null) return target;
  makeFolders(disk, dirname(target), 0o755);
  const temporary = `${target}.${ports.process.pid}.new`;
  if (disk.lstat(temporary) !== null) disk.unlink(temporary);
  copyFile(from, temporary, 0o755, ports);
  install(temporary, target, ports);
  return target;
}

/** Another process may have been faster: then its copy counts, which is the same. */
function install(temporary: string, target: string, { disk }: RuntimePorts): void {
  try {
    disk.rename(temporary, target);
  } catch (error) {
    if (!isSystemError(error, "ENOTEMPTY", "EEXIST")) throw error;
  }
  disk.syncDir(dirname(target));
}

function runtimeFolder(ports: RuntimePorts): string {
  return join(holdfastHome(ports), "runtime");
}

function shortName(digest: string): string {
  return digest.slice(digest.indexOf(":") + 1).slice(0, NAME_LENGTH);
}

const NAME_LENGTH = 16;

function filesBelow(root: string, folder: string, ports: RuntimePorts): { path: string; mode: number }[] {
  const { disk } = ports;
  return disk
    .list(join(root, folder))
    .names.sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(({ name, kind }) => {
      const path = `${folder}/${name}`;
      if (kind === "dir") return name === "compile-cache" ? [] : filesBelow(root, path, ports);
      return kind === "file" ? [{ path, mode: (disk.lstat(join(root, path))?.mode ?? 0o644) & 0o777 }] : [];
    });
}

const PIECE_BYTES = 4 * 2 ** 20;

/** Each good until the next is asked for. */
function* pieces(path: string, { disk }: RuntimePorts): IterableIterator<Buffer> {
  const fd = disk.openRead(path);
  try {
    const buffer = Buffer.allocUnsafe(PIECE_BYTES);
    for (let position = 0; ; ) {
      const count = disk.read(fd, buffer, 0, buffer.length, position);
      if (count === 0) return;
      yield buffer.subarray(0, count);
      position += count;
    }
  } finally {
    disk.close(fd);
  }
}

function copyFile(from: string, to: string, mode: number, ports: RuntimePorts): void {
  const { disk } = ports;
  const fd = disk.createNew(to, mode);
  try {
    for (const piece of pieces(from, ports)) disk.write(fd, piece, null);
    disk.fchmod(fd, mode);
    disk.fsync(fd);
  } finally {
    disk.close(fd);
  }
}
