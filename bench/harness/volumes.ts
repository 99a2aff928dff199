/**
 * File systems that were made just now.
 *
 * On ext4 creating files is 15 times slower for minutes after a mass deletion (`recently_deleted`), so what creates files runs on a
 * loop file system that is made anew each time. That takes root. Without it a volume is a plain folder, and "anew" moves the old
 * content aside: nothing is deleted until the end.
 *
 * The images are written full of zeroes first and reached by direct I/O, so that a barrier on the volume is one on the device, and
 * not also a change of the outer file system's metadata.
 */

import { execFileSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

export interface Volume {
  /** An empty folder; the same path after each `renew`. */
  readonly dir: string;
  /** Empty again, and never used. */
  renew(): void;
}

const MIB = 1 << 20;
const ZEROES = Buffer.alloc(8 * MIB);

export class Volumes {
  readonly areFileSystems: boolean;
  readonly #folder: string;
  readonly #ends: (() => void)[] = [];
  #count = 0;

  /** `folder` is empty, and belongs to nobody else. */
  constructor(folder: string) {
    this.#folder = folder;
    this.areFileSystems = process.platform === "linux" && process.getuid?.() === 0 && canMount(folder);
  }

  make(sizeMib: number): Volume {
    const name = `volume-${this.#count++}`;
    return this.areFileSystems ? this.#loopVolume(name, sizeMib) : this.#folderVolume(name);
  }

  /** Unmounts what was mounted here, and nothing else; removes the images. */
  end(): void {
    for (const end of this.#ends.splice(0).reverse()) end();
  }

  #loopVolume(name: string, sizeMib: number): Volume {
    const image = join(this.#folder, `${name}.img`);
    const dir = join(this.#folder, name);
    mkdirSync(dir);
    fillWithZeroes(image, sizeMib);
    const device = attach(image);
    let isMounted = false;
    const unmount = () => {
      if (!isMounted) return;
      unmountPatiently(dir);
      isMounted = false;
    };
    const renew = () => {
      unmount();
      const options = "lazy_itable_init=1,lazy_journal_init=1,nodiscard";
      // Small files, many of them: the usual number of inodes would be used up long before the space is.
      execFileSync("mkfs.ext4", ["-q", "-F", "-i", "4096", "-E", options, device], { stdio: "pipe" });
      execFileSync("mount", ["-o", "noinit_itable", device, dir], { stdio: "pipe" });
      isMounted = true;
      rmSync(join(dir, "lost+found"), { recursive: true });
      execFileSync("sync", ["-f", dir]);
    };
    this.#ends.push(() => {
      unmount();
      execFileSync("losetup", ["-d", device], { stdio: "pipe" });
      rmSync(image, { force: true });
    });
    renew();
    return { dir, renew };
  }

  #folderVolume(name: string): Volume {
    const dir = join(this.#folder, name);
    let used = 0;
    mkdirSync(dir);
    const renew = () => {
      renameSync(dir, `${dir}-used-${used++}`);
      mkdirSync(dir);
    };
    return { dir, renew };
  }
}

/** Root in a container may be refused. */
function canMount(folder: string): boolean {
  const image = join(folder, "probe.img");
  try {
    fillWithZeroes(image, 1);
    execFileSync("losetup", ["-d", attach(image)], { stdio: "pipe" });
    execFileSync("mkfs.ext4", ["-V"], { stdio: "pipe" });
    return true;
  } catch {
    return false;
  } finally {
    rmSync(image, { force: true });
  }
}

function fillWithZeroes(image: string, sizeMib: number): void {
  const fd = openSync(image, "w", 0o600);
  try {
    for (let left = sizeMib * MIB; left > 0; left -= ZEROES.length)
      writeSync(fd, ZEROES, 0, Math.min(left, ZEROES.length));
  } finally {
    closeSync(fd);
  }
  execFileSync("sync", [image]);
}

/** The loop device; by direct I/O where the outer file system can. */
function attach(image: string): string {
  const losetup = (...options: string[]) =>
    execFileSync("losetup", ["-f", "--show", ...options, image], { stdio: "pipe" })
      .toString()
      .trim();
  try {
    return losetup("--direct-io=on");
  } catch {
    return losetup();
  }
}

/** A process that ended a moment ago may still hold the folder. */
function unmountPatiently(dir: string): void {
  for (let attempt = 0; ; attempt++) {
    try {
      execFileSync("umount", [dir], { stdio: "pipe" });
      return;
    } catch (error) {
      if (attempt === 20) throw error;
      execFileSync("sleep", ["0.1"]);
    }
  }
}
