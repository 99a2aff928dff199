/**
 * Adopting a script: one line is added to it, and from then on the script is one of the accepted things that stay – a checkout that
 * takes the line out again is undone like any other loss.
 *
 * The original is in the vault before; taking the line out gives it back byte for byte. Crash: as for orders.
 */

import { posix } from "node:path";
import { ABSENT, digestOf, type Entry, HoldfastError, LIMITS, type TreePath } from "../base/index.ts";
import { encodeAcceptance, recordAcceptance } from "../component/index.ts";
import type { Actor, LedgerRecord } from "../ledger/index.ts";
import { readWhole } from "../tree/index.ts";
import { applyDurably, entryAt } from "../workorder/index.ts";
import { adoptionLine, withLine, withoutLine } from "./adoption-line.ts";
import type { RollbackWorld } from "./world.ts";

export interface Adopted {
  readonly script: TreePath;
  /** False where it was so already. */
  readonly changed: boolean;
}

/** `SCRIPT_UNSUITABLE` for what no line of ours would work in; `WO_CONFLICT` when somebody writes to it meanwhile. */
export async function adoptScript(
  { script, remove, shim, actor }: { script: TreePath; remove: boolean; shim: string; actor: Actor },
  world: RollbackWorld,
): Promise<Adopted> {
  const { vault, places, ports } = world;
  await vault.remember({ paths: [script] });
  const place = places.absolute(script);
  const before = entryAt(ports.disk, place);
  const text = before.kind === "file" ? readWhole(ports.disk, place) : null;
  if (before.kind !== "file" || text === null) throw unsuitable(script, "it is no file");
  if (!remove) mustBeSuitable(script, text);
  const changed = remove ? withoutLine(text) : withLine(text, adoptionLine(shim));
  if (changed.equals(text)) return { script, changed: false };
  const after: Entry = { ...before, digest: digestOf(changed), sizeBytes: changed.length };
  const hadBaseline = remove ? hadBaselineBefore(script, world) : world.baselines.everywhere(script).length > 0;
  const accepted = [{ path: script, before, after: remove && !hadBaseline ? ABSENT : after }];
  const encoded = encodeAcceptance(accepted);
  const contents = [changed, encoded].map((bytes) => [digestOf(bytes), bytes] as const);
  const what = remove ? "no longer adopted" : "adopted";
  await applyDurably(
    {
      changes: [{ path: script, before, after }],
      contents: new Map(contents),
      onForeign: "undo",
      record: () => {
        const states = { changes: accepted, total: 1, subject: script, component: null, reason: what, actor };
        recordAcceptance(states, digestOf(encoded), world);
        world.ledger.append({
          event: "rollback.adopted",
          actor,
          paths: [script],
          data: { removed: remove, original: digestOf(withoutLine(text)), hadBaseline },
          summary: `${script} ${what}`,
        });
      },
    },
    world,
  ).finally(() => world.settle());
  return { script, changed: true };
}

/** Whether it was accepted before it was adopted. */
function hadBaselineBefore(script: TreePath, { ledger }: RollbackWorld): boolean {
  const adopted = ledger.read({ path: script, events: ["rollback.adopted"], newestFirst: true, limit: 1 });
  const [record] = [...adopted] as LedgerRecord<"rollback.adopted">[];
  return record?.data.hadBaseline ?? false;
}

const SHELLS = new Set(["sh", "bash", "zsh", "dash", "ksh", "ash", "mksh"]);
const NAMES = new Set(["", ".sh", ".bash", ".zsh", ".ksh", ".command"]);

function mustBeSuitable(script: TreePath, text: Buffer): void {
  if (text.length > LIMITS.scriptSizeBytesMax) throw unsuitable(script, "it is too large");
  const [first = ""] = text.toString("latin1").split("\n", 1);
  if (first.endsWith("\r"))
    throw unsuitable(script, "its lines end with a carriage return, which shells take for a word");
  const interpreter = /^#!\s*(\S+)(?:\s+(?:-S\s+)?(\S+))?/.exec(first);
  if (interpreter === null && first.startsWith("#!")) throw unsuitable(script, "its first line names no interpreter");
  if (interpreter === null) {
    if (NAMES.has(posix.extname(script)) && !text.includes(0)) return;
    throw unsuitable(script, "its first line names no shell");
  }
  const program = posix.basename(interpreter[1]!) === "env" ? (interpreter[2] ?? "") : interpreter[1]!;
  if (!SHELLS.has(posix.basename(program)))
    throw unsuitable(script, `${program} is no shell that understands the line`);
}

function unsuitable(script: string, why: string): HoldfastError {
  return new HoldfastError("SCRIPT_UNSUITABLE", `${script} cannot be adopted: ${why}`, {
    hint: `holdfast rollback ${script} runs it protected all the same`,
    data: { script },
  });
}
