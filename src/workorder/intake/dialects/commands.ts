/** What an order runs: `steps`, `cmd` and `code`; and what must hold afterwards: `post_verify` and `tests`. */

import { LIMITS } from "../../../base/index.ts";
import type { Check, Step } from "../../order.ts";
import type { Fields, Found } from "../fields.ts";
import { isRecord } from "../fields.ts";
import { type Body, type BodyEntry, completeEntries, exactText } from "./body.ts";
import { RUN_NAMES } from "./names.ts";

const SHELLS = new Set(["bash", "sh", "shell"]);
const NODES = new Set(["node", "javascript", "js"]);

export function readSteps(root: Fields, body: Body): void {
  for (const found of root.all("steps")) {
    const entries = completeEntries(root.reading, found, { isComplete: runs, missing: "`run`" });
    for (const entry of entries) body.steps.push(readStep(entry, body.steps.length));
    if (entries.length > 0) body.paths.push(found.path);
  }
}

/** True for a mapping that holds a command that is not blank. */
function runs(entry: unknown): boolean {
  if (!isRecord(entry)) return false;
  return RUN_NAMES.some(
    (name) => Object.hasOwn(entry, name) && typeof entry[name] === "string" && entry[name].trim() !== "",
  );
}

export function readStep(entry: BodyEntry, index: number): Step {
  const { fields } = entry;
  const found = fields.all(...RUN_NAMES)[0];
  if (!found) throw fields.reading.refusal(entry.path, "has no command");
  const source = exactText(fields.reading, found);
  const skill = fields.text("skill", "shell_type")?.toLowerCase() ?? "bash";
  if (!SHELLS.has(skill) && !NODES.has(skill))
    throw fields.reading.refusal(entry.path, `has the skill "${skill}"; bash and node are known`);
  const retries = fields.count("max_retries", "retries");
  const retry = fields.flag("retry_on_failure", "retry");
  return {
    name: fields.text("name", "title", "id") ?? `step ${index + 1}`,
    run: NODES.has(skill) ? { node: source } : { shell: source },
    timeoutMs: fields.durationMs("timeout", "timeout_sec", "timeout_seconds"),
    retries: retry === false ? 0 : (retries ?? (retry === true ? 1 : 0)),
    retryDelayMs: fields.durationMs("retry_delay", "retry_delay_sec") ?? LIMITS.retryDelayMsMin,
    alwaysRun: fields.flag("always_run") ?? false,
  };
}

/** `cmd`, or `code` with a `skill` beside it. A skill that is not known here is left to the agent. */
export function readCommand(root: Fields, body: Body): void {
  for (const found of root.all("cmd", "code")) {
    const prefix = found.path
      .slice(0, -1)
      .map((key) => `${key}.`)
      .join("");
    const isCode = found.path.at(-1) === "code";
    if (typeof found.value !== "string" || found.value.trim() === "") continue;
    const skill = root.all(`${prefix}skill`)[0];
    const name = typeof skill?.value === "string" ? skill.value.toLowerCase() : isCode ? null : "bash";
    if (name === null || (!SHELLS.has(name) && !NODES.has(name))) {
      const why = name === null ? "has no `skill` beside it" : `is for the skill "${name}"`;
      root.reading.warnings.push(`\`${prefix}${isCode ? "code" : "cmd"}\` ${why}: it is left to the agent`);
      continue;
    }
    if (skill) root.reading.take(skill.path);
    const source = exactText(root.reading, found);
    body.steps.push({
      name: isCode ? "code" : "cmd",
      run: NODES.has(name) ? { node: source } : { shell: source },
      timeoutMs: null,
      retries: 0,
      retryDelayMs: LIMITS.retryDelayMsMin,
      alwaysRun: false,
    });
    body.paths.push(found.path);
  }
}

/** In `post_verify` a text is a command; in `tests` it is a description, and stays one. */
export function readChecks(root: Fields, body: Body): void {
  for (const found of root.all("post_verify")) {
    const commands = Array.isArray(found.value) ? found : { path: found.path, value: [found.value] };
    const isText = (entry: unknown) => typeof entry === "string" && entry.trim() !== "";
    const isComplete = (entry: unknown) => isText(entry) || runs(entry);
    completeEntries(root.reading, commands, { isComplete, missing: "`command`" }).forEach((entry, index) => {
      const value: unknown = (commands.value as unknown[])[index];
      const path = commands === found ? entry.path : found.path;
      body.checks.push(isText(value) ? commandCheck(root, { path, value }) : readCheck(entry));
    });
    body.paths.push(found.path);
  }
  for (const found of root.all("tests")) {
    if (Array.isArray(found.value) && found.value.some((entry) => typeof entry === "string")) {
      root.reading.warnings.push("`tests` holds text without a `command`: it is not run");
      continue;
    }
    const entries = completeEntries(root.reading, found, { isComplete: runs, missing: "`command`" });
    for (const entry of entries) body.checks.push(readCheck(entry));
    body.paths.push(found.path);
  }
}

function commandCheck(root: Fields, found: Found): Check {
  const command = exactText(root.reading, found);
  return { name: firstLine(command), command, expected: null, exitCode: 0, timeoutMs: null };
}

function readCheck(entry: BodyEntry): Check {
  const { fields } = entry;
  const command = exactText(fields.reading, fields.all(...RUN_NAMES)[0]!);
  const expected = fields.all("expected", "expected_output", "stdout")[0];
  return {
    name: fields.text("name", "title", "id", "description") ?? firstLine(command),
    command,
    expected: expected ? exactText(fields.reading, expected).trim() : null,
    exitCode: fields.count("exit", "exit_code", "expected_exit") ?? 0,
    timeoutMs: fields.durationMs("timeout", "timeout_sec", "timeout_seconds"),
  };
}

function firstLine(text: string): string {
  return text.trim().split("\n", 1)[0]!.slice(0, LIMITS.orderTitleLengthMax);
}
