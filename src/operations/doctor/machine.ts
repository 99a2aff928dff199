/** What Holdfast needs of the machine: git, watches, disk space. */

import { humanBytes, isSystemError, type Ports } from "../../base/index.ts";
import { bad, type Check, ok, warn } from "./finding.ts";

const GIT_MIN = [2, 25] as const;
const GIT_LIMIT_MS = 800;

export const git: Check = {
  name: "git",
  async run({ ports, tree }) {
    if (ports.process.which("git") === null)
      return tree?.git
        ? bad("is not installed, and the tree is a repository", "install git")
        : warn("is not installed");
    const { stdout } = await ports.process.run({
      command: ["git", "--version"],
      cwd: "/",
      timeoutMs: GIT_LIMIT_MS,
    });
    const version = /(\d+)\.(\d+)[.\d]*/.exec(stdout);
    if (version === null) return warn(`says "${stdout.trim()}", which is no version`);
    const [text, major, minor] = [version[0], Number(version[1]), Number(version[2])];
    const isOld = major < GIT_MIN[0] || (major === GIT_MIN[0] && minor < GIT_MIN[1]);
    return isOld ? warn(`${text} is older than ${GIT_MIN.join(".")}`, "install a newer git") : ok(text);
  },
};

/** Linux gives each user so many; beyond them folders are only swept. */
export const watches: Check = {
  name: "watches",
  run({ ports }) {
    if (ports.process.platform !== "linux") return ok("one for the whole tree");
    const max = numberIn("/proc/sys/fs/inotify/max_user_watches", ports);
    const instances = numberIn("/proc/sys/fs/inotify/max_user_instances", ports);
    if (max === null || instances === null) return warn("how many there are cannot be told");
    if (max < WATCHES_MIN)
      return warn(
        `${max} in all: larger trees are partly only swept`,
        `sysctl fs.inotify.max_user_watches=${WATCHES_GOOD}`,
      );
    return ok(`${max.toLocaleString("en")} in all, ${instances} instances`);
  },
};

const WATCHES_MIN = 16_384;
const WATCHES_GOOD = 524_288;

export const diskSpace: Check = {
  name: "disk space",
  run({ ports, tree }) {
    if (tree === null) return [];
    return ["state folder", "tree"].flatMap((name, index) =>
      spaceOf(name, index === 0 ? tree.state.dir : tree.root, ports),
    );
  },
};

const FREE_BAD_BYTES = 256 * 2 ** 20;
const FREE_WARN_BYTES = 2 * 2 ** 30;

function spaceOf(name: string, place: string, { disk }: Ports) {
  const { freeBytes } = disk.space(place);
  const says = `${name}: ${humanBytes(freeBytes)} free`;
  if (freeBytes < FREE_BAD_BYTES) return bad(says, "holdfast vault prune, or free some space");
  return freeBytes < FREE_WARN_BYTES ? warn(says, "holdfast vault prune, or free some space") : ok(says);
}

function numberIn(file: string, { disk }: Ports): number | null {
  try {
    const fd = disk.openRead(file);
    try {
      const bytes = Buffer.alloc(32);
      const text = bytes
        .subarray(0, disk.read(fd, bytes, 0, bytes.length, 0))
        .toString()
        .trim();
      return /^\d+$/.test(text) ? Number(text) : null;
    } finally {
      disk.close(fd);
    }
  } catch (error) {
    if (isSystemError(error)) return null;
    throw error;
  }
}
