/** What the git-trace hook changed, kept outside every tree, so that it can be taken back exactly. */

import { join } from "node:path";
import * as z from "zod";
import { HoldfastError } from "../base/index.ts";
import { holdfastHome, makeFolders, readWhole, replaceDurably } from "../tree/index.ts";
import type { HookChange, HookPorts } from "./hook-target.ts";

export interface Installation {
  readonly file: string;
  /** The file's bytes; `null`: there was none. */
  readonly before: Buffer | null;
  readonly after: Buffer | null;
  readonly changes: readonly Pick<HookChange, "setting" | "from" | "to">[];
}

const text = z.base64().nullable();
const schema = z.object({
  v: z.literal(1),
  file: z.string(),
  before: text,
  after: text,
  changes: z.array(z.object({ setting: z.string(), from: z.string().nullable(), to: z.string().nullable() })),
});

type RecordPorts = Pick<HookPorts, "disk" | "process">;

export function noteInstallation(installation: Installation, ports: RecordPorts): void {
  const earlier = readInstallation(ports);
  const { file, before, after, changes } = earlier === null ? installation : joined(earlier, installation);
  makeFolders(ports.disk, holdfastHome(ports), 0o700);
  const bytes = (buffer: Buffer | null) => buffer?.toString("base64") ?? null;
  const kept = changes.map(({ setting, from, to }) => ({ setting, from, to }));
  const record = { v: 1, file, before: bytes(before), after: bytes(after), changes: kept };
  replaceDurably(ports.disk, gitTraceRecordFile(ports), `${JSON.stringify(record)}\n`);
}

/** Installed again, because something was missing: what stood there before the first time is what counts, if nobody else wrote since. */
function joined(earlier: Installation, later: Installation): Installation {
  const isUntouched = earlier.file === later.file && same(earlier.after, later.before);
  const fresh = later.changes.filter(({ setting }) => !earlier.changes.some((one) => one.setting === setting));
  const changes = [
    ...earlier.changes.map((one) => ({
      ...one,
      to: later.changes.find(({ setting }) => setting === one.setting)?.to ?? one.to,
    })),
    ...fresh,
  ];
  return { ...later, before: isUntouched ? earlier.before : later.before, changes };
}

/** `null` when nothing was installed. Throws `HOOK_UNAVAILABLE` for a record that cannot be read: guessing could lose settings. */
export function readInstallation(ports: RecordPorts): Installation | null {
  const file = gitTraceRecordFile(ports);
  const bytes = readWhole(ports.disk, file);
  if (bytes === null) return null;
  const parsed = schema.safeParse(jsonOf(bytes.toString("utf8")));
  if (!parsed.success) {
    throw new HoldfastError("HOOK_UNAVAILABLE", `${file} cannot be read`, {
      hint: `take trace2.* out of git's global configuration by hand, then: rm ${file}`,
    });
  }
  const buffer = (base64: string | null) => (base64 === null ? null : Buffer.from(base64, "base64"));
  return { ...parsed.data, before: buffer(parsed.data.before), after: buffer(parsed.data.after) };
}

export function forgetInstallation(ports: RecordPorts): void {
  const file = gitTraceRecordFile(ports);
  if (ports.disk.lstat(file) !== null) ports.disk.unlink(file);
}

/**
 * The file's whole content without ours: as it was, or, where others wrote since, with our lines cut out of it. `undefined` where
 * neither can be done exactly: then the settings are taken back one by one. `null`: there was no file.
 */
export function withoutOurs(now: Buffer | null, { before, after }: Installation): Buffer | null | undefined {
  if (now !== null && after !== null && now.equals(after)) return before;
  const start = before ?? Buffer.alloc(0);
  if (now === null || after === null || !after.subarray(0, start.length).equals(start)) return undefined;
  const lines = after.subarray(start.length);
  const at = lines.length === 0 ? -1 : now.indexOf(lines);
  // What somebody wrote into our section would become another section's.
  const next = now
    .subarray(at + lines.length)
    .toString("utf8")
    .trimStart();
  if (at < 0 || now.indexOf(lines, at + 1) >= 0 || (next !== "" && !next.startsWith("["))) return undefined;
  const [head, tail] = [now.subarray(0, at), now.subarray(at + lines.length)];
  // Where the file did not end with a newline, the cut takes the one that was added: what was written behind needs it.
  const needsEnd = tail.length > 0 && head.length > 0 && head.at(-1) !== NEWLINE && tail[0] !== NEWLINE;
  return Buffer.concat(needsEnd ? [head, Buffer.from("\n"), tail] : [head, tail]);
}

const NEWLINE = 0x0a;

export function gitTraceRecordFile(ports: RecordPorts): string {
  return join(holdfastHome(ports), "git-trace.json");
}

function same(a: Buffer | null, b: Buffer | null): boolean {
  return a === null || b === null ? a === b : a.equals(b);
}

function jsonOf(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
