/** `git checkout`, `switch` and `restore`: one command that does two things, and the two that were made of it. */

import { BROUGHT_BACK, namesEverything, pathspecs, TRACKED, wholeWorkTree } from "./git-pathspec.ts";
import { hasAny, type ParsedOptions, parseOptions } from "./operands.ts";
import { type CommandReading, harmless, type Place, understood } from "./reading.ts";

/** To a branch: moves every tracked file that differs. With paths: brings these back. `checkout x` may be either. */
export function checkout(args: readonly string[], place: Place): CommandReading {
  const options = parseOptions(args, { short: "bB", long: ["--orphan", "--pathspec-from-file", "--conflict"] });
  const { operands, beforeDashes } = options;
  const fromFile = options.flags.has("--pathspec-from-file");
  const named = beforeDashes === null ? null : operands.slice(beforeDashes);
  if ((named !== null && named.length > 0) || fromFile) return bringsBack("checkout", named ?? [], { place, fromFile });
  if (hasAny(options, "-b", "-B", "--orphan")) return toNewBranch("checkout", options, place);
  const [first, ...rest] = operands;
  if (hasAny(options, "-p", "--patch")) return bringsBack("checkout -p", rest, { place, fromFile: rest.length === 0 });
  if (first !== undefined && looksLikePath(first)) return bringsBack("checkout", operands, { place, fromFile });
  if (rest.length > 0) return bringsBack("checkout", rest, { place, fromFile });
  const forced = hasAny(options, "-f", "--force");
  if (first === undefined) return forced ? toCommit("checkout -f", place) : harmless("git", "checkout");
  const branch = toCommit(forced ? "checkout -f" : "checkout", place);
  if (beforeDashes !== null || forced || hasAny(options, "--detach", "-d", "-t", "--track")) return branch;
  const asFile = pathspecs([first], place, BROUGHT_BACK).map((one) => ({ ...one, doubtful: true as const }));
  return { ...branch, touches: [...branch.touches, ...asFile] };
}

export function readSwitch(args: readonly string[], place: Place): CommandReading {
  const options = parseOptions(args, { short: "cC", long: ["--create", "--force-create", "--orphan", "--conflict"] });
  if (hasAny(options, "-c", "-C", "--create", "--force-create")) return toNewBranch("switch", options, place);
  // Unlike `checkout --orphan`, this one removes every tracked file.
  const forced = hasAny(options, "-f", "--force", "--discard-changes");
  return toCommit(forced ? "switch --discard-changes" : "switch", place);
}

export function readRestore(args: readonly string[], place: Place): CommandReading {
  const options = parseOptions(args, { short: "s", long: ["--source", "--pathspec-from-file", "--conflict"] });
  if (hasAny(options, "-S", "--staged") && !hasAny(options, "-W", "--worktree"))
    return harmless("git", "restore --staged");
  const fromFile = options.flags.has("--pathspec-from-file");
  const reading = bringsBack("restore", options.operands, { place, fromFile });
  if (!hasAny(options, "-s", "--source", "-S", "--staged")) return reading;
  // Not in overlay mode, its default, it removes what the source does not have.
  return { ...reading, touches: reading.touches.map((one) => ({ ...one, effects: TRACKED })) };
}

function bringsBack(
  verb: string,
  paths: readonly string[],
  { place, fromFile }: { place: Place; fromFile: boolean },
): CommandReading {
  const inBulk = fromFile || paths.length === 0 || paths.some(namesEverything);
  const touches = pathspecs(paths, place, BROUGHT_BACK);
  return understood("git", {
    verb,
    inBulk,
    touches: fromFile ? [...touches, wholeWorkTree(place, BROUGHT_BACK)] : touches,
  });
}

function toCommit(verb: string, place: Place): CommandReading {
  return understood("git", { verb, inBulk: true, touches: [wholeWorkTree(place, TRACKED)] });
}

/** A new branch from here changes no file; from another commit it does. */
function toNewBranch(verb: string, options: ParsedOptions, place: Place): CommandReading {
  const forced = hasAny(options, "-f", "--force", "--discard-changes");
  if (options.operands.length === 0 && !forced) return harmless("git", verb);
  return toCommit(verb, place);
}

function looksLikePath(word: string): boolean {
  return namesEverything(word) || /^(?:\.\.?\/|\/|:)|[*?[]/.test(word);
}
