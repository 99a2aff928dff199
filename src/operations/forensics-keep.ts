/**
 * Keeps a forensic report: two files among the reports, and a record. The part of `forensics` that writes; nobody types it.
 *
 * Crash: files without a record, which say so themselves; never half a file. Nothing is overwritten: a second report of a day gets a number.
 */

import { join } from "node:path";
import { type Disk, HoldfastError, LIMITS } from "../base/index.ts";
import { isAtOrBelow, makeFolders, projectionPlaces } from "../tree/index.ts";
import { operation } from "./operation.ts";

export interface Kept {
  report: string;
  markdown: string;
}

export const forensicsKeep = operation({
  name: "forensics.keep",
  about: "Keep a forensic report: its files and a record",
  effect: "write",
  input: (z) =>
    z.strictObject({
      name: z.string(),
      since: z.string(),
      until: z.string(),
      summary: z.string(),
      cause: z.string().optional(),
      json: z.string(),
      markdown: z.string(),
    }),
  command: { examples: [] },
  async run({ house, ports, actor }, input): Promise<Kept> {
    const { tree, store, ledger, config } = house;
    const { reports } = projectionPlaces(tree, config());
    if (input.json.length > LIMITS.forensicReportBytesMax)
      throw new HoldfastError("USAGE", "the report is too large to be kept", {
        hint: "ask for less: a shorter window",
      });
    const isInTree = isAtOrBelow(reports, tree.root);
    makeFolders(ports.disk, reports, isInTree ? 0o755 : 0o700);
    const stem = freeStem(
      reports,
      `forensic_${safeName(input.name)}_${input.until.slice(0, 10).replaceAll("-", "")}`,
      ports.disk,
    );
    const mode = isInTree ? 0o644 : 0o600;
    writeNew(ports.disk, `${stem}.json`, input.json, mode);
    writeNew(ports.disk, `${stem}.md`, input.markdown, mode);
    ports.disk.syncDir(reports);
    const shown = (path: string) => (isInTree ? path.slice(tree.root.length + 1) : path);
    store.transaction(() =>
      ledger.append({
        event: "forensics.completed",
        actor,
        ok: input.cause === undefined,
        data: {
          name: input.name,
          since: input.since,
          until: input.until,
          cause: input.cause ?? null,
          report: shown(`${stem}.json`),
        },
        summary: input.summary.slice(0, LIMITS.ledgerSummaryLengthMax),
      }),
    );
    return { report: shown(`${stem}.json`), markdown: shown(`${stem}.md`) };
  },
  print: () => "",
});

function freeStem(folder: string, name: string, disk: Pick<Disk, "lstat">): string {
  for (let count = 1; ; count += 1) {
    const stem = join(folder, count === 1 ? name : `${name}-${count}`);
    if (disk.lstat(`${stem}.json`) === null && disk.lstat(`${stem}.md`) === null) return stem;
  }
}

/** Under another name first: who finds it finds it whole. */
function writeNew(disk: Disk, path: string, text: string, mode: number): void {
  const temporary = `${path}.tmp`;
  if (disk.lstat(temporary) !== null) disk.unlink(temporary);
  const fd = disk.createNew(temporary, mode);
  try {
    disk.write(fd, Buffer.from(text), null);
    disk.fsync(fd);
  } finally {
    disk.close(fd);
  }
  disk.rename(temporary, path);
}

export function safeName(name: string): string {
  return (
    name
      .replace(/[^\w.-]+/g, "_")
      .replace(/^[._-]+/, "")
      .slice(0, LIMITS.logNameLengthMax) || "tree"
  );
}
