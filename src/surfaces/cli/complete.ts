/**
 * What could come next on a command line: verbs and options from the catalog, ids and names from the tree. Only reads, and says nothing
 * rather than fail: a Tab is no place for an error.
 *
 * Answers in lines: a value, a tab, what it is; `:files` where file names fit, too.
 */

import { HoldfastError, isSystemError, type Ports, printableLine } from "../../base/index.ts";
import {
  CATALOG,
  type CallerContext,
  findOperation,
  locate,
  type Operation,
  perform,
  recognizeCaller,
} from "../../operations/index.ts";

export const FILES = ":files";

interface Candidate {
  readonly value: string;
  readonly about: string;
}

/** `words`: after `holdfast`, up to the one that is being typed, which is the last, and may be empty. */
export async function completions(words: readonly string[], ports: Ports): Promise<string[]> {
  // bash hands on what stands at `=` as words of their own.
  const typed = words.filter((word) => word !== "=");
  const begun = typed.at(-1) ?? "";
  const before = typed.slice(0, -1);
  const found = await candidates(begun, before, ports);
  const fitting = found.filter(({ value }) => value === FILES || value.startsWith(begun));
  const lines = fitting.map(({ value, about }) => (value === FILES ? FILES : `${value}\t${printableLine(about)}`));
  return [...new Set(lines)];
}

async function candidates(begun: string, before: readonly string[], ports: Ports): Promise<Candidate[]> {
  const { entry, rest } = verbIn(before);
  const below = entry !== null && rest.length > 0 ? [] : nextWords(before);
  if (entry === null) return below;
  const operation = await entry.load();
  if (rest.includes("--") || (operation.command.passThrough && rest.length > 0)) return [file];
  const options = [...(operation.command.options ?? []), ...COMMON];
  const takes = options.find(({ flags }) => takesValue(flags) && names(flags).includes(rest.at(-1) ?? ""));
  if (takes !== undefined) return valuesOf(takes.flags.split("<")[1]!.replace(">", ""), operation, before, ports);
  if (begun.startsWith("-"))
    return options.flatMap(({ flags, about }) => names(flags).map((value) => ({ value, about })));
  const given = rest.filter((word, index) => !word.startsWith("-") && !isValue(rest[index - 1], options)).length;
  const wanted = operation.command.arguments ?? [];
  const argument = wanted[given] ?? (wanted.at(-1)?.variadic ? wanted.at(-1) : undefined);
  const values = argument === undefined ? [] : await valuesOf(argument.name, operation, before, ports);
  return [...below, ...values];
}

const COMMON = [
  { flags: "--json", about: "one JSON document on stdout" },
  { flags: "--tree <dir>", about: "the tree" },
  { flags: "-h, --help", about: "help with examples" },
];

const file: Candidate = { value: FILES, about: "" };

/** The verb that the words begin with, the longer one first. */
function verbIn(words: readonly string[]): { entry: (typeof CATALOG)[number] | null; rest: readonly string[] } {
  for (const length of [2, 1]) {
    const name = words.slice(0, length).join(" ");
    const entry = words.length < length ? undefined : CATALOG.find((one) => one.name === name);
    if (entry !== undefined) return { entry, rest: words.slice(length) };
  }
  return { entry: null, rest: [] };
}

/** Words with which a verb's name could go on. */
function nextWords(before: readonly string[]): Candidate[] {
  const start = before.map((word) => `${word} `).join("");
  return CATALOG.filter(({ name }) => name.startsWith(start)).map(({ name, about }) => {
    const [value = "", ...more] = name.slice(start.length).split(" ");
    return { value, about: more.length === 0 ? about : `${value} …` };
  });
}

function names(flags: string): string[] {
  return flags.split(/[ ,]+/).filter((word) => word.startsWith("-"));
}

function takesValue(flags: string): boolean {
  return flags.includes("<");
}

function isValue(previous: string | undefined, options: readonly { flags: string }[]): boolean {
  return options.some(({ flags }) => takesValue(flags) && names(flags).includes(previous ?? ""));
}

/** By what a verb calls its argument or option's value. */
async function valuesOf(
  name: string,
  operation: Operation,
  before: readonly string[],
  ports: Ports,
): Promise<Candidate[]> {
  const own = SOURCES[`${operation.name} ${name}`];
  const fixed = FIXED[name];
  if (own === undefined && fixed !== undefined) return fixed.map((value) => ({ value, about: name }));
  const sources = own ?? SOURCES[name] ?? [];
  const answers = await Promise.all(sources.map((source) => source(before, ports)));
  return answers.flat();
}

const FIXED: Readonly<Record<string, readonly string[]>> = {
  shell: ["bash", "zsh", "fish"],
  response: ["remember", "observe", "repair"],
  scope: ["branch", "always"],
  target: ["claude-code", "codex", "gemini", "cursor", "git-trace"],
  status: ["pending", "running", "done", "failed", "cancelled"],
};

type Source = (before: readonly string[], ports: Ports) => Promise<Candidate[]>;

const files: Source = async () => [file];
const components = asked("components", ({ components: all }) =>
  all.map(({ name, drift }) => ({ value: name, about: drift.length === 0 ? "as accepted" : `${drift.length} differ` })),
);
const incidents = asked("incidents", ({ incidents: all }) =>
  all.map(({ id, state, kinds, paths }) => ({ value: id, about: `${state}: ${kinds.join(", ")} ${paths[0] ?? ""}` })),
);
const orders = asked("wo list", ({ orders: all }) =>
  all.map(({ id, stage, title }) => ({ value: id, about: `${stage}: ${title}` })),
);
const snapshots = asked("snapshots", ({ snapshots: all }) =>
  all.map(({ id, at, note }) => ({ value: id, about: `${at} ${note}` })),
);

const SOURCES: Readonly<Record<string, readonly Source[]>> = {
  "wo show id": [orders],
  "wo approve id": [orders],
  "wo cancel id": [orders],
  "wo retry id": [orders],
  "wo complete id": [orders],
  "incidents show id": [incidents],
  "incidents dismiss id": [incidents],
  "repair subject": [components, incidents],
  "history subject": [components, orders, files],
  "rollback target": [snapshots, orders, files],
  subject: [components, files],
  subjects: [components, files],
  component: [components],
  components: [components],
  from: [snapshots],
  to: [snapshots],
  state: [snapshots],
  paths: [files],
  path: [files],
  file: [files],
  script: [files],
  scripts: [files],
  dir: [files],
  command: [files],
};

/** What a reading verb answers, in the tree where the line is typed; nothing where it cannot. */
function asked<Name extends keyof Listed>(name: Name, read: (answer: Listed[Name]) => Candidate[]): Source {
  return async (before, ports) => {
    const tree = before.indexOf("--tree");
    try {
      const operation = (await findOperation(name))!;
      const caller: CallerContext = {
        ports,
        located: await locate(tree < 0 ? null : (before[tree + 1] ?? null), ports),
        actor: recognizeCaller(ports.process),
        version: "",
        signal: new AbortController().signal,
        progress: () => undefined,
        emit: () => undefined,
      };
      return read((await perform({ operation, raw: {}, caller })) as Listed[Name]);
    } catch (error) {
      if (error instanceof HoldfastError || isSystemError(error)) return [];
      throw error;
    }
  };
}

interface Listed {
  components: { components: { name: string; drift: unknown[] }[] };
  incidents: { incidents: { id: string; state: string; kinds: string[]; paths: string[] }[] };
  "wo list": { orders: { id: string; stage: string; title: string }[] };
  snapshots: { snapshots: { id: string; at: string; note: string }[] };
}
