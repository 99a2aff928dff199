/**
 * Commits that may be reached by no ref: among the objects that are not packed yet, and in the packs that `git gc` keeps for them.
 * Only names are read here; whether a ref reaches them is asked of git.
 */

import { join } from "node:path";
import { isSystemError, LIMITS, type Ports } from "../../base/index.ts";
import { type Repository, readFacts } from "../git-past/repository.ts";

export async function looseCommits(
  repository: Repository,
  { disk }: Pick<Ports, "disk">,
): Promise<{ commits: string[]; note: string | null }> {
  const objects = join(repository.location.commonDir, "objects");
  const names: string[] = [];
  for (let byte = 0; byte < 256; byte += 1) {
    const folder = byte.toString(16).padStart(2, "0");
    for (const name of namesIn(join(objects, folder), disk))
      if (/^[0-9a-f]{38,62}$/.test(name)) names.push(folder + name);
    if (names.length > LIMITS.diagnoseLooseMax) return { commits: [], note: "too many loose objects to look through" };
  }
  for (const name of namesIn(join(objects, "pack"), disk)) {
    if (!name.endsWith(".mtimes")) continue;
    names.push(...(await namesInPack(repository, join(objects, "pack", name.replace(/mtimes$/, "idx")), disk)));
  }
  const facts = await readFacts(repository, names);
  return { commits: facts.flatMap((one) => (one?.type === "commit" ? [one.oid] : [])), note: null };
}

/** A pack's index, version 2: magic, version, 256 counts, then the sorted names. */
async function namesInPack({ head }: Repository, path: string, disk: Ports["disk"]): Promise<string[]> {
  const length = (head.commit?.length ?? 40) / 2;
  const fd = disk.openRead(path);
  try {
    const table = Buffer.alloc(8 + 1024);
    if (disk.read(fd, table, 0, table.length, 0) < table.length || table.readUInt32BE(0) !== 0xff744f63) return [];
    const count = Math.min(table.readUInt32BE(8 + 255 * 4), LIMITS.diagnoseLooseMax);
    const bytes = Buffer.alloc(count * length);
    disk.read(fd, bytes, 0, bytes.length, table.length);
    return Array.from({ length: count }, (_, index) => bytes.toString("hex", index * length, (index + 1) * length));
  } finally {
    disk.close(fd);
  }
}

function namesIn(folder: string, disk: Ports["disk"]): string[] {
  try {
    return disk.list(folder).names.map(({ name }) => name);
  } catch (error) {
    if (isSystemError(error)) return [];
    throw error;
  }
}
