/** One verb's command line, derived from its definition by commander. */

import type { Command } from "commander";
import { HoldfastError } from "../../base/index.ts";
import type { Operation } from "../../operations/index.ts";

export interface ParsedCommand {
  raw: Record<string, unknown>;
  json: boolean;
  tree: string | null;
}

/** `{help}` when help was asked for. Throws `USAGE`. */
export async function parseCommand(
  operation: Operation,
  argv: readonly string[],
): Promise<ParsedCommand | { help: string }> {
  const needsNothing = !operation.command.arguments?.some(({ optional }) => !optional);
  if (argv.length === 0 && needsNothing) return { raw: {}, json: false, tree: null };
  if (argv.length === 1 && argv[0] === "--json" && needsNothing) return { raw: {}, json: true, tree: null };
  return parseWith(await import("commander"), operation, argv);
}

function parseWith(
  { Command, CommanderError }: typeof import("commander"),
  operation: Operation,
  argv: readonly string[],
): ParsedCommand | { help: string } {
  const command = describeTo(new Command(`holdfast ${operation.name}`), operation);
  let help = "";
  command.configureOutput({
    writeOut: (text) => {
      help += text;
    },
    writeErr: () => undefined,
  });
  try {
    command.parse([...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.helpDisplayed") return { help };
    throw new HoldfastError("USAGE", error.message.replace(/^error: /, ""), {
      hint: `holdfast ${operation.name} --help`,
    });
  }
  const { json, tree, ...options } = command.opts<Record<string, unknown>>();
  const raw: Record<string, unknown> = { ...options };
  for (const [index, { name }] of (operation.command.arguments ?? []).entries()) {
    const value: unknown = command.processedArgs[index];
    if (value !== undefined) raw[name] = value;
  }
  return { raw, json: json === true, tree: (tree as string | undefined) ?? null };
}

function describeTo(command: Command, operation: Operation): Command {
  command.description(operation.about).exitOverride().helpOption("-h, --help", "this");
  if (operation.command.passThrough) command.passThroughOptions();
  for (const { name, about, variadic, optional } of operation.command.arguments ?? []) {
    const dots = variadic ? "..." : "";
    command.argument(optional ? `[${name}${dots}]` : `<${name}${dots}>`, about);
  }
  for (const { flags, about } of operation.command.options ?? []) command.option(flags, about);
  command
    .option("--json", "one JSON document on stdout")
    .option("--tree <dir>", "the tree (default: the one around this folder)");
  const examples = operation.command.examples.map((example) => `  $ ${example}`);
  const notes = operation.command.notes === undefined ? [] : ["", ...operation.command.notes];
  command.addHelpText("after", `\n${["Examples:", ...examples, ...notes].join("\n")}`);
  return command;
}
