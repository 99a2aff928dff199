/**
 * The schema of `holdfast.yaml`: every key, its default, its meaning. Editor help, the JSON Schema and the parser come from here.
 *
 * Durations become milliseconds and sizes bytes on the way through; names stay as they stand in the file. `parse-config.ts` turns
 * the result into a `Config`. Built on first use: it costs 10 ms, and most commands never parse a configuration.
 */

import * as z from "zod";
import { absolutePath, duration, size, text, texts, treePath, wait } from "./config-scalars.ts";
import { DEFAULT_EXCLUDE, DEFAULT_LAYOUT, DEFAULT_PRECIOUS } from "./defaults.ts";

let built: ReturnType<typeof buildSchema> | null = null;

export function configSchema(): ReturnType<typeof buildSchema> {
  built ??= buildSchema();
  return built;
}

export type ConfigFile = z.output<ReturnType<typeof configSchema>>;

/** The JSON Schema (draft 7, which editors know) of what may stand in the file. Shipped as `schema/holdfast.schema.json`. */
export function configJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(configSchema(), { io: "input", target: "draft-7" });
  return { ...schema, title: "holdfast.yaml", description: "The configuration of a tree that Holdfast guards." };
}

function buildSchema() {
  return z.strictObject({
    v: z.literal(1).default(1).describe("The version of this format."),
    remember: remember().prefault({}).describe("The default for every path."),
    components: z.record(componentName(), component()).default({}).describe("What matters, and what must hold of it."),
    accept: z
      .strictObject({
        on: z.array(z.string().regex(/^commit@\S+$/, "must be commit@<branch>")).default(["commit@main"]),
      })
      .prefault({})
      .describe("New content that is committed there moves the baseline; a loss never does."),
    layout: layout()
      .optional()
      .describe("Where orders and projections live in the tree; without it, outside the tree."),
    agents: z.record(agentName(), agent()).default({}).describe("Who carries out the orders of an inbox."),
    orders: orders().prefault({}),
    guard: z
      .strictObject({
        sweep: wait().prefault("5m"),
        flap: z
          .strictObject({ repairs: z.int().min(1).max(1_000).default(5), within: duration().prefault("10m") })
          .prefault({}),
      })
      .prefault({}),
    canary: z.strictObject({ every: wait().prefault("15m"), keep: duration().prefault("24h") }).prefault({}),
    alerts: z.array(alert()).default([]),
    vault: z
      .strictObject({
        mirror: absolutePath()
          .nullable()
          .default(null)
          // Whoever names a folder counts on it.
          .refine((folder) => folder === null, "a mirror is still to come: nothing would be copied there")
          .describe("A folder on another disk."),
      })
      .prefault({}),
    hooks: z.strictObject({ onError: z.enum(["allow", "deny"]).default("allow") }).prefault({}),
    rollback: z
      .strictObject({ before: texts().default([]).describe("Commands that must pass before any rollback.") })
      .prefault({}),
    evidence: z
      .strictObject({
        window: duration().prefault("24h"),
        limit: wait().prefault("30s"),
        rollbackLogs: texts().default(["logs/rollback_*.log"]),
        serviceLogs: texts().default([]),
        ledgers: texts().default([]),
      })
      .prefault({}),
  });
}

const component = () =>
  z.strictObject({
    paths: z
      .array(treePath())
      .min(1, "must name at least one path")
      .describe("Files, folders or globs, relative to the tree's root."),
    executable: texts().default([]).describe("Globs of the files that must keep their executable bit."),
    response: z.enum(["remember", "observe", "repair"]).default("repair").describe("What happens when it goes back."),
    strict: z.boolean().default(false).describe("Older content is always undone."),
    scope: z
      .enum(["branch", "always"])
      .default("branch")
      .describe("branch: tracked paths belong to a branch; always: must hold whatever HEAD is."),
    appendOnly: z.boolean().default(false).describe("Files may only grow."),
    kind: z.enum(["directory"]).optional().describe("directory: only that the folder exists matters."),
    service: text().optional().describe("A launchd label or systemd unit that must run."),
    check: text().optional().describe("A command that must succeed."),
  });

const agent = () =>
  z.discriminatedUnion("run", [
    z.strictObject({ run: z.literal("builtin").describe("Holdfast executes.") }),
    z.strictObject({
      run: z.literal("command").describe("The agent's own CLI executes, never through a shell."),
      command: z.tuple([text()], z.string()).describe("A program and its arguments; {prompt} stands for the order."),
      timeout: wait().prefault("30m"),
    }),
    z.strictObject({ run: z.literal("route").describe("Routed on by target, assignee, owner or route_hints.") }),
    z.strictObject({ run: z.literal("manual").describe("Waits for `holdfast wo complete` or an ack file.") }),
  ]);

const layout = () =>
  z.strictObject({
    inbox: treePath().prefault(DEFAULT_LAYOUT.inbox).describe("Orders are dropped into <inbox>/<AGENT>/."),
    outbox: treePath().prefault(DEFAULT_LAYOUT.outbox).describe("Acknowledgements."),
    archive: treePath().prefault(DEFAULT_LAYOUT.archive).describe("Orders that were taken."),
    failed: treePath()
      .prefault(DEFAULT_LAYOUT.failed)
      .describe("Orders that could not be read, with the reason beside them."),
    state: treePath().prefault(DEFAULT_LAYOUT.state).describe("One state file an order."),
    dashboard: treePath().prefault(DEFAULT_LAYOUT.dashboard).describe("The list of orders for dashboards."),
    telemetry: treePath().prefault(DEFAULT_LAYOUT.telemetry).describe("The telemetry file."),
    mls: treePath().prefault(DEFAULT_LAYOUT.mls).describe("The folder of daily MLS files."),
    reports: treePath().prefault(DEFAULT_LAYOUT.reports),
    logs: treePath().prefault(DEFAULT_LAYOUT.logs),
  });

const remember = () =>
  z.strictObject({
    exclude: texts()
      .default([...DEFAULT_EXCLUDE])
      .describe("Never remembered; .gitignore's syntax. Replaces the default list."),
    precious: texts()
      .default([...DEFAULT_PRECIOUS])
      .describe("Ignored by git, remembered all the same."),
    maxFile: size().prefault("8MiB").describe("Of untracked, unprotected, not precious files."),
    keep: z
      .strictObject({ size: size().prefault("5GiB"), age: duration().prefault("14d") })
      .prefault({})
      .describe("How much history the vault keeps. Baselines are never evicted."),
  });

const orders = () =>
  z.strictObject({
    commands: z
      .enum(["submitted", "allow", "deny"])
      .default("submitted")
      .describe("Which orders may run commands: submitted ones; all, dropped ones too; none."),
    allowOutside: z.array(absolutePath()).default([]).describe("Folders outside the tree that orders may write."),
    requireSignature: z.boolean().default(false),
    timeout: wait().prefault("15m"),
    retries: z.int().min(0).max(100).default(0),
    concurrency: z.int().min(1).max(64).default(4),
  });

const alert = () =>
  z.strictObject({
    when: z
      .string()
      .regex(/^[a-z]+\.([a-z-]+|\*)$/, "must be a ledger event such as incident.opened, or incident.*")
      .describe("A ledger event, such as incident.opened, or incident.*."),
    to: z
      .union(
        [
          z.enum(["desktop", "telemetry"]),
          z.strictObject({ webhook: secret(), authorization: secret().optional() }),
          z.strictObject({ slack: secret() }),
          z.strictObject({ discord: secret() }),
          z.strictObject({ ntfy: secret(), authorization: secret().optional() }),
          z.strictObject({ command: z.tuple([text()], z.string()) }),
        ],
        CHANNELS,
      )
      .describe(`Where to: ${CHANNELS.slice("must be ".length)}.`),
  });

const CHANNELS =
  'must be desktop, telemetry, {command: [program, …]}, or {webhook | slack | discord | ntfy: "env:NAME" or "file:/path"}';

const secret = () =>
  z
    .string()
    .regex(
      /^(env:[A-Za-z_][A-Za-z0-9_]*|file:(\/|~\/).+)$/,
      "must be env:NAME or file:/path: it is a secret, and named only",
    );

/** Names of components and agents end up in file names, URLs and metrics' labels. */
const componentName = () =>
  z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, "a component's name is [a-z0-9._-], at most 64 characters");
const agentName = () =>
  z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "an agent's name is [A-Za-z0-9._-], at most 64 characters");
