/** What Holdfast itself remembers of the subject: versions in the vault, the baseline, the ledger's records. */

import { digestOf, type Entry, type TreePath } from "../../base/index.ts";
import type { BaselineEntry, Baselines } from "../../component/index.ts";
import type { Ledger, LedgerRecord } from "../../ledger/index.ts";
import type { Vault, Version } from "../../vault/index.ts";
import type { Subject } from "../subject.ts";
import type { Contents, Link, State } from "../verdict/file-case.ts";

/** A tree's own memory, opened for reading. */
export interface Memory {
  readonly vault: Pick<Vault, "versions" | "planRestore" | "has" | "read">;
  readonly ledger: Pick<Ledger, "read">;
  readonly baselines: Pick<Baselines, "everywhere">;
}

export interface Remembered {
  /** Of a single path, newest first. */
  readonly versions: readonly Version[];
  readonly baseline: BaselineEntry | null;
  /** About the subject and what is below it, newest first. */
  readonly records: readonly LedgerRecord[];
  /** Of a folder: paths that were there, and could be put back. */
  readonly lost: readonly string[];
}

const VERSIONS_MAX = 200;
const RECORDS_MAX = 100;

export async function remembered(
  { vault, ledger, baselines }: Memory,
  { parts, prefix, component }: Subject,
): Promise<{ found: Remembered; note: null }> {
  const paths =
    prefix === null ? [] : parts.filter(({ isGlob }) => !isGlob).map(({ path }) => path.slice(prefix.length));
  const single = paths.length === 1 ? (paths[0] as TreePath) : null;
  const records = component !== null ? [...ledger.read({ component, newestFirst: true, limit: RECORDS_MAX })] : [];
  for (const path of paths) records.push(...ledger.read({ path, newestFirst: true, limit: RECORDS_MAX }));
  const versions = single === null ? [] : vault.versions(single, { limit: VERSIONS_MAX });
  return {
    found: {
      versions,
      baseline: single === null ? null : (baselines.everywhere(single)[0] ?? null),
      records: [...new Map(records.map((record) => [record.seq, record])).values()].sort((a, b) => b.seq - a.seq),
      lost: versions.length > 0 || paths.length === 0 ? [] : await lostBelow(vault, paths as TreePath[]),
    },
    note: null,
  };
}

async function lostBelow(vault: Memory["vault"], paths: readonly TreePath[]): Promise<string[]> {
  const { effects } = await vault.planRestore({ paths, from: "last-present" });
  return effects
    .filter(({ before, after }) => before.kind === "absent" && after.kind !== "absent")
    .map(({ path }) => path);
}

export interface VaultLine {
  readonly line: readonly Link[];
  readonly contents: Contents;
  versionOf(link: Link): Version | null;
}

/** The vault's versions as a line of changes: contents are named by their digests there. */
export function vaultLine(versions: readonly Version[]): VaultLine {
  const sizes = new Map<string, number>();
  const byLink = new Map<Link, Version>();
  const states = versions.map(({ entry }) => stateOf(entry, sizes));
  const line = versions.map((version, index): Link => {
    const link = { from: states[index + 1] ?? null, to: states[index]!, touch: null, byMerge: false };
    byLink.set(link, version);
    return link;
  });
  return {
    line,
    contents: { sizeOf: (oid) => sizes.get(oid) ?? null, bytesOf: () => null },
    versionOf: (link) => byLink.get(link) ?? null,
  };
}

function stateOf(entry: Entry, sizes: Map<string, number>): State | null {
  switch (entry.kind) {
    case "absent":
      return null;
    case "dir":
      return { kind: "dir", oid: "", isExecutable: false };
    case "link":
      return { kind: "link", oid: digestOf(entry.target), isExecutable: false };
    case "file":
      sizes.set(entry.digest, entry.sizeBytes);
      return { kind: "file", oid: entry.digest, isExecutable: (entry.mode & 0o100) !== 0 };
  }
}
