/**
 * What of a tree is remembered: pure judgement over names; the disk is only asked for the text of ignore files, and only when needed.
 *
 * In this order: git's own folders, the state folder and workspaces never; protected paths always; what `remember.exclude` names not, unless
 * precious; what git ignores not, unless precious or tracked. Folders that git ignores are walked in search of precious files,
 * excluded ones only towards a protected path. Below a protected folder, what git ignores is taken too; what `remember.exclude` names
 * (`node_modules`) only where the folder itself is named there.
 */

import type { TreePath } from "../base/index.ts";
import { IgnorePatterns } from "./ignore-patterns.ts";
import { parseTreePath } from "./path.ts";
import { foldersAbove, type ProtectedPaths } from "./protected-paths.ts";

/** `keep`: remembered. `pass`: a folder that is only walked through. `drop`: neither. */
export type Verdict = "keep" | "pass" | "drop";

export interface RuleSources {
  readonly exclude: readonly string[];
  readonly precious: readonly string[];
  readonly protectedPaths: ProtectedPaths;
  /** Folders inside the tree that are looked after by themselves, or never: other checkouts of its repository, the state folder. */
  readonly apart: ReadonlySet<TreePath>;
  /**
   * Ignore files outside the tree's folders, weakest first: core.excludesFile, .git/info/exclude, those of folders above the tree.
   * `prefix` leads from where its patterns begin to the tree: `"packages/app/"`, or `""`.
   */
  readonly outerIgnores: readonly { text: string; prefix: string }[];
  /** Tracked paths that an ignore rule matches: git goes on tracking them, and they are remembered. */
  readonly trackedIgnored: ReadonlySet<string>;
  /** As git compares names here (`core.ignoreCase`): true on macOS. */
  readonly ignoreCase: boolean;
}

export class RememberRules {
  readonly #sources: RuleSources;
  readonly #exclude: IgnorePatterns;
  readonly #precious: IgnorePatterns;

  constructor(sources: RuleSources) {
    this.#sources = sources;
    this.#exclude = this.#matcher(sources.exclude);
    this.#precious = this.#matcher(sources.precious);
  }

  /** The scope of the tree's root. */
  root(): RuleScope {
    const levels = this.#sources.outerIgnores.map(
      ({ text, prefix }): IgnoreLevel => ({ below: 0, prefix, matcher: this.#matcher(text) }),
    );
    return { inside: "tree", levels };
  }

  /** The scope of a folder that was judged `keep` or `pass` in `scope`. `ignoreText`: its own `.gitignore`, read when first needed. */
  enter(scope: RuleScope, path: TreePath, ignoreText: (() => string) | null): RuleScope {
    const standing = this.#standing(scope, path, true);
    const isProtected = this.#sources.protectedPaths.has(path);
    const isWhole = this.#isKept(scope, path, true) && (standing === "excluded" || !isProtected);
    const inside = isWhole ? "kept" : isProtected ? "protected" : standing;
    return this.withIgnoreFile({ inside, levels: scope.levels }, path.length + 1, ignoreText);
  }

  /** `below`: how much of a path is the ignore file's folder. */
  withIgnoreFile(scope: RuleScope, below: number, ignoreText: (() => string) | null): RuleScope {
    if (ignoreText === null) return scope;
    let matcher: IgnorePatterns | null = null;
    const level: IgnoreLevel = {
      below,
      prefix: "",
      get matcher() {
        matcher ??= make(ignoreText());
        return matcher;
      },
    };
    const make = (text: string) => this.#matcher(text);
    return { ...scope, levels: [...scope.levels, level] };
  }

  judge(scope: RuleScope, path: TreePath, isFolder: boolean): Verdict {
    if (this.#sources.apart.has(path)) return "drop";
    // Nearly every name ends here: whether it is precious matters only for what would be left out.
    const standing = scope.inside === "kept" ? "tree" : this.#standing(scope, path, isFolder);
    if (standing === "tree" || standing === "protected" || this.#isKept(scope, path, isFolder)) return "keep";
    if (standing === "excluded") return isFolder && this.#sources.protectedPaths.leads(path) ? "pass" : "drop";
    return isFolder ? "pass" : "drop";
  }

  /** True for what is remembered however large it is: protected and precious paths. */
  isOfAnySize(path: TreePath): boolean {
    const { protectedPaths } = this.#sources;
    return [path, ...foldersAbove(path)].some((one) => protectedPaths.has(one)) || this.#precious.covers(path, false);
  }

  #isKept(scope: RuleScope, path: TreePath, isFolder: boolean): boolean {
    if (scope.inside === "kept" || this.#sources.protectedPaths.has(path)) return true;
    if (scope.inside === "excluded") return false;
    if (!isFolder && this.#sources.trackedIgnored.has(path)) return true;
    return (!isFolder || scope.inside === "ignored") && this.#precious.covers(path, isFolder);
  }

  #standing(scope: RuleScope, path: TreePath, isFolder: boolean): Exclude<RuleScope["inside"], "kept"> {
    if (scope.inside === "excluded" || this.#exclude.test(path, isFolder) === "ignored") return "excluded";
    if (scope.inside === "protected") return "protected";
    return scope.inside === "ignored" || isIgnored(scope.levels, path, isFolder) ? "ignored" : "tree";
  }

  #matcher(patterns: string | readonly string[]): IgnorePatterns {
    return new IgnorePatterns(patterns, this.#sources.ignoreCase);
  }
}

/** What holds for the names inside one folder. */
export interface RuleScope {
  readonly inside: "tree" | "ignored" | "excluded" | "protected" | "kept";
  /** Weakest first: the deepest ignore file has the last word. */
  readonly levels: readonly IgnoreLevel[];
}

interface IgnoreLevel {
  /** How much of a tree path is to be taken off, and what is to be put before it, to get what the patterns speak of. */
  readonly below: number;
  readonly prefix: string;
  readonly matcher: IgnorePatterns;
}

function isIgnored(levels: readonly IgnoreLevel[], path: string, isFolder: boolean): boolean {
  for (let index = levels.length - 1; index >= 0; index -= 1) {
    const { below, prefix, matcher } = levels[index]!;
    const verdict = matcher.test(below === 0 ? prefix + path : path.slice(below), isFolder);
    if (verdict !== null) return verdict === "ignored";
  }
  return false;
}

const ASCII_ONLY = /^[\x20-\x7e]*$/;
const ASCII_GIT_NAME = /^(?:\.git|git~\d+)[. ]*(?::.*)?$/i;

/** True for `.git` under any spelling: such a name is no tree path. */
export function belongsToGit(name: string): boolean {
  if (ASCII_ONLY.test(name)) return ASCII_GIT_NAME.test(name);
  try {
    parseTreePath(name);
    return false;
  } catch {
    return true;
  }
}
