/** What `hooks install` and `hooks remove` share: the plan is shown, a person at a terminal is asked, then it is carried out. */

import { HoldfastError, printableLine } from "../base/index.ts";
import { HOOK_TARGETS, type HookPlan, type HookTarget } from "../hooks/index.ts";
import { noteHookEverywhere } from "./hook-note.ts";
import type { OperationContext, Style } from "./operation.ts";
import type { Schema } from "./schema.ts";

/** `z` is handed in, so that zod is loaded only by what needs it. */
export const hookInput = (z: Schema) =>
  z.strictObject({
    target: z.string(),
    dryRun: z.boolean().default(false),
    yes: z.boolean().default(false),
    claimCheck: z.boolean().default(false),
  });

export interface HookInput {
  readonly target: string;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly claimCheck: boolean;
}

export const HOOK_COMMAND = {
  arguments: [{ name: "target", about: Object.keys(HOOK_TARGETS).join(", ") }],
  options: [
    { flags: "--dry-run", about: "only say what would change" },
    { flags: "-y, --yes", about: "do not ask" },
  ],
} as const;

export interface HookOutcome extends HookPlan {
  readonly done: boolean;
  /** Trees that were busy: it is not in their ledgers. */
  readonly notOnRecord: readonly string[];
}

export async function carryOutHook(
  action: HookPlan["action"],
  { target: name, dryRun, yes, claimCheck }: HookInput,
  { ports, actor }: OperationContext,
): Promise<HookOutcome> {
  const target = hookTarget(name);
  const plan = await target.plan(action, ports, { claimCheck });
  const isRefused = dryRun || (!yes && ports.process.stdinIsTerminal && !(await agrees(plan)));
  if (!isRefused) await target.apply(plan, ports);
  const notOnRecord = isRefused ? [] : await noteHookEverywhere(plan, actor, ports);
  const { changes, diff, notes } = plan;
  return { target: name, action, changes, diff, notes, done: !isRefused, notOnRecord };
}

function hookTarget(name: string): HookTarget {
  const target = Object.hasOwn(HOOK_TARGETS, name) ? HOOK_TARGETS[name] : undefined;
  if (target !== undefined) return target;
  throw new HoldfastError("USAGE", `there is no hook for "${printableLine(name)}"`, {
    hint: Object.keys(HOOK_TARGETS).join(", "),
  });
}

async function agrees(plan: HookPlan): Promise<boolean> {
  if (plan.changes.length === 0) return true;
  const { confirm, isCancel } = await import("@clack/prompts");
  const answer = await confirm({ message: [...changeLines(plan), "Proceed?"].join("\n") });
  return !isCancel(answer) && answer;
}

/** `-` what stands there, `+` what will, under the name of the file; where lines are put into one, as a diff of it. */
export function changeLines({ changes, diff, notes }: HookPlan): string[] {
  const files = [...new Set(changes.map(({ file }) => file))];
  const said =
    diff !== null
      ? diff.trimEnd().split("\n").slice(1)
      : files.flatMap((file) => [
          file,
          ...changes
            .filter((change) => change.file === file)
            .flatMap(({ setting, from, to }) => [
              ...(from === null ? [] : [`  - ${setting} = ${from}`]),
              ...(to === null ? [] : [`  + ${setting} = ${to}`]),
            ]),
        ]);
  return [...said, ...notes.map((note) => `  ${note}`)].map((line) => printableLine(line.replaceAll("\t", "  ")));
}

export function printHook(outcome: HookOutcome, style: Style): string {
  const { target, action, done, changes, notOnRecord } = outcome;
  const lines = changeLines(outcome);
  if (!done) return [...lines, style.dim("nothing was changed")].join("\n");
  if (changes.length === 0)
    return `${style.good("✓")} ${target} is ${action === "install" ? "installed" : "not installed"} already`;
  const busy = notOnRecord.map((root) => style.warn(`▲ ${printableLine(root)} is busy: not in its ledger`));
  return [...lines, ...busy, `${style.good("✓")} ${target} ${action === "install" ? "installed" : "removed"}`].join(
    "\n",
  );
}
