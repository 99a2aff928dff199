/** Reads `git …`: the global options, then the verb by its table. An alias cannot be known from the words: it stays unknown. */

import { DESTRUCTIVE_VERBS } from "./git-verbs.ts";
import { resolvePath } from "./operands.ts";
import { type CommandReading, harmless, type Place, unknown } from "./reading.ts";

export function readGit(args: readonly string[], place: Place): CommandReading {
  const found = findVerb(args, place);
  if (found === null) return harmless("git");
  const { verb, rest } = found;
  if (rest.includes("--help") || rest.includes("-h")) return harmless("git", verb);
  const read = DESTRUCTIVE_VERBS[verb];
  if (read !== undefined && Object.hasOwn(DESTRUCTIVE_VERBS, verb)) return read(rest, found.place);
  return HARMLESS_VERBS.has(verb) ? harmless("git", verb) : unknown("git", { verb });
}

/** Global options whose value is the next word. */
const WITH_VALUE = new Set([
  "-C",
  "-c",
  "--git-dir",
  "--work-tree",
  "--namespace",
  "--super-prefix",
  "--config-env",
  "--attr-source",
]);
const ENDS_THERE = new Set([
  "--version",
  "-v",
  "--help",
  "-h",
  "--exec-path",
  "--html-path",
  "--man-path",
  "--info-path",
]);

/** `null` where git only says something about itself. */
function findVerb(
  args: readonly string[],
  place: Place,
): { verb: string; rest: readonly string[]; place: Place } | null {
  let here = place;
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index]!;
    if (!arg.startsWith("-")) return { verb: arg, rest: args.slice(index + 1), place: here };
    if (ENDS_THERE.has(arg)) return null;
    const equals = arg.startsWith("--") ? arg.indexOf("=") : -1;
    const name = equals < 0 ? arg : arg.slice(0, equals);
    const value = equals >= 0 ? arg.slice(equals + 1) : WITH_VALUE.has(name) ? (args[++index] ?? "") : "";
    here = placeAfter(here, name, value);
  }
  return null;
}

/** Each `-C` counts from the one before; an empty one changes nothing (git(1)). A work tree that somebody looked up stays the better word. */
function placeAfter(place: Place, option: string, value: string): Place {
  if (option === "-C" && value !== "") {
    const cwd = resolvePath(value, place.cwd);
    const stays = cwd !== null && place.workTree !== null && `${cwd}/`.startsWith(`${place.workTree}/`);
    return { ...place, cwd, workTree: stays ? place.workTree : null };
  }
  if (option === "--work-tree") return { ...place, workTree: resolvePath(value, place.cwd) };
  return place;
}

/** They write to `.git`, to the index, elsewhere or nowhere, and never to a file of the work tree. */
const HARMLESS_VERBS = new Set(
  `add annotate blame branch bugreport bundle cat-file check-attr check-ignore check-mailmap check-ref-format cherry clone
  column commit-graph commit-tree config count-objects credential credential-cache credential-cache--daemon credential-store
  daemon describe diagnose diff diff-files diff-index diff-pairs diff-tree fast-export fetch fetch-pack fmt-merge-msg
  for-each-ref for-each-repo format-patch fsck fsmonitor--daemon gc get-tar-commit-id grep hash-object help index-pack init
  interpret-trailers last-modified log ls-files ls-remote ls-tree mailinfo mailsplit maintenance merge-base merge-tree mktag mktree
  multi-pack-index name-rev notes pack-objects pack-redundant pack-refs patch-id prune prune-packed push range-diff receive-pack
  reflog refs remote remote-https remote-http remote-ssh repack replace replay request-pull rerere rev-list rev-parse
  send-email send-pack shortlog show show-branch show-index show-ref stage status stripspace symbolic-ref tag unpack-file
  unpack-objects update-index update-ref update-server-info upload-archive upload-pack var verify-commit verify-pack
  verify-tag version whatchanged write-tree`.split(/\s+/),
);
