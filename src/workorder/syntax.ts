/**
 * Is what an order wrote well-formed? Scripts and data files are checked by their own language's parser where it is installed;
 * where it is not, that is said. Content that did not parse before either (a template, JSON with comments) is not judged.
 */

import { posix } from "node:path";
import { isSystemError, type Ports } from "../base/index.ts";
import type { TestOutcome } from "../ledger/index.ts";

const CHECK_TIMEOUT_MS = 20_000;
const INTERPRETER_SCAN_BYTES = 256;

interface SyntaxRequest {
  /** As the order names it. */
  path: string;
  absolute: () => string;
  bytes: Buffer;
  mode: number;
  /** What stood there before the order; `null` when nothing did. */
  before: Buffer | null;
}

type Language = "sh" | "bash" | "zsh" | "js" | "py" | "json" | "yaml" | "toml" | "plist";

/** Only what failed, or could not be checked, is worth a line; `[]` when all is well, `null` when there was nothing to check. */
export async function checkSyntax(request: SyntaxRequest, ports: Ports): Promise<TestOutcome[] | null> {
  const outcomes: TestOutcome[] = [];
  const interpreter = interpreterOf(request.bytes);
  if (interpreter !== null && (request.mode & 0o111) !== 0 && !isInstalled(interpreter, ports)) {
    outcomes.push({
      name: `interpreter of ${request.path}`,
      ok: false,
      output: `${interpreter} is not installed: the script would end with exit 127`,
    });
  }
  const language = languageOf(request.path, interpreter);
  if (language === null || request.bytes.length === 0) return outcomes.length > 0 ? outcomes : null;
  const parser = PARSERS[language as keyof typeof PARSERS];
  const problem = parser
    ? parseProblem(await parser(), request)
    : await checkerProblem(language as keyof typeof CHECKERS, request.absolute(), ports);
  if (problem !== null) outcomes.push({ name: `syntax of ${request.path}`, ...problem });
  return outcomes;
}

/** Loaded when a file of that kind is written, and not before: together they cost more than the rest of a command. */
const PARSERS = {
  json: async () => (text: string) => void JSON.parse(text),
  toml: async () => {
    const { parse } = await import("smol-toml");
    return (text: string) => void parse(text);
  },
  plist: async () => {
    const { parse } = await import("plist");
    return (text: string) => void parse(text);
  },
  yaml: async () => {
    const { parseAllDocuments } = await import("yaml");
    return (text: string) => {
      for (const document of parseAllDocuments(text)) if (document.errors[0]) throw document.errors[0];
    };
  },
} as const;

/** Each reads the file named last, and writes nothing. */
const CHECKERS: Record<"sh" | "bash" | "zsh" | "js" | "py", (ports: Ports) => [string, ...string[]]> = {
  sh: () => ["sh", "-n"],
  bash: () => ["bash", "-n"],
  zsh: () => ["zsh", "-f", "-n"],
  js: ({ process }) => [process.nodePath, "--check"],
  py: () => ["python3", "-c", "import ast, sys; ast.parse(open(sys.argv[1], 'rb').read(), sys.argv[1])"],
};

function parseProblem(
  parse: (text: string) => void,
  { bytes, before }: SyntaxRequest,
): Omit<TestOutcome, "name"> | null {
  const problem = thrownBy(() => parse(bytes.toString()));
  if (problem === null || (before !== null && thrownBy(() => parse(before.toString())) !== null)) return null;
  return { ok: false, output: problem };
}

function thrownBy(work: () => void): string | null {
  try {
    work();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function checkerProblem(
  language: keyof typeof CHECKERS,
  absolute: string,
  ports: Ports,
): Promise<Omit<TestOutcome, "name"> | null> {
  const command = CHECKERS[language](ports);
  try {
    const result = await ports.process.run({
      command: [...command, absolute],
      cwd: posix.dirname(absolute),
      timeoutMs: CHECK_TIMEOUT_MS,
    });
    return result.exitCode === 0
      ? null
      : { ok: false, output: (result.stderr || result.stdout).trim() || `exit ${result.exitCode}` };
  } catch (error) {
    if (!isSystemError(error, "ENOENT")) throw error;
    return { ok: true, output: `not checked: ${command[0]} is not installed` };
  }
}

const EXTENSIONS: Record<string, Language> = {
  ".sh": "sh",
  ".bash": "bash",
  ".zsh": "zsh",
  ".js": "js",
  ".mjs": "js",
  ".cjs": "js",
  ".py": "py",
  ".json": "json",
  ".yaml": "yaml",
  ".yml": "yaml",
  ".toml": "toml",
  ".plist": "plist",
};
/** Known to hold comments, which their readers allow and JSON does not. */
const JSON_WITH_COMMENTS = /(^|\/)([tj]sconfig[^/]*\.json|\.vscode\/[^/]*\.json|\.eslintrc\.json|devcontainer\.json)$/;

function languageOf(path: string, interpreter: string | null): Language | null {
  if (JSON_WITH_COMMENTS.test(path)) return null;
  const program = interpreter === null ? "" : posix.basename(interpreter);
  if (program === "sh" || program === "dash") return "sh";
  if (program === "bash" || program === "zsh") return program;
  if (program === "node") return "js";
  if (/^python3?(\.\d+)?$/.test(program)) return "py";
  return EXTENSIONS[posix.extname(path).toLowerCase()] ?? null;
}

/** The program that `#!` names: a path, or after `env` a name. */
function interpreterOf(bytes: Buffer): string | null {
  const line = /^#! *(\S+)(?: +(.*))?/.exec(
    bytes.subarray(0, INTERPRETER_SCAN_BYTES).toString("latin1").split("\n", 1)[0]!,
  );
  if (!line) return null;
  if (posix.basename(line[1]!) !== "env") return line[1]!;
  return (
    (line[2] ?? "").split(/\s+/).find((word) => word !== "" && !word.startsWith("-") && !word.includes("=")) ?? null
  );
}

function isInstalled(interpreter: string, { process, disk }: Ports): boolean {
  return interpreter.startsWith("/") ? disk.lstat(interpreter) !== null : process.which(interpreter) !== null;
}
