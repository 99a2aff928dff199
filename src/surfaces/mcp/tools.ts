/**
 * The five tools of MCP: each is a verb asked in an agent's words, and answered briefly. Everything else is behind them: `changes` tells of
 * an order and of an incident too, `status` of what is open.
 */

import * as z from "zod";
import { HoldfastError, isoTime, LIMITS } from "../../base/index.ts";
import type { Answers } from "../../operations/index.ts";
import { changesBrief, diagnoseBrief, restoreBrief, statusBrief, submitBrief } from "./answers.ts";
import type { Brief } from "./brief.ts";

export interface Tool {
  readonly name: "diagnose" | "changes" | "status" | "restore" | "submit";
  readonly title: string;
  readonly description: string;
  readonly input: z.ZodObject;
  readonly annotations: {
    readonly readOnlyHint: boolean;
    readonly destructiveHint: boolean;
    readonly idempotentHint: boolean;
  };
  run(input: Input, perform: Perform, nowMs: number): Promise<{ brief: Brief; whole: unknown }>;
}

/** Of the verb `name`. */
export type Perform = <Name extends keyof Answers>(name: Name, raw: Record<string, unknown>) => Promise<Answers[Name]>;

type Input = Record<string, unknown>;

const detail = z.boolean().default(false).describe("the whole answer as JSON instead of at most 150 tokens");
const READS = { readOnlyHint: true, destructiveHint: false, idempotentHint: true };

export const TOOLS: readonly Tool[] = [
  {
    name: "diagnose",
    title: "What became of it",
    description:
      "What became of a path or component: never existed, never worked, never merged, worked and then broke, moved, healthy – when, by whom, and the command that brings it back. Call it before you say that something is missing, broken or was never there.",
    input: z.object({ path: z.string().describe("a path, a component's name, or a glob"), detail }),
    annotations: READS,
    async run({ path }, perform) {
      const whole = await perform("diagnose", { subject: path });
      return { brief: diagnoseBrief(whole), whole };
    },
  },
  {
    name: "changes",
    title: "What changed",
    description:
      "What changed lately and who did it: of everything, of a path and all below it, a component, an order (WO-…) or an incident (INC-…).",
    input: z.object({
      of: z.string().optional().describe("a path, component, order or incident; everything when left out"),
      since: z.string().optional().describe('ISO time, "yesterday 01:50", "30m ago"'),
      limit: z.number().int().min(1).max(LIMITS.mcpRecordsMax).default(50),
      detail,
    }),
    annotations: READS,
    run: (input, perform) => changes(input as { of?: string; since?: string; limit: number }, perform),
  },
  {
    name: "status",
    title: "How it stands",
    description: "Whether everything accepted is as it was, what is raised, and whether anybody keeps watch.",
    input: z.object({ detail }),
    annotations: READS,
    async run(_, perform) {
      const whole = await perform("status", {});
      return { brief: statusBrief(whole), whole };
    },
  },
  {
    name: "restore",
    title: "Bring it back",
    description:
      "Puts paths or a component back as the vault remembers them, also what git does not track. What stands there now is remembered first: the answer says how to take it back.",
    input: z.object({
      paths: z.array(z.string()).min(1).describe("paths or components"),
      from: z
        .string()
        .optional()
        .describe("a point V123, a snapshot, a digest or a time; the state before when left out"),
      dry_run: z.boolean().default(false).describe("only say what would change"),
      detail,
    }),
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true },
    async run({ paths, from, dry_run: dryRun }, perform) {
      const raw = { subjects: paths, dryRun, ...(from === undefined ? {} : { from }) };
      const whole = await perform("restore", raw);
      return { brief: restoreBrief(whole), whole };
    },
  },
  {
    name: "submit",
    title: "Submit a work order",
    description:
      'Applies a work order all-or-nothing, verifies it, and makes the result the accepted state; a failed check leaves the tree as it was. JSON such as {"id": "WO-…", "title": "…", "files": [{"path": "…", "content": "…"}], "tests": [{"name": "…", "command": "…"}]}; also operations, edits, patch, steps. YAML as text works too.',
    input: z.object({
      order: z
        .union([z.string(), z.record(z.string(), z.unknown())])
        .describe("the order, as an object or as its text"),
      agent: z.string().optional().describe("as if dropped into this agent's inbox"),
      wait: z.boolean().default(true).describe("until it is accepted, failed, held or routed"),
      detail,
    }),
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false },
    async run({ order, agent, wait }, perform, nowMs) {
      const text = typeof order === "string" ? order : JSON.stringify(order);
      // An order without an id of its own is named after its file.
      const filename = `WO-MCP-${isoTime(nowMs).replace(/\D/g, "")}.${typeof order === "string" ? "yaml" : "json"}`;
      const files = { "": Buffer.from(text).toString("base64") };
      const whole = await perform("submit", { filename, files, wait, ...(agent === undefined ? {} : { agent }) });
      return { brief: submitBrief(whole), whole };
    },
  },
];

async function changes(
  { of, since, limit }: { of?: string; since?: string; limit: number },
  perform: Perform,
): Promise<{ brief: Brief; whole: unknown }> {
  if (of !== undefined && /^INC-/.test(of)) {
    const whole = await perform("incidents show", { id: of });
    return { brief: changesBrief({ of, incident: whole }), whole };
  }
  const raw = { limit, ...(of === undefined ? {} : { subject: of }), ...(since === undefined ? {} : { since }) };
  const whole = await perform("history", raw).catch((error: unknown) => {
    if (!(error instanceof HoldfastError) || error.code !== "TREE_NOT_FOUND") throw error;
    return perform("history", { ...raw, all: true });
  });
  return { brief: changesBrief({ of: of ?? null, history: whole }), whole };
}
