/**
 * The configuration that runs is the last *accepted* one: its text is in the vault, its digest in the baseline. A pull or an agent
 * that edits `holdfast.yaml` changes nothing until somebody accepts it.
 */

import { type Digest, digestOf, type Store, type TreePath } from "../base/index.ts";
import type { Actor, Ledger } from "../ledger/index.ts";
import { CONFIG_FILE, type Config, defaultConfig, parseConfig } from "../tree/index.ts";
import type { Vault } from "../vault/index.ts";
import type { Baselines } from "./baseline.ts";
import { OWN } from "./membership.ts";

export interface Configuration {
  /** Defaults when none was ever accepted. */
  current(): Config;
  /** Digest of the accepted text; `null` when none was ever accepted. */
  acceptedDigest(): Digest | null;
  /** `CONFIG_INVALID` leaves the accepted one in place. */
  accept(text: string, actor: Actor): Promise<void>;
}

interface ConfigurationWorld {
  store: Store;
  ledger: Ledger;
  vault: Vault;
  baselines: Baselines;
}

export function openConfiguration({ ledger, vault, baselines }: ConfigurationWorld): Configuration {
  let parsed: { digest: Digest; config: Config } | null = null;

  function acceptedDigest(): Digest | null {
    const entry = baselines.at(CONFIG_FILE, null)?.entry;
    return entry?.kind === "file" ? entry.digest : null;
  }

  return {
    acceptedDigest,
    current() {
      const digest = acceptedDigest();
      if (digest === null) return defaultConfig();
      if (parsed?.digest !== digest) parsed = { digest, config: parseConfig(vault.read(digest).toString()) };
      return parsed.config;
    },
    async accept(text, actor) {
      parseConfig(text);
      const bytes = Buffer.from(text);
      const batch = vault.begin();
      const digest = batch.put(bytes);
      batch.note(CONFIG_FILE as TreePath, { kind: "file", digest, sizeBytes: bytes.length, mode: 0o644 });
      await batch.commit(() => {
        const record = ledger.append({
          event: "tree.config-accepted",
          actor,
          component: OWN,
          paths: [CONFIG_FILE],
          data: { digest },
          summary: `configuration accepted: ${digest.slice(0, 19)}…`,
        });
        moveConfiguration(baselines, { digest, seq: record.seq, sizeBytes: bytes.length });
      });
    },
  };
}

/** Bound to no branch: one configuration a tree. */
export function moveConfiguration(
  baselines: Baselines,
  accepted: { digest: Digest; seq: number; sizeBytes: number },
): void {
  const entry = { kind: "file" as const, digest: accepted.digest, sizeBytes: accepted.sizeBytes, mode: 0o644 };
  baselines.move([{ path: CONFIG_FILE, entry }], { branch: null, seq: accepted.seq, componentOf: () => OWN });
}

/** True when the file in the tree is not what runs. */
export function differsFrom(text: string | null, accepted: Digest | null): boolean {
  return (text === null ? null : digestOf(text)) !== accepted;
}
