/** `holdfast rollback`: goes back on purpose. A script runs under protection; everything else is done by Holdfast's own hand. */

import { dirname, resolve } from "node:path";
import { assert, HoldfastError, parseMoment } from "../../base/index.ts";
import { isAdopted, type ScannedScript, type WentBack } from "../../rollback/index.ts";
import { findTree, type Tree } from "../../tree/index.ts";
import { type CallerContext, operation } from "../operation.ts";
import { canonicalTree, perform } from "../perform.ts";
import { type ProtectedRun, runProtected } from "../protected-run.ts";
import { refuseAgents } from "../refuse-agents.ts";
import { passBefore } from "../rollback-before.ts";
import { protectedText, skippedText, wentBackText } from "../rollback-text.ts";
import { endedText } from "../run-text.ts";
import { scanText } from "../scan-text.ts";
import { commandOf } from "../script-command.ts";

interface Input {
  target?: string | undefined;
  rest: string[];
  to?: string | undefined;
  force: boolean;
  dryRun: boolean;
  quiet: boolean;
}

type Output =
  | ({ readonly kind: "script"; readonly script: string; readonly dryRun: false } & Omit<ProtectedRun, "ended"> &
      Partial<NonNullable<ProtectedRun["ended"]>> & { readonly named: WentBack["named"]; readonly force: boolean })
  | { readonly kind: "scan"; readonly dryRun: true; readonly scripts: readonly ScannedScript[] }
  | ({ readonly kind: "back"; readonly dryRun: boolean; readonly force: boolean } & WentBack);

export const rollback = operation<Input, Output>({
  name: "rollback",
  about:
    "Go back: run a rollback script, undo an order or a rollback, return to a snapshot or a time; protected components stay",
  effect: "none",
  input: (z) =>
    z.strictObject({
      target: z.string().optional(),
      rest: z.array(z.string()).default([]),
      to: z.string().optional(),
      force: z.boolean().default(false),
      dryRun: z.boolean().default(false),
      quiet: z.boolean().default(false),
    }),
  command: {
    arguments: [
      { name: "target", about: "a script, a snapshot S…, a point V…, an order, or a rollback R…", optional: true },
      {
        name: "rest",
        about: "the script's arguments, behind --; with --to: components or paths",
        variadic: true,
        optional: true,
      },
    ],
    options: [
      { flags: "--to <time>", about: "how it was then: everything, or the components and paths that are named" },
      { flags: "--force", about: "take protected components, too; the result is accepted" },
      { flags: "--dry-run", about: "only say what would change" },
    ],
    examples: [
      "holdfast rollback tools/rollback_phase6.zsh",
      'holdfast rollback --to "yesterday 01:50" apply-patch-processor --dry-run',
      "holdfast rollback --force WO-20251113-REBUILD",
    ],
  },
  prepare: async (raw, { json }) => ({ ...raw, quiet: json ?? false }),
  async run(context, input) {
    const { target, to, force } = input;
    if (target === undefined && to === undefined)
      throw new HoldfastError("USAGE", "go back to what?", { hint: "holdfast rollback --help" });
    if (force) refuseAgents(context.actor, "take protected components by force");
    const script = to === undefined && target !== undefined ? scriptAt(target, context) : null;
    return script === null ? byOwnHand(input, context) : byScript(script, input, context);
  },
  print(output, style) {
    if (output.kind === "script") return skippedText(output.named, output.putBack ?? [], style);
    return output.kind === "scan" ? scanText(output.scripts, style) : wentBackText(output, style);
  },
  exitCode(output) {
    if (output.kind === "scan") return 0;
    return output.kind === "script" ? output.exitCode : output.missing.length > 0 ? 1 : 0;
  },
  endedBy: (output) => (output.kind === "script" ? output.signal : null),
});

async function byScript(script: string, input: Input, context: CallerContext): Promise<Output> {
  const { dryRun, quiet, rest } = input;
  const caller = await callerAtScript(script, context);
  // Of an adopted script, its own `--force` is what its callers know.
  const force = input.force || (rest.includes("--force") && isAdopted(script, context.ports.disk));
  if (dryRun) return { kind: "scan", dryRun, ...(await scanned(script, caller)) };
  if (force) refuseAgents(context.actor, "take protected components by force");
  await passBefore(treeOf(caller, "read"), caller);
  let named: WentBack["named"] = [];
  const done = await runProtected(
    { kind: "script", command: [...commandOf(script, context.ports), ...rest], force, quiet, unprotected: null },
    (begun) => {
      named = begun.named;
      context.note?.((style) => protectedText(begun.named, force, style));
    },
    caller,
  );
  const { ended, tree } = done;
  if (ended !== null && tree !== null) context.note?.((style) => endedText(ended, tree, style));
  const { exitCode, signal, run } = done;
  return { kind: "script", script, dryRun: false, force, exitCode, signal, run, tree: null, named, ...(ended ?? {}) };
}

async function byOwnHand({ target, rest, to, force, dryRun }: Input, context: CallerContext): Promise<Output> {
  const { ports } = context;
  const tree = treeOf(context, "write");
  if (!dryRun) await passBefore(tree, context);
  // The caller's clock and time zone: the daemon's may be others.
  const at = to === undefined ? {} : { at: { ms: parseMoment(to, ports.clock.now()), said: to } };
  const subjects = to === undefined ? [] : [...(target === undefined ? [] : [target]), ...rest];
  if (to === undefined && rest.length > 0)
    throw new HoldfastError("USAGE", `${target} is undone whole`, { hint: "holdfast restore <path> --from <state>" });
  const { rollbackGo } = await import("../rollback-go.ts");
  const named = to === undefined && target !== undefined ? { target } : {};
  const raw = { ...named, ...at, subjects, force, dryRun, cwd: ports.process.cwd() };
  const went = (await perform({ operation: rollbackGo, raw, caller: callerOf(context) })) as WentBack;
  return { kind: "back", dryRun, force, ...went };
}

/** The tree that the script lies in is the one that it is about, wherever it is started from; else the one around the caller. */
async function callerAtScript(script: string, context: CallerContext): Promise<CallerContext> {
  const { note } = context;
  const there = await findTree(dirname(script), context.ports);
  const located = there.standing === "none" ? context.located : there;
  return { ...callerOf(context), located, ...(note === undefined ? {} : { note }) };
}

async function scanned(script: string, caller: CallerContext): Promise<{ scripts: readonly ScannedScript[] }> {
  const { rollbackScan } = await import("./rollback-scan.ts");
  const raw = { scripts: [script], cwd: caller.ports.process.cwd() };
  return (await perform({ operation: rollbackScan, raw, caller })) as { scripts: readonly ScannedScript[] };
}

/** A script in a copy may reach the canonical tree: that is the one to be protected. Holdfast itself changes no copy. */
function treeOf({ located }: CallerContext, effect: "read" | "write"): Tree {
  assert(located !== null, "whoever goes back stands somewhere");
  return canonicalTree(located, { name: "rollback", effect });
}

/** One by one: a verb without a tree may not even be asked for it. */
function callerOf({ located, ports, actor, version, signal, progress, emit }: CallerContext): CallerContext {
  return { located, ports, actor, version, signal, progress, emit };
}

/** `null` for what is no file. */
function scriptAt(target: string, { ports }: CallerContext): string | null {
  const path = resolve(ports.process.cwd(), target);
  return ports.disk.lstat(path)?.kind === "file" || (target.includes("/") && isLinkToFile(path, ports)) ? path : null;
}

function isLinkToFile(path: string, { disk }: CallerContext["ports"]): boolean {
  return disk.lstat(path)?.kind === "link" && disk.lstat(disk.realpath(path))?.kind === "file";
}
