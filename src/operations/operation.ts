/**
 * What a verb is. One verb, one file: its input, what it does, what it says, its help. CLI, HTTP and MCP are derived from this.
 */

import type { ZodType } from "zod";
import { assert, type Ports, type Progress } from "../base/index.ts";
import type { Actor } from "../ledger/index.ts";
import type { Located, Tree } from "../tree/index.ts";
import type { House } from "./house.ts";
import type { Schema } from "./schema.ts";
import type { Writer } from "./writer.ts";

/**
 * What a verb needs: `none` no tree at all; `read` the store, opened read-only, beside a daemon or not; `write` the tree's lock,
 * the daemon's or its own.
 */
export type Effect = "none" | "read" | "write";

export interface Operation<Input = unknown, Output = unknown> {
  /** As typed: `snapshot`, `wo show`. */
  readonly name: string;
  /** One line, without a period. */
  readonly about: string;
  readonly effect: Effect;
  /** Built when the verb is called: the schema library costs more to load than most verbs take. */
  readonly input: (z: Schema) => ZodType<Input>;
  readonly command: CommandShape;
  /** It takes over the process or the terminal, or changes what is outside the tree and its state: no page or agent offers it. */
  readonly commandLineOnly?: true;
  /** What it takes away does not come back: a page has the verb's name typed first. */
  readonly destructive?: true;
  /** What it emits goes out as JSON lines, with or without `--json`: it is an export. */
  readonly exports?: true;
  /** Its input names paths as the caller sees them, from `cwd`: filled in by whoever calls it. */
  readonly namesPaths?: true;
  /** With this input it works without a tree too, and opens by itself what it needs. */
  anywhere?(input: Input): boolean;
  /** In the caller's process, before anything is sent: reads files and stdin that the input names. */
  prepare?(raw: Record<string, unknown>, context: CallerContext): Promise<Record<string, unknown>>;
  run(context: OperationContext, input: Input): Promise<Output>;
  /** For people. Foreign text in it has gone through `printableLine`. */
  print(output: Output, style: Style): string;
  /** 0 when omitted. */
  exitCode?(output: Output, input: Input): number;
  /** The signal that ended what it ran: the process then ends by the same. */
  endedBy?(output: Output): string | null;
}

export interface CommandShape {
  readonly arguments?: readonly {
    readonly name: string;
    readonly about: string;
    readonly variadic?: boolean;
    readonly optional?: boolean;
  }[];
  readonly options?: readonly { readonly flags: string; readonly about: string }[];
  /** From the first argument on, nothing is an option of ours: the words are a command. */
  readonly passThrough?: true;
  readonly examples: readonly string[];
  /** Lines that stand below the examples. */
  readonly notes?: readonly string[];
}

/** Where the person or agent is. */
export interface CallerContext {
  readonly ports: Ports;
  readonly located: Located | null;
  readonly actor: Actor;
  /** Of this program. */
  readonly version: string;
  readonly signal: AbortSignal;
  readonly progress: Progress;
  /** One JSON document is asked for, and nothing else on stdout. */
  readonly json?: boolean;
  /** Said to people at once, on stderr. Only where somebody reads: the command line. */
  note?(text: (style: Style) => string): void;
  /** Streaming verbs say things before they end; each is one JSON value. */
  emit(event: unknown): void;
  /** Only where a process may become the daemon: the command line. */
  startDaemon?(tree: Tree, page: PageWish): Promise<RunningDaemon>;
  /** Speaks the agents' protocol on stdin and stdout until they are closed. Only where they are the caller's to give: the command line. */
  serveAgents?(): Promise<void>;
}

/** `port: null`: the usual one, or any where that is taken. */
export type PageWish = { readonly port: number | null } | null;

export interface RunningDaemon {
  readonly page: { readonly url: string; link(): string } | null;
  readonly house: House;
  readonly ended: Promise<void>;
  stop(reason: string): Promise<void>;
}

export interface OperationContext extends CallerContext {
  /** The canonical tree. Throws for a verb of effect `none`. */
  readonly tree: Tree;
  readonly house: House;
  /** What writes; only for verbs of effect `write`. */
  readonly writer: Writer | null;
}

/** The engine and its like, in a verb of effect `write`. */
export function writerOf(context: OperationContext): Writer {
  assert(context.writer !== null, "a verb of effect `write` is performed by a writer");
  return context.writer;
}

/** Colours, or none. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  warn(text: string): string;
  bad(text: string): string;
  accent(text: string): string;
}

/** Keeps the types of one verb together; the catalog holds them all as `Operation`. */
export function operation<Input, Output>(definition: Operation<Input, Output>): Operation<Input, Output> {
  return definition;
}

/** What a verb answers, as it is said in JSON. */
export type AnswerOf<Verb extends { run(context: never, input: never): unknown }> = Awaited<ReturnType<Verb["run"]>>;
