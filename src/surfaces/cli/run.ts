/**
 * The command line: finds the verb, performs it, prints what came of it.
 *
 * Decides nothing about the tree. With `--json` exactly one JSON document goes to stdout (`history -f` and `ledger export`: one a line).
 */

import { HoldfastError, nearestName, type Ports, printableJson, printableLine } from "../../base/index.ts";
import {
  CATALOG,
  type CallerContext,
  type CatalogEntry,
  locate,
  type Operation,
  perform,
  recognizeCaller,
} from "../../operations/index.ts";
import { renderError } from "../render-error.ts";
import { parseCommand } from "./command.ts";
import { eventPrinter } from "./events.ts";
import { overview } from "./help.ts";
import { progressLine, styleFor, type Terminal } from "./terminal.ts";

export interface CommandLine {
  argv: readonly string[];
  ports: Ports;
  terminal: Terminal;
  version: string;
  startDaemon: NonNullable<CallerContext["startDaemon"]>;
  /** Writes down what is needed to report a defect; returns the file. */
  reportDefect(error: unknown): string;
}

/** Resolves to the exit code. */
export async function runCommandLine(line: CommandLine): Promise<number> {
  const { argv, terminal, version } = line;
  const wantsJson = argv.includes("--json");
  try {
    if (argv[0] === "completion" && argv[1] === "words") return await sayCompletions(argv.slice(2), line);
    const found = findVerb(argv);
    if (found === "help") {
      terminal.out(`${overview(version, styleFor(terminal.outIsTerminal, terminal.plain))}\n`);
      return 0;
    }
    return await runVerb(await found.entry.load(), found.rest, line);
  } catch (error) {
    return sayError(error, wantsJson, line);
  }
}

/** For the scripts of `holdfast completion`. */
async function sayCompletions(rest: readonly string[], { terminal, ports }: CommandLine): Promise<number> {
  const { completions } = await import("./complete.ts");
  const lines = await completions(rest[0] === "--" ? rest.slice(1) : rest, ports);
  terminal.out(lines.map((one) => `${one}\n`).join(""));
  return 0;
}

/** Other spellings that people type. */
const ALIASES: Readonly<Record<string, string>> = { completions: "completion" };

function findVerb(argv: readonly string[]): "help" | { entry: CatalogEntry; rest: readonly string[] } {
  const [first, second] = argv;
  if (first === undefined || first === "--help" || first === "-h" || first === "help") return "help";
  const two = CATALOG.find(({ name }) => name === `${first} ${second}`);
  if (two) return { entry: two, rest: argv.slice(2) };
  const one = CATALOG.find(({ name }) => name === (ALIASES[first] ?? first));
  if (one) return { entry: one, rest: argv.slice(1) };
  const group = CATALOG.filter(({ name }) => name.startsWith(`${first} `)).map(({ name }) => name);
  if (group.length > 0)
    throw new HoldfastError("USAGE", `holdfast ${first} what?`, {
      hint: group.map((name) => `holdfast ${name}`).join(", "),
    });
  const near = nearestName(
    first,
    CATALOG.map(({ name }) => name),
  );
  throw new HoldfastError("USAGE", `there is no verb "${printableLine(first)}"`, {
    hint: near ? `holdfast ${near}` : "holdfast --help",
  });
}

/** What they say before they end is for people; the document that they answer with holds it too. */
const TELLING_MEANWHILE = new Set(["init", "drill"]);

async function runVerb(operation: Operation, rest: readonly string[], line: CommandLine): Promise<number> {
  const { terminal, ports, startDaemon, version } = line;
  const parsed = await parseCommand(operation, rest);
  if ("help" in parsed) {
    terminal.out(parsed.help);
    return 0;
  }
  const { raw, json, tree } = parsed;
  const abort = new AbortController();
  terminal.onInterrupt(() => abort.abort());
  const progress = progressLine(terminal, () => ports.clock.monotonicMs());
  const style = styleFor(terminal.outIsTerminal, terminal.plain);
  const printEvent = eventPrinter({ json: json || operation.exports === true, style, terminal });
  let streamed = false;
  const caller: CallerContext = {
    ports,
    located: operation.name === "init" ? null : await locate(tree, ports),
    actor: recognizeCaller(ports.process),
    json,
    note: (text) => {
      progress.end();
      const said = text(styleFor(terminal.errIsTerminal, terminal.plain));
      if (said !== "") terminal.err(withNewline(said));
    },
    signal: abort.signal,
    progress: progress.report,
    emit: (event) => {
      streamed ||= !TELLING_MEANWHILE.has(operation.name);
      progress.end();
      printEvent(event);
    },
    startDaemon,
    serveAgents: async () => (await import("../mcp/server.ts")).serveAgents(caller, tree),
    version,
  };
  try {
    const output = await perform({
      operation,
      raw: operation.name === "init" && tree !== null ? { dir: tree, ...raw } : raw,
      caller,
    });
    progress.end();
    sayStanding(caller, operation, line);
    if (json && !streamed) terminal.out(`${printableJson(output)}\n`);
    if (!json) terminal.out(withNewline(operation.print(output, style)));
    endAsItDid(operation.endedBy?.(output) ?? null, ports);
    return operation.exitCode?.(output, raw) ?? 0;
  } finally {
    progress.end();
  }
}

const PASSED_ON = ["SIGINT", "SIGTERM", "SIGHUP"];

/** Whoever waits for this process sees what he would have seen of the command itself: a shell's loop ends with Ctrl-C only then. */
function endAsItDid(signal: string | null, { process }: Ports): void {
  if (signal !== null && PASSED_ON.includes(signal)) process.endBySignal(signal);
}

/** A copy and a workspace are named, loudly: what is said and done is the canonical tree's. */
function sayStanding({ located }: CallerContext, operation: Operation, { terminal }: CommandLine): void {
  if (operation.name.startsWith("tree ")) return;
  if (located?.standing === "workspace") {
    const { root, tree } = located;
    terminal.err(
      `! ${printableLine(root)} is a git worktree of ${printableLine(tree.root)}; this is about the latter\n`,
    );
  }
  if (located?.standing !== "copy" || operation.effect !== "read") return;
  terminal.err(`! ${printableLine(located.root)} is a copy; this is about ${printableLine(located.of[0]!.root)}\n`);
}

function sayError(error: unknown, json: boolean, { terminal, reportDefect }: CommandLine): number {
  const { exitCode, code, message, hint, data, isDefect } = renderError(error);
  const style = styleFor(terminal.errIsTerminal, terminal.plain);
  const report = isDefect ? reportDefect(error) : null;
  if (json) terminal.out(`${printableJson({ error: { code, message, hint, data, ...(report ? { report } : {}) } })}\n`);
  terminal.err(`${style.bad("✗")} ${message} ${style.dim(`[${code}]`)}\n`);
  terminal.err(`  → ${report === null ? hint : `this is a defect in Holdfast; please report it with ${report}`}\n`);
  return exitCode;
}

function withNewline(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}
