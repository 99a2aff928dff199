/** The files of a patch while it is applied. Nothing is written. */

export interface FileContent {
  bytes: Uint8Array;
  /** Permission bits. */
  mode: number;
}

export interface FileChange {
  path: string;
  /** `null`: the file goes. */
  bytes: Buffer | null;
  /** `null`: as it was, or the usual one of a new file. */
  mode: number | null;
}

export type ReadFile = (path: string) => FileContent | null;

/** What later parts of a patch see: the files as earlier parts left them. */
export class PatchedFiles {
  readonly changes: FileChange[] = [];
  readonly warnings: string[] = [];
  readonly #read: ReadFile;
  readonly #changed = new Map<string, FileContent | null>();

  constructor(read: ReadFile) {
    this.#read = read;
  }

  read(path: string): FileContent | null {
    const changed = this.#changed.get(path);
    return changed === undefined ? this.#read(path) : changed;
  }

  write(path: string, bytes: Buffer, mode: number | null): void {
    const before = this.read(path);
    this.changes.push({ path, bytes, mode });
    this.#changed.set(path, { bytes, mode: mode ?? before?.mode ?? 0o644 });
  }

  remove(path: string): void {
    this.changes.push({ path, bytes: null, mode: null });
    this.#changed.set(path, null);
  }
}
