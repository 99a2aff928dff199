/**
 * Is what is there broken? Its first line names a program that nobody has, or its own language's parser refuses it.
 *
 * Only parsers run, with the content on their stdin: `-n`, `--check`, `ast.parse`. Nothing of the file is executed. A well-known
 * interpreter that this machine lacks says something of the machine and nothing of the file.
 */

import { basename, extname } from "node:path";
import { isSystemError, LIMITS, type Ports } from "../../base/index.ts";
import type { Step } from "../git-past/history.ts";
import type { Touch } from "../git-past/read-log.ts";
import type { Contents, Trouble } from "../verdict/file-case.ts";
import type { Present } from "./present.ts";

type TroublePorts = Pick<Ports, "process" | "disk">;

export interface TroubleRequest {
  readonly path: string;
  readonly present: Present;
  readonly steps: readonly Step[];
  readonly contents: Contents;
}

const VERSIONS_MAX = 20;

/** `null` where nothing is wrong, or nobody here can tell. */
export async function troubleOf(request: TroubleRequest, ports: TroublePorts): Promise<Trouble | null> {
  const { path, present, steps, contents } = request;
  if (present.kind !== "file" || present.sizeBytes === 0 || present.sizeBytes > present.head.length) return null;
  const look = (bytes: Buffer) => problemOf(bytes, path, ports);
  const problem = await look(present.head);
  if (problem === null) return null;
  let since: Touch | null = null;
  for (const { to, touch } of steps.slice(0, VERSIONS_MAX)) {
    const bytes = to === null ? null : contents.bytesOf(to.oid);
    if (bytes === null) continue;
    if ((await look(bytes)) === null) return { says: problem.says, soundAt: touch, since, certainty: 0.85 };
    since = touch;
  }
  // What was never otherwise may be meant: comments in JSON, a template. A script that no shell can read is not.
  return problem.isCertain ? { says: problem.says, soundAt: null, since, certainty: problem.certainty } : null;
}

interface Problem {
  readonly says: string;
  /** Also when no version was ever without it. */
  readonly isCertain: boolean;
  readonly certainty: number;
}

async function problemOf(bytes: Buffer, path: string, ports: TroublePorts): Promise<Problem | null> {
  const first = firstLine(bytes);
  const bad = first === null ? null : badInterpreter(first, ports);
  if (bad !== null) return bad;
  if (hasConflict(bytes)) return { says: "it holds the marks of a merge conflict", isCertain: true, certainty: 0.85 };
  const language = languageOf(path, first);
  if (language === null) return null;
  if (language === "json") return jsonProblem(bytes);
  if (language === "yaml") return yamlProblem(bytes);
  const says = await parserSays(language, bytes, ports);
  return says === null ? null : { says: `its syntax is wrong: ${says}`, isCertain: first !== null, certainty: 0.75 };
}

// ----------------------------------------------------------------------------------------------------------- the first line

interface FirstLine {
  readonly program: string;
  readonly isSearched: boolean;
  readonly hasReturn: boolean;
}

function firstLine(bytes: Buffer): FirstLine | null {
  const line = bytes.subarray(0, 256).toString("latin1").split("\n", 1)[0]!;
  const found = /^#![ \t]*([^\s]+)(?:[ \t]+(.*))?/.exec(line);
  if (found === null) return null;
  const hasReturn = line.endsWith("\r");
  const program = found[1]!.replace(/\r$/, "");
  if (basename(program) !== "env") return { program, isSearched: false, hasReturn };
  const words = (found[2] ?? "").trim().split(/\s+/);
  const name = words.find((word) => word !== "" && !word.startsWith("-") && !word.includes("="));
  return name === undefined ? null : { program: name, isSearched: true, hasReturn };
}

const WELL_KNOWN =
  /^(sh|bash|zsh|dash|ksh|fish|csh|tcsh|ash|python[\d.]*|pypy\d*|node|nodejs|deno|bun|tsx|ts-node|perl|ruby|php|lua|luajit|awk|gawk|sed|make|osascript|swift|expect|tclsh|wish|Rscript|julia|groovy|java|jshell|elixir|escript|runhaskell|stack|guile|racket|go|uv|pipx|poetry|npx|npm|pwsh|jq|nix-shell|false|true|cat)$/;

function badInterpreter(
  { program, isSearched, hasReturn }: FirstLine,
  { process, disk }: TroublePorts,
): Problem | null {
  if (hasReturn)
    return {
      says: `bad interpreter: its first line ends with a carriage return (${program}\\r)`,
      isCertain: true,
      certainty: 0.9,
    };
  const isInstalled = isSearched ? process.which(program) !== null : isThere(program, disk);
  if (isInstalled || WELL_KNOWN.test(basename(program))) return null;
  return { says: `bad interpreter: ${program} is not on this machine`, isCertain: true, certainty: 0.8 };
}

function isThere(program: string, disk: Ports["disk"]): boolean {
  try {
    return disk.lstat(program) !== null;
  } catch (error) {
    if (isSystemError(error)) return false;
    throw error;
  }
}

// --------------------------------------------------------------------------------------------------------------- the rest

function hasConflict(bytes: Buffer): boolean {
  const text = bytes.toString("latin1");
  return /^<{7} .*$/m.test(text) && /^={7}\r?$/m.test(text) && /^>{7} .*$/m.test(text);
}

type Language = "sh" | "bash" | "zsh" | "js" | "py" | "json" | "yaml";

function languageOf(path: string, first: FirstLine | null): Language | null {
  const program = first === null ? "" : basename(first.program);
  if (program === "sh" || program === "dash" || program === "bash") return program === "bash" ? "bash" : "sh";
  if (program === "zsh") return "zsh";
  if (program === "node") return "js";
  if (/^python3[\d.]*$/.test(program)) return "py";
  if (program !== "") return null;
  const byName: Record<string, Language> = {
    ".bash": "bash",
    ".zsh": "zsh",
    ".py": "py",
    ".json": "json",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".sh": "bash",
  };
  return byName[extname(path).toLowerCase()] ?? null;
}

function jsonProblem(bytes: Buffer): Problem | null {
  try {
    JSON.parse(bytes.toString("utf8").replace(/^\ufeff/, ""));
    return null;
  } catch (error) {
    return { says: `it is no JSON: ${(error as Error).message.slice(0, 120)}`, isCertain: false, certainty: 0.7 };
  }
}

/** Loaded only where there is such a file. */
async function yamlProblem(bytes: Buffer): Promise<Problem | null> {
  if (bytes.length > YAML_BYTES_MAX) return null;
  const { parseAllDocuments } = await import("yaml");
  const documents = parseAllDocuments(bytes.toString("utf8"), { logLevel: "silent" });
  const [error] = Array.isArray(documents) ? documents.flatMap(({ errors }) => errors) : [];
  if (error === undefined) return null;
  const says = `it is no YAML: ${error.message.split("\n", 1)[0]!.slice(0, 120)}`;
  return { says, isCertain: false, certainty: 0.7 };
}

const YAML_BYTES_MAX = 256 * 1024;

/** `bash` reads what other shells of its kind read, and more: what it refuses is wrong everywhere. */
const PARSERS: Readonly<
  Record<Exclude<Language, "json" | "yaml">, { command(nodePath: string): [string, ...string[]]; refuses: RegExp }>
> = {
  sh: { command: () => ["bash", "-n"], refuses: /syntax error|unexpected/i },
  bash: { command: () => ["bash", "-n"], refuses: /syntax error|unexpected/i },
  zsh: { command: () => ["zsh", "-f", "-n"], refuses: /parse error|unmatched/i },
  js: { command: (nodePath) => [nodePath, "--check", "-"], refuses: /SyntaxError/ },
  py: {
    command: () => ["python3", "-I", "-c", "import ast, sys; ast.parse(sys.stdin.buffer.read())"],
    refuses: /SyntaxError|IndentationError|TabError/,
  },
};

async function parserSays(
  language: Exclude<Language, "json" | "yaml">,
  bytes: Buffer,
  { process }: TroublePorts,
): Promise<string | null> {
  if (bytes.length > LIMITS.diagnoseSyntaxBytesMax || bytes.includes(0)) return null;
  try {
    const { exitCode, stderr } = await process.run({
      command: PARSERS[language].command(process.nodePath),
      // Not in the tree: a version manager would do what the tree says.
      cwd: "/",
      stdin: bytes.toString("utf8"),
      timeoutMs: LIMITS.diagnoseSyntaxMs,
      env: { BASH_ENV: undefined, ENV: undefined, NODE_OPTIONS: undefined },
    });
    // A parser that could not start says other things.
    const said = stderr.split("\n").findLast((line) => PARSERS[language].refuses.test(line));
    return exitCode === 0 || said === undefined ? null : said.trim().slice(0, 160);
  } catch (error) {
    if (isSystemError(error)) return null;
    throw error;
  }
}
