/**
 * What an agent did, on record: its command, and between which versions of the vault it ran. What it changed is found by them, as long
 * as the vault keeps versions, for whoever wants it undone.
 */

import { isoTime, LIMITS, type Store } from "../base/index.ts";
import { describeCommand, describeScript, type HookReport } from "../cause/index.ts";
import type { Ledger } from "../ledger/index.ts";
import type { Vault } from "../vault/index.ts";

/** When all that it left is remembered. */
export function noteEnded(
  { id, command, cwd, actor, pid, startedMs, exitCode }: HookReport,
  { store, ledger, vault }: { store: Store; ledger: Ledger; vault: Pick<Vault, "versionAtTime" | "versionHead"> },
): void {
  const what = typeof command === "string" ? describeScript(command) : describeCommand(command);
  const [from, to] = [vault.versionAtTime(startedMs), vault.versionHead()];
  // Nothing is left to be undone.
  if (from === to) return;
  store.transaction(() =>
    ledger.append({
      event: "hook.ran",
      actor: { ...actor, pid },
      data: { id, what, cwd, started: isoTime(startedMs), exitCode, from, to, writes: null },
      cause: { what, actor: actor.name, pid, confidence: 1 },
      summary: `${actor.name} ran ${what}`.slice(0, LIMITS.commandLineLengthMax),
    }),
  );
}
