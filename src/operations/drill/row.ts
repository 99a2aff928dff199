/**
 * One row of the drill, as data: what is there, what destroys it, and what has to follow.
 *
 * Commands are shell text, because that is what people and agents run. They start in the tree's root and know `$W` (the row's own
 * folder in it), `$OLD` (a folder outside, for copies and backups), `$T` (the tree's absolute path) and `holdfast`.
 */

/**
 * `agent`: marked, in a session of its own. `script`: neither marked nor at a terminal. `person`: on a pseudo-terminal.
 * `nobody`: from a folder elsewhere, by what the shell does itself: no witness can see it.
 */
export type Doer = "agent" | "script" | "person" | "nobody";

export interface Row {
  /** As in the list of what destroys work; from 27 on what is no loss. */
  readonly n: number;
  readonly name: string;
  /** The scratch tree that it happens in. Rows of one tree follow one another. */
  readonly tree: string;
  readonly by: Doer;
  /** Programs without which it cannot be shown. */
  readonly needs?: readonly string[];
  /** By the last part of their names; default: one of the row's folder that is repaired. YAML, with `$W`. */
  readonly components?: Readonly<Record<string, string>>;
  /** Makes what is destroyed later. What stands there afterwards is accepted. */
  readonly given: string;
  /** Goes on after that: new content, settled and never accepted. It is what comes back. */
  readonly edited?: string;
  readonly damage: string;
  readonly expected: Expected;
  /** After the guard has answered: what a person would do next. */
  readonly afterwards?: string;
  /** Must be true in the end, beside that all is back. Shell text; its last command decides. */
  readonly holds?: string;
}

export interface Expected {
  /** All of them, sorted; none: it is no loss. */
  readonly kinds: readonly string[];
  readonly response: "repair" | "raise" | "note" | "brake" | "none";
  /** A pattern for the command that is named, where somebody is; `null`: nobody may be named. */
  readonly cause?: string | null;
  /** A witness saw it: somebody has to be named. */
  readonly witnessed?: true;
  /** How long this change takes to settle: times count from expected. */
  readonly settles: Settling;
  /** What stands there afterwards is not what was accepted, and is meant to. */
  readonly staysChanged?: true;
  /** It goes on until the guard stops answering. */
  readonly escalates?: true;
  /** Where it went, said in the incident. */
  readonly says?: string;
}

export type Settling = "git" | "content" | "missing" | "at-once";

/** What came of it; `docs/formats.md` has the contract. */
export interface RowOutcome {
  readonly n: number;
  readonly name: string;
  /** `null`: it was not noticed, or there was nothing to notice. Milliseconds after it had settled. */
  readonly noticedMs: number | null;
  readonly kind: string | null;
  readonly cause: { what: string; actor: string | null; pid: number | null; confidence: number } | null;
  readonly incidents: number;
  readonly response: string;
  readonly repairedMs: number | null;
  readonly bytesLost: number;
  readonly falseAlarms: number;
  readonly ok: boolean;
  /** What was not as it has to be. */
  readonly problems: readonly string[];
  /** Why it was not shown, where it was not. */
  readonly skipped: string | null;
}
