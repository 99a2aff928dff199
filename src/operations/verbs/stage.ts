/**
 * `holdfast stage`: one stage of the pipeline as a client of its own, for launchers and services that are split by stage.
 *
 * Each pass goes to the daemon that holds the tree; where none runs it is done here, under the lock, which is free again between passes.
 */

import { assert, HoldfastError, type Ports, printableLine } from "../../base/index.ts";
import type { Tree } from "../../tree/index.ts";
import { openInbox } from "../../workorder/index.ts";
import { connectToDaemon } from "../daemon-client.ts";
import { type CallerContext, operation } from "../operation.ts";
import { canonicalTree } from "../perform.ts";
import { cutServiceLog } from "../service-log.ts";
import { STAGES, type StageName } from "../stage-names.ts";
import { passStage, type StagePass, sweepAlone } from "../stages.ts";
import { openWriter } from "../writer.ts";

interface Passed extends StagePass {
  stage: StageName;
  through: "daemon" | "lock";
}

export const stage = operation({
  name: "stage",
  commandLineOnly: true,
  about: "Run one stage of the pipeline: through the daemon, or without one under the tree's lock",
  effect: "none",
  input: (z) =>
    z.strictObject({ name: z.enum(STAGES), once: z.boolean().default(false), quiet: z.boolean().default(false) }),
  command: {
    arguments: [{ name: "name", about: STAGES.join(", ") }],
    options: [
      { flags: "--once", about: "one pass, then exit (default: again and again, until Ctrl-C)" },
      { flags: "--quiet", about: "say nothing of what is well, and of drift only what is logged anyway" },
    ],
    examples: ["holdfast stage wo_executor", "holdfast stage wo_pipeline_guardrail --once"],
  },
  async run(context, { name, once, quiet }): Promise<Passed & { quiet: boolean }> {
    const tree = canonicalTree(context.located, { name: "stage", effect: "write" });
    let passed: Passed | null = null;
    do {
      cutServiceLog(context.ports);
      passed = await passOrWait(name, tree, context, once);
      if (once) break;
      if (passed !== null && isNews(passed)) context.note?.((style) => summary(passed!, style.good("✓")));
      await context.ports.clock.sleep(name === "wo_pipeline_guardrail" ? GUARDRAIL_MS : PASS_MS, context.signal);
    } while (!context.signal.aborted);
    return { ...(passed ?? nothing(name)), quiet };
  },
  print: (passed, style) =>
    passed.quiet && passed.trouble.length === 0
      ? ""
      : summary(passed, isWell(passed) ? style.good("✓") : style.bad("▲")),
  exitCode: (passed) => (isWell(passed) ? 0 : 1),
});

/** The spec's poll. A daemon takes orders within milliseconds by itself. */
const PASS_MS = 15_000;
const GUARDRAIL_MS = 300_000;

/** Somebody else is writing, or the daemon is just ending: the next pass finds a way. */
const PASSING = ["LOCK_BUSY", "DAEMON_GONE", "DAEMON_WEDGED", "CALL_TIMEOUT"];

async function passOrWait(name: StageName, tree: Tree, context: CallerContext, once: boolean): Promise<Passed | null> {
  try {
    return await pass(name, tree, context);
  } catch (error) {
    if (once || !(error instanceof HoldfastError) || !PASSING.includes(error.code)) throw error;
    context.note?.((style) => `${style.warn("!")} ${name}: ${error.message}`);
    return null;
  }
}

async function pass(name: StageName, tree: Tree, { ports, signal }: CallerContext): Promise<Passed> {
  const client = await connectToDaemon(tree, ports);
  if (client === null) return passAlone(name, tree, ports, signal);
  try {
    return { stage: name, through: "daemon", ...(await client.call<StagePass>("stage", { name }, { signal })) };
  } finally {
    client.close();
  }
}

async function passAlone(name: StageName, tree: Tree, ports: Ports, signal: AbortSignal): Promise<Passed> {
  const writer = await openWriter(tree, ports, { command: `holdfast stage ${name}` });
  try {
    const inbox = openInbox(writer.house, writer.engine);
    const hands = { writer, inbox, sweep: () => sweepAlone(writer) };
    return { stage: name, through: "lock", ...(await passStage(name, hands, signal)) };
  } finally {
    await writer.close();
  }
}

function isNews(passed: Passed): boolean {
  return passed.taken.length + passed.setAside.length > 0 || !isWell(passed);
}

function isWell({ drifted, trouble }: Passed): boolean {
  return drifted.length === 0 && trouble.length === 0;
}

function nothing(stage: StageName): Passed {
  assert(STAGES.includes(stage), "a stage of the list");
  return {
    stage,
    through: "lock",
    taken: [],
    setAside: [],
    drifted: [],
    missing: [],
    trouble: [],
    orders: { pending: 0, running: 0, done: 0, failed: 0 },
  };
}

function summary({ stage, through, taken, setAside, drifted, missing, trouble, orders }: Passed, mark: string): string {
  const found =
    stage === "wo_pipeline_guardrail"
      ? drifted.length === 0
        ? "all components hold"
        : `drift in ${drifted.join(", ")}${missing.length > 0 ? `; missing ${missing.join(", ")}` : ""}`
      : stage === "followup_tracker"
        ? `${orders.done} done, ${orders.failed} failed, ${orders.pending + orders.running} open; the views are up to date`
        : `taken in ${taken.length}, set aside ${setAside.length}; ${orders.pending} pending`;
  const where = through === "daemon" ? "through the daemon" : "no daemon runs";
  return [
    `${mark} ${stage}: ${printableLine(found)} (${where})`,
    ...trouble.map(({ message, hint }) => `  ! ${printableLine(message)}  → ${printableLine(hint)}`),
  ].join("\n");
}
