/** Own writes are recognised by what they write, never by time: every state that a plan under way puts somewhere, or puts back. */

import type { Entry } from "../base/index.ts";
import type { Vault } from "../vault/index.ts";
import { decodeChangeSet, type Journal } from "../workorder/index.ts";

/** True for a state that an order, a restore or an undo that is under way leaves at a path. */
export function ownWrites({
  journal,
  vault,
}: {
  journal: Journal;
  vault: Vault;
}): (path: string, entry: Entry) => boolean {
  const states = new Map<string, Set<string>>();
  for (const { changeSet, phase } of journal.entries()) {
    // What only settles has been accepted or undone.
    if (phase === "settling") continue;
    for (const { path, after } of decodeChangeSet(vault.read(changeSet)).changes) {
      const known = states.get(path) ?? new Set<string>();
      states.set(path, known.add(keyOf(after)));
    }
  }
  return (path, entry) => states.get(path)?.has(keyOf(entry)) ?? false;
}

function keyOf(entry: Entry): string {
  switch (entry.kind) {
    case "file":
      return `${entry.digest} ${entry.mode}`;
    case "dir":
      return `dir ${entry.mode}`;
    case "link":
      return `link ${entry.target}`;
    case "absent":
      return "absent";
  }
}
