/**
 * Whether a commit announces what it did to exactly this path: then it was meant, and is no loss. Pure.
 *
 * A verb alone announces nothing (`chore: remove stale locks`), nor does a name alone (`update router`): the subject must say both,
 * or the commit must do nothing else.
 */

import { basename } from "node:path";
import type { ChangeKind } from "../contract.ts";
import type { CommitFiles } from "../git-past/commit-files.ts";
import type { Touch } from "../git-past/read-log.ts";

export interface Announcement {
  readonly touch: Touch;
  readonly kind: ChangeKind;
  /** The paths that were asked about. */
  readonly paths: readonly string[];
  /** What else the commit did; `null` where it was not read. */
  readonly files: CommitFiles | null;
  /** Commits that touched these paths: what a revert may name. */
  readonly isOfThese: (commit: string) => boolean;
  readonly subjects: ReadonlySet<string>;
}

const BACK =
  "revert(?:s|ed|ing)?|restor(?:e|es|ed|ing)|undo(?:es|ne)?|roll(?:s|ed|ing)?[ -]?back|rollback|back(?:s|ed)? out|bring(?:s|ing)? back|reinstat\\w*|reset(?:s|ting)?|reapply|downgrade\\w*|pin(?:s|ned)?";
const AWAY =
  "remov(?:e|es|ed|ing|al)|delet(?:e|es|ed|ing|ion)|drop(?:s|ped|ping)?|retir(?:e|es|ed|ing)|deprecat\\w*|purg(?:e|es|ed|ing)|prun(?:e|es|ed|ing)|rm|eliminat\\w*|discontinu\\w*|decommission\\w*|get rid of|clean(?:s|ed|ing)?[ -]?up|cleanup";
const ELSEWHERE =
  "renam(?:e|es|ed|ing)|mov(?:e|es|ed|ing)|migrat\\w*|relocat\\w*|archiv(?:e|es|ed|ing)|consolidat\\w*|replac(?:e|es|ed|ing)|supersed\\w*|merg(?:e|es|ed|ing) into";
const LET_GO = "untrack\\w*|ignor(?:e|es|ed|ing)|gitignor\\w*|stop(?:s|ped)? track\\w*|un-?version\\w*";
const LESS =
  "truncat\\w*|empt(?:y|ies|ied|ying)|clear(?:s|ed|ing)?|rotat\\w*|trim(?:s|med|ming)?|shorten\\w*|compact\\w*|reset(?:s|ting)?|wip(?:e|es|ed|ing)";
const MODE = "chmod|mode|permissions?|executable|exec bit|\\+x|-x";
const TYPE = "sym-?links?|links?|linked|convert\\w*|director(?:y|ies)|folders?|submodules?|replac\\w*";

const VERBS: Readonly<Record<ChangeKind, RegExp>> = {
  deleted: words(AWAY, BACK, ELSEWHERE, LET_GO),
  renamed: words(ELSEWHERE, AWAY, BACK),
  untracked: words(LET_GO, AWAY, ELSEWHERE, BACK),
  reverted: words(BACK, AWAY),
  truncated: words(LESS, AWAY, BACK),
  emptied: words(LESS, AWAY, BACK),
  modified: words(BACK),
  "mode-changed": words(MODE, BACK),
  "type-changed": words(TYPE, ELSEWHERE, BACK),
  unreadable: words(BACK),
  "service-failed": words(BACK),
};

function words(...alternatives: string[]): RegExp {
  return new RegExp(`(?:^|[^a-z0-9])(?:${alternatives.join("|")})(?![a-z0-9])`, "i");
}

export function isAnnounced(announcement: Announcement): boolean {
  const { touch, kind } = announcement;
  const said = saidBy(touch);
  if (isRevertOfThese(announcement)) return true;
  if (!VERBS[kind].test(said)) return false;
  return namesThese(said, announcement) || doesNothingElse(announcement);
}

/** A merge's own subject is git's; what its request was called stands below. */
function saidBy({ subject, body }: Touch): string {
  if (!/^Merge (pull|branch|remote|commit)/.test(subject)) return subject;
  return `${subject} ${body.split("\n").find((line) => line.trim() !== "") ?? ""}`;
}

/** Git's own words for it, with the commit that is taken back – which touched these paths. */
function isRevertOfThese({ touch, isOfThese, subjects }: Announcement): boolean {
  const quoted = /^(?:Revert|Reapply) "(.*)"$/s.exec(touch.subject)?.[1];
  const named = [...touch.body.matchAll(/This reverts commit ([0-9a-f]{7,64})/g)].map(([, commit]) => commit!);
  if (named.some((commit) => isOfThese(commit))) return true;
  return quoted !== undefined && (subjects.has(quoted) || named.length === 0);
}

/** Names that a sentence may hold by chance. */
const PLAIN =
  /^(index|main|readme|test|tests|config|settings|app|src|lib|docs?|tools?|scripts?|agents?|data|logs?|state|init|run|start|build|core|system|utils?|common|public|assets|pages|components?|reports?|files?|old|new|tmp|temp|backup|archive)$/;

function namesThese(said: string, { paths, files }: Announcement): boolean {
  const text = plain(said);
  return paths.some((path) => {
    if (said.includes(path)) return true;
    const name = basename(path);
    if (name.length > 3 && hasWord(text, plain(name))) return true;
    const stem = plain(name.replace(/^\.?([^.]+)\..*$/, "$1"));
    if (stem.length > 2 && !PLAIN.test(stem) && hasWord(text, stem)) return true;
    return foldersOf(path).some((folder) => isWhole(folder, files) && namesFolder(text, folder));
  });
}

function namesFolder(text: string, folder: string): boolean {
  const name = plain(basename(folder));
  return hasWord(text, plain(folder)) || (name.length > 2 && !PLAIN.test(name) && hasWord(text, name));
}

/** The commit is about this folder: nearly everything that it took away lies in it. */
function isWhole(folder: string, files: CommitFiles | null): boolean {
  if (files === null) return false;
  const changed = files.files.filter(({ letter }) => letter !== "A");
  return changed.every(({ path }) => path.startsWith(`${folder}/`));
}

function doesNothingElse({ paths, files }: Announcement): boolean {
  if (files === null || files.files.length === 0) return false;
  return files.files.every(
    ({ path }) =>
      /(^|\/)\.gitignore$/.test(path) || paths.some((asked) => path === asked || path.startsWith(`${asked}/`)),
  );
}

function foldersOf(path: string): string[] {
  const segments = path.split("/").slice(0, -1);
  return segments.map((_, index) => segments.slice(0, index + 1).join("/"));
}

/** `apply_patch-processor` and "apply patch processor" are one name. */
function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/[-_\s]+/g, " ")
    .trim();
}

function hasWord(text: string, word: string): boolean {
  if (word === "") return false;
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const [before, after] = [text[at - 1] ?? " ", text[at + word.length] ?? " "];
    if (!/[a-z0-9]/.test(before) && !/[a-z0-9]/.test(after)) return true;
  }
  return false;
}
