/** `holdfast.yaml`: from text to a `Config` with every default filled in, or one error that lists every problem with its place. */

import type * as z from "zod";
import { nearestName } from "../base/index.ts";
import type { ComponentConfig, Config } from "./config.ts";
import { componentProblems, layoutProblems } from "./config-rules.ts";
import { type ConfigFile, configJsonSchema, configSchema } from "./config-schema.ts";
import { type ConfigProblem, type ConfigSource, invalidConfig, type KeyPath, readConfigYaml } from "./config-yaml.ts";

/**
 * Throws `CONFIG_INVALID`, or `COMPONENT_INVALID` when nothing but components is wrong; `data` is `{line, column, problems}`, first
 * problem first. A key without a value counts as absent, so that a section whose lines are all comments is fine.
 */
export function parseConfig(text: string): Config {
  const source = readConfigYaml(text);
  const parsed = configSchema().safeParse(withoutEmptyKeys(source.value) ?? {});
  if (!parsed.success)
    throw invalidConfig(
      "CONFIG_INVALID",
      parsed.error.issues.flatMap((issue) => schemaProblems(issue, source)),
    );
  const config = configOf(parsed.data);
  const layout = layoutProblems(config);
  const components = componentProblems(config);
  if (layout.length + components.length === 0) return config;
  const problems = [...layout, ...components].map(({ path, message }) => ({ ...source.placeOf(path), message }));
  throw invalidConfig(layout.length === 0 ? "COMPONENT_INVALID" : "CONFIG_INVALID", problems);
}

/** The configuration of a tree whose `holdfast.yaml` is empty. */
export function defaultConfig(): Config {
  return parseConfig("");
}

function schemaProblems(issue: z.core.$ZodIssue, source: ConfigSource): ConfigProblem[] {
  const where = issue.path.length === 0 ? "" : `${issue.path.map(String).join(".")}: `;
  if (issue.code !== "unrecognized_keys") return [{ ...source.placeOf(issue.path), message: where + reason(issue) }];
  return issue.keys.map((key) => {
    const nearest = nearestName(key, knownKeys(issue.path));
    const advice =
      nearest === null ? "" : nearest === key ? " (it goes with another choice)" : `; did you mean "${nearest}"?`;
    const message = `${where}unknown key "${key}"${advice}`;
    return { ...source.placeOf(issue.path, key), message };
  });
}

function reason(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_key") return issue.issues[0]?.message ?? issue.message;
  if (issue.code === "invalid_union" && issue.discriminator !== undefined)
    return `needs a "${issue.discriminator}" that is known`;
  if (issue.message.endsWith("received undefined")) return "is missing";
  return issue.message.replace(/^Invalid (input|option): /, "").replace(/^Invalid input$/, "is not valid");
}

interface SchemaNode {
  properties?: Record<string, SchemaNode>;
  additionalProperties?: SchemaNode | boolean;
  items?: SchemaNode | SchemaNode[];
  oneOf?: SchemaNode[];
  anyOf?: SchemaNode[];
}

/** The keys that the schema knows at a place: read off the JSON Schema, which has every place already. */
function knownKeys(path: KeyPath): string[] {
  let nodes: SchemaNode[] = [configJsonSchema() as SchemaNode];
  for (const step of path) {
    nodes = nodes.flatMap((node) => {
      const next =
        node.properties?.[String(step)] ?? (typeof step === "number" ? node.items : node.additionalProperties);
      return (Array.isArray(next) ? next : [next]).flatMap((child) =>
        typeof child === "object" ? [child, ...(child.oneOf ?? []), ...(child.anyOf ?? [])] : [],
      );
    });
  }
  return [...new Set(nodes.flatMap((node) => Object.keys(node.properties ?? {})))];
}

function withoutEmptyKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmptyKeys);
  if (value === null || typeof value !== "object") return value;
  const kept = Object.entries(value).filter(([, child]) => child !== null);
  return Object.fromEntries(kept.map(([key, child]) => [key, withoutEmptyKeys(child)]));
}

/** From the file's names and shape to the program's. */
function configOf(file: ConfigFile): Config {
  const { remember, orders, guard, canary, evidence } = file;
  return {
    v: 1,
    remember: {
      exclude: remember.exclude,
      precious: remember.precious,
      maxFileBytes: remember.maxFile,
      keep: { sizeBytes: remember.keep.size, ageMs: remember.keep.age },
    },
    components: byName(
      file.components,
      (component): ComponentConfig => ({ kind: null, service: null, check: null, ...component }),
    ),
    accept: file.accept,
    layout: file.layout ?? null,
    agents: byName(file.agents, (agent) =>
      agent.run === "command" ? { run: agent.run, command: agent.command, timeoutMs: agent.timeout } : agent,
    ),
    orders: {
      commands: orders.commands,
      allowOutside: orders.allowOutside,
      requireSignature: orders.requireSignature,
      timeoutMs: orders.timeout,
      retries: orders.retries,
      concurrency: orders.concurrency,
    },
    guard: { sweepMs: guard.sweep, flap: { repairs: guard.flap.repairs, withinMs: guard.flap.within } },
    canary: { everyMs: canary.every, keepMs: canary.keep },
    alerts: file.alerts,
    vault: file.vault,
    hooks: file.hooks,
    rollback: file.rollback,
    evidence: {
      windowMs: evidence.window,
      limitMs: evidence.limit,
      rollbackLogs: evidence.rollbackLogs,
      serviceLogs: evidence.serviceLogs,
      ledgers: evidence.ledgers,
    },
  };
}

/** Without a prototype: an inbox folder called `constructor` must find no agent. */
function byName<A, B>(record: Record<string, A>, convert: (value: A) => B): Record<string, B> {
  const result: Record<string, B> = Object.create(null);
  for (const [name, value] of Object.entries(record)) result[name] = convert(value);
  return result;
}
