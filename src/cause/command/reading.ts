/**
 * What a command line says that it can do to files: data, read from words alone, never from the disk.
 *
 * Three certainties: `harmless` cannot change a work tree; *understood* can do what `touches` lists and nothing else; everything
 * else (a build tool, a program in Python) is `understood: false` and could have done anything.
 */

/**
 * `older-content`: puts back what was there before (git does). `other-content`: writes something else. `empty`: leaves zero bytes
 * or cuts off. `type`: a file becomes a link or a folder.
 */
export type CommandEffect = "delete" | "older-content" | "other-content" | "empty" | "mode" | "type";

/** One place that a command can change. */
export interface Touch {
  readonly effects: readonly CommandEffect[];
  /** The operand as it was written; `"."` where the command names none. */
  readonly written: string;
  /** Absolute; `null` where a variable or an unknown folder hides it. For `pattern` the folder before the first wildcard. */
  readonly path: string | null;
  /** `path`: only this. `below`: this and all in it. `pattern`: what matches `written`. `work-tree`: all of the git work tree around it. */
  readonly reach: "path" | "below" | "pattern" | "work-tree";
  /** Git leaves what it does not track alone, `clean` what it does. */
  readonly only?: "tracked" | "untracked";
  /** The words allow another reading as well: `git checkout x`, where x is a branch or a file. */
  readonly doubtful?: true;
}

export interface CommandReading {
  /** `git`, `rm` … without its folder. */
  readonly tool: string;
  /** `reset --hard`, `stash pop`; `null` where a tool has none. */
  readonly verb: string | null;
  readonly harmless: boolean;
  readonly understood: boolean;
  readonly touches: readonly Touch[];
  /** Works on whatever there is (`reset --hard`, `checkout .`, `rm -rf dir`), not on files that were named one by one. */
  readonly inBulk: boolean;
  /** Brings content from another copy: `cp`, `rsync`, `tar x`. */
  readonly copiesFromElsewhere: boolean;
  /** Leaves a commit behind: `commit`, `merge`, `pull`, `rebase`, `revert` … */
  readonly recordedByGit: boolean;
  /** Where `mv` put things; absolute, `null` as in `Touch`. */
  readonly moves: readonly { readonly from: string | null; readonly to: string | null }[];
  /** A script whose text was not read: absolute, or `null` where its folder is unknown. */
  readonly script: { readonly written: string; readonly path: string | null } | null;
  /** `holdfast exec` runs it, remembers first, and puts back what is protected. */
  readonly isGuarded?: true;
  /** The commands inside a shell's text or behind `xargs`, `find -exec`. */
  readonly parts: readonly CommandReading[];
}

/** Where a command stands. `null`: not known. */
export interface Place {
  readonly cwd: string | null;
  /** The root of the git work tree around `cwd`, where somebody looked. */
  readonly workTree: string | null;
  /** What `~` and `$HOME` stand for in a shell's text, where that is known. */
  readonly home?: string;
}

const NOTHING = {
  verb: null,
  harmless: false,
  understood: true,
  touches: [],
  inBulk: false,
  copiesFromElsewhere: false,
  recordedByGit: false,
  moves: [],
  script: null,
  parts: [],
} as const;

/** A command of which all is known: it can do what `known` says, and nothing else. */
export function understood(
  tool: string,
  known: Partial<Omit<CommandReading, "tool" | "harmless" | "understood">> = {},
): CommandReading {
  return { ...NOTHING, tool, ...known };
}

export function harmless(tool: string, verb: string | null = null): CommandReading {
  return { ...NOTHING, tool, verb, harmless: true };
}

/** A command that could do anything. */
export function unknown(tool: string, known: Partial<Pick<CommandReading, "verb" | "script">> = {}): CommandReading {
  return { ...NOTHING, tool, understood: false, ...known };
}

const PARTS_MAX = 256;
const TOUCHES_MAX = 4_096;

/** Several commands as one: it can do what any of them can. Beyond the limits it is no longer understood, which is safe to say. */
export function together(tool: string, parts: readonly CommandReading[], verb: string | null = null): CommandReading {
  const kept = parts.slice(0, PARTS_MAX);
  const touches = kept.flatMap((part) => part.touches);
  return {
    tool,
    verb,
    harmless: parts.every((part) => part.harmless),
    understood: parts.every((part) => part.understood) && parts.length <= PARTS_MAX && touches.length <= TOUCHES_MAX,
    touches: touches.slice(0, TOUCHES_MAX),
    inBulk: kept.some((part) => part.inBulk),
    copiesFromElsewhere: kept.some((part) => part.copiesFromElsewhere),
    recordedByGit: kept.some((part) => part.recordedByGit),
    moves: kept.flatMap((part) => part.moves).slice(0, TOUCHES_MAX),
    script: null,
    parts: kept,
  };
}
