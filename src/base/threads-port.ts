/** Work beside the main thread. */

import type { Disk } from "./disk-port.ts";

/** What a second thread can do: a name, and the types of what goes in and comes out. Both are copied; memory can be shared in them. */
export interface Jobs {
  readonly look: { readonly data: LookJob; readonly result: null };
  /** Copies the log of an own database into it, as far as nobody is in the way. */
  readonly checkpoint: { readonly data: { readonly database: string }; readonly result: null };
}

/** Each is synchronous, runs on the real disk, and touches nothing but what its data names. */
export type JobCode = { readonly [Name in keyof Jobs]: (data: Jobs[Name]["data"], disk: Disk) => Jobs[Name]["result"] };

/**
 * A second thread, on the real disk. Whoever uses it can do without: it may not be there, may fail, or may be busy with somebody
 * else's job.
 */
export interface Threads {
  /** One that has still to be made comes some 20 ms late. `null`: not now. Rejects with what the job threw, or when the thread broke. */
  start<Name extends keyof Jobs>(job: Name, data: Jobs[Name]["data"]): Promise<Jobs[Name]["result"]> | null;
}

/** For one processor, and for disks that are not real. */
export const NO_THREADS: Threads = { start: () => null };

/** See `vault/looked.ts`. */
export interface LookJob {
  readonly root: string;
  /** The signatures' file, and what was found. */
  readonly signatures: SharedArrayBuffer;
  readonly found: SharedArrayBuffer;
}
