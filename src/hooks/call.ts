/** What an agent tells a hook and what it may be told: one shape for all agents. Which words each of them uses stands in `agents/`. */

export type AgentName = "claude-code" | "codex" | "gemini" | "cursor";

interface Common {
  readonly agent: AgentName;
  /** The agent's own name of the moment: answers repeat it. */
  readonly event: string;
  readonly session: string | null;
  /** Absolute, as the agent wrote it; `null` where it says none. */
  readonly cwd: string | null;
}

/** A shell's text that is about to run. */
export interface BeforeCommand extends Common {
  readonly kind: "before";
  readonly command: string;
  /** The same before and after, where the agent numbers its calls. */
  readonly callId: string | null;
  /** Files that the agent's own tool, and no shell, is about to delete or move away; as it wrote them. */
  readonly removes: readonly string[];
}

export interface AfterCommand extends Common {
  readonly kind: "after";
  readonly command: string;
  readonly callId: string | null;
  /** Both streams, as far as the agent keeps them. */
  readonly output: string;
  /** `null`: not told. */
  readonly exitCode: number | null;
}

export interface SessionStart extends Common {
  readonly kind: "session";
}

export interface TurnEnd extends Common {
  readonly kind: "turn-end";
  readonly message: string;
  /** This turn was sent back once already. */
  readonly isRetry: boolean;
}

export type HookCall = BeforeCommand | AfterCommand | SessionStart | TurnEnd;

export type HookReply =
  /** Proceed. */
  | { readonly kind: "silence" }
  /** Proceed; a person is told, not the agent. */
  | { readonly kind: "notice"; readonly text: string }
  /** Before a command: it does not run, and the agent reads why. */
  | { readonly kind: "deny"; readonly reason: string }
  /** The agent reads it: at a session's start, after a command. */
  | { readonly kind: "context"; readonly text: string }
  /** At the end of a turn: the agent goes on with it. */
  | { readonly kind: "send-back"; readonly reason: string };

export const SILENCE: HookReply = { kind: "silence" };

/** How one agent speaks. */
export interface Dialect {
  /** `null`: nothing that a hook of ours has to do with. */
  read(payload: Payload): HookCall | null;
  /** What goes to stdout; `""` is silence. Only for replies that fit the call. */
  write(call: HookCall, reply: HookReply): string;
}

/** Foreign JSON, read field by field: what is missing or of another type is `null`. */
export class Payload {
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(fields: Readonly<Record<string, unknown>>) {
    this.#fields = fields;
  }

  /** `null` for what is no JSON object. A byte order mark in front is Cursor's habit. */
  static parse(text: string): Payload | null {
    try {
      return Payload.of(JSON.parse(text.replace(/^\ufeff/, "")));
    } catch (error) {
      if (error instanceof SyntaxError) return null;
      throw error;
    }
  }

  static of(value: unknown): Payload | null {
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? new Payload(value as Record<string, unknown>) : null;
  }

  text(name: string): string | null {
    const value = Object.hasOwn(this.#fields, name) ? this.#fields[name] : null;
    return typeof value === "string" && value !== "" ? value : null;
  }

  number(name: string): number | null {
    const value = this.any(name);
    return typeof value === "number" ? value : null;
  }

  isTrue(name: string): boolean {
    return this.any(name) === true;
  }

  object(name: string): Payload {
    return Payload.of(this.any(name)) ?? new Payload({});
  }

  any(name: string): unknown {
    return Object.hasOwn(this.#fields, name) ? this.#fields[name] : null;
  }
}

/** Everything that a tool's answer says, whatever its shape: text, a list of parts, an object of streams. */
export function allText(value: unknown, depth = 0): string {
  if (typeof value === "string") return value;
  if (depth > 4 || typeof value !== "object" || value === null) return "";
  return Object.values(value)
    .map((part) => allText(part, depth + 1))
    .filter((part) => part !== "")
    .join("\n");
}

const EXIT_CODE =
  /\bexit(?:ed with)?(?: (?:code|status))?:? (?:code )?(\d{1,3})\b|\bnon-zero status(?: code)? (\d{1,3})\b/i;

/** As agents put it into words: `Exit code 127`, `Exit Code: 1`, `exited with code 2`. */
export function exitCodeIn(text: string): number | null {
  const found = EXIT_CODE.exec(text.slice(0, 4_096)) ?? EXIT_CODE.exec(text.slice(-1_024));
  return found === null ? null : Number(found[1] ?? found[2]);
}
