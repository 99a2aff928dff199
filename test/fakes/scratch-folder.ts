/** Folders for what a test needs only while it runs; in memory where the system offers that, because thousands of them are slow on a disk. */

import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MEMORY = "/dev/shm";

export async function inScratchFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = fs.mkdtempSync(join(fs.existsSync(MEMORY) ? MEMORY : tmpdir(), "holdfast-test-"));
  try {
    return await work(folder);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
