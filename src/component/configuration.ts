/**
 * The configuration that runs is the last *accepted* one: its text is in the vault, its digest in the baseline. A pull or an agent
 * that edits `holdfast.yaml` changes nothing until somebody accepts it.
 */

import { assert, type Digest, digestOf, type Store, type TreePath } from "../base/index.ts";
import type { Actor, Ledger } from "../ledger/index.ts";
import { CONFIG_FILE, type Config } from "../tree/index.ts";
import type { Vault } from "../vault/index.ts";
import type { Baselines } from "./baseline.ts";
import { OWN } from "./implicit.ts";

export interface Configuration {
  /** Once, before `current`; again when somebody else may have accepted another. */
  load(): Promise<void>;
  /** Defaults when none was ever accepted. */
  current(): Config;
  /** Digest of the accepted text; `null` when none was ever accepted. */
  acceptedDigest(): Digest | null;
  /** True for a file's text (`null`: no file) that is not what runs. */
  differs(text: string | null): boolean;
  /** `CONFIG_INVALID` leaves the accepted one in place. */
  accept(text: string, actor: Actor): Promise<void>;
}

interface ConfigurationWorld {
  store: Store;
  ledger: Ledger;
  vault: Vault;
  baselines: Baselines;
}

/**
 * The parsed form is kept beside the digest, because the parsers (YAML, schema) cost more to load than all the rest of a short verb.
 * Raise this when `Config` changes; a test holds it against the schema.
 */
export const CONFIG_FORMAT = 2;

export function openConfiguration({ store, ledger, vault, baselines }: ConfigurationWorld): Configuration {
  let loaded: { digest: Digest | null; config: Config } | null = null;

  function acceptedDigest(): Digest | null {
    const entry = baselines.at(CONFIG_FILE, null)?.entry;
    return entry?.kind === "file" ? entry.digest : null;
  }

  function kept(digest: Digest): Config | null {
    const row = store.get<{ config: string }>(
      "SELECT config FROM accepted_config WHERE digest = ? AND format = ?",
      digest,
      CONFIG_FORMAT,
    );
    return row ? (JSON.parse(row.config) as Config) : null;
  }

  async function parsed(digest: Digest | null): Promise<Config> {
    const { defaultConfig, parseConfig } = await import("../tree/index.ts");
    return digest === null ? defaultConfig() : parseConfig(vault.read(digest).toString());
  }

  return {
    acceptedDigest,
    differs(text) {
      const digest = acceptedDigest();
      if (text === null || digest === null) return text !== null || digest !== null;
      // Text against text where it is kept: hashing would load a library for one comparison.
      const row = store.get<{ text: string }>("SELECT text FROM accepted_config WHERE digest = ?", digest);
      return row ? row.text !== text : digestOf(text) !== digest;
    },
    async load() {
      const digest = acceptedDigest();
      if (loaded === null || loaded.digest !== digest) {
        loaded = { digest, config: (digest === null ? null : kept(digest)) ?? (await parsed(digest)) };
      }
    },
    current() {
      assert(loaded !== null, "the configuration is loaded before it is asked for");
      return loaded.config;
    },
    async accept(text, actor) {
      const { parseConfig } = await import("../tree/index.ts");
      const config = parseConfig(text);
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
        store.run(
          "INSERT OR REPLACE INTO accepted_config (digest, format, config, text) VALUES (?, ?, ?, ?)",
          digest,
          CONFIG_FORMAT,
          JSON.stringify(config),
          text,
        );
      });
      loaded = { digest, config };
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
