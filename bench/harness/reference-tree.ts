/**
 * The tree that everything is measured on: 24,000 files in 3,700 folders or so, 230 to 270 MB, copied from installed packages.
 *
 * The same packages give the same tree. They are fewer than it takes, so they are copied again and again, and each copy of a file
 * begins with a line that no other has: nobody saves by finding the same bytes twice. Names that Holdfast leaves out by default, or
 * that mean something to git, are changed, so that everybody is given the same work. It is kept between runs, and counted before use.
 */

import { execFileSync } from "node:child_process";
import {
  chmodSync,
  type Dirent,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { DEFAULT_EXCLUDE } from "../../src/tree/defaults.ts";

export interface ReferenceTree {
  readonly dir: string;
  readonly files: number;
  readonly folders: number;
  readonly bytes: number;
}

const BYTES_PER_FILE_MAX = 270e6 / 24_000;
const FILE_BYTES_LIMITS = [2 << 20, 1 << 20, 512 << 10, 256 << 10, 128 << 10];

/** Built from what lies below `packages`, and kept in `cache`. */
export function referenceTree(options: { cache: string; packages: string; files: number }): ReferenceTree {
  const dir = join(options.cache, `tree-${options.files}`);
  const noted = `${dir}.json`;
  if (existsSync(noted)) {
    const expected = JSON.parse(readFileSync(noted, "utf8")) as Omit<ReferenceTree, "dir">;
    const found = count(dir);
    if (found.files === expected.files && found.folders === expected.folders && found.bytes === expected.bytes)
      return { dir, ...found };
  }
  rmSync(dir, { recursive: true, force: true });
  rmSync(noted, { force: true });
  build(`${dir}.new`, options.packages, options.files);
  renameSync(`${dir}.new`, dir);
  const built = count(dir);
  writeFileSync(noted, JSON.stringify(built));
  return { dir, ...built };
}

/** A copy for one contestant, with modes and without times, durable. */
export function copyTree(from: string, to: string): void {
  execFileSync("cp", ["-R", "-P", from, to], { stdio: "pipe" });
  execFileSync("sync", process.platform === "linux" ? ["-f", to] : []);
}

/** Every file's path from `dir`, sorted. */
export function filesOf(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
    .sort();
}

function build(dir: string, packages: string, wanted: number): void {
  rmSync(dir, { recursive: true, force: true });
  const found = sourceFiles(packages);
  const copies = (files: readonly Source[]) =>
    Array.from({ length: wanted }, (_, index) => files[index % files.length]!);
  const limit =
    FILE_BYTES_LIMITS.find((bytes) => {
      const files = found.filter(({ sizeBytes }) => sizeBytes <= bytes);
      return copies(files).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) <= BYTES_PER_FILE_MAX * wanted;
    }) ?? FILE_BYTES_LIMITS.at(-1)!;
  const files = found.filter(({ sizeBytes }) => sizeBytes <= limit);
  for (const [index, { path, mode }] of copies(files).entries()) {
    const round = Math.floor(index / files.length) + 1;
    const target = join(dir, `packages-${round}`, path.split("/").map(rememberedName).join("/"));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, Buffer.concat([Buffer.from(`// ${round} ${index}\n`), readFileSync(join(packages, path))]));
    chmodSync(target, mode & 0o100 ? 0o755 : 0o644);
  }
}

interface Source {
  readonly path: string;
  readonly sizeBytes: number;
  readonly mode: number;
}

/** Regular files below the packages' folder, sorted by path; the tools' own notes and caches (dot-folders) left out. */
function sourceFiles(packages: string): Source[] {
  const sources: Source[] = [];
  const pending = [""];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    for (const entry of readdirSync(join(packages, folder), { withFileTypes: true })) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (isToolsOwn(folder, entry)) continue;
      if (entry.isDirectory()) pending.push(path);
      if (!entry.isFile()) continue;
      const { size, mode } = lstatSync(join(packages, path));
      if (size <= FILE_BYTES_LIMITS[0]!) sources.push({ path, sizeBytes: size, mode });
    }
  }
  if (sources.length === 0) throw new Error(`no packages are installed in ${packages}`);
  return sources.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function isToolsOwn(folder: string, entry: Dirent): boolean {
  return entry.name.startsWith(".") && (folder === "" || folder.endsWith("node_modules"));
}

const PLAIN_EXCLUDES = new Set(DEFAULT_EXCLUDE.filter((pattern) => !pattern.includes("*")));
const EXCLUDED_ENDINGS = DEFAULT_EXCLUDE.filter((pattern) => pattern.startsWith("*")).map((pattern) =>
  pattern.slice(1),
);

function rememberedName(name: string): string {
  if (name.startsWith(".git") || PLAIN_EXCLUDES.has(name)) return `the-${name.replace(/^\./, "")}`;
  return EXCLUDED_ENDINGS.some((ending) => name.endsWith(ending)) ? `${name}.txt` : name;
}

function count(dir: string): Omit<ReferenceTree, "dir"> {
  const total = { files: 0, folders: 0, bytes: 0 };
  if (!existsSync(dir)) return total;
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) total.folders += 1;
    if (!entry.isFile()) continue;
    total.files += 1;
    total.bytes += lstatSync(join(entry.parentPath, entry.name)).size;
  }
  return total;
}
