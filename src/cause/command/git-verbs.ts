/** What each git verb that can change a work tree does, in every spelling of its options. */

import { checkout, readRestore, readSwitch } from "./git-checkout.ts";
import { pathspecs, TRACKED, wholeWorkTree } from "./git-pathspec.ts";
import { destinations, hasAny, optionValue, type ParsedOptions, parseOptions, resolvePath, touch } from "./operands.ts";
import { type CommandReading, harmless, type Place, understood, unknown } from "./reading.ts";

type ReadVerb = (args: readonly string[], place: Place) => CommandReading;

export const DESTRUCTIVE_VERBS: Readonly<Record<string, ReadVerb>> = {
  reset,
  clean,
  checkout,
  restore: readRestore,
  switch: readSwitch,
  stash,
  rm,
  mv,
  commit,
  revert,
  apply,
  archive,
  bisect: (args, place) =>
    steps("bisect", args[0] ?? null, { place, harmless: ["log", "view", "visualize", "terms", "help", null] }),
  submodule: (args, place) =>
    steps("submodule", submoduleVerb(args), { place, harmless: ["status", "summary", "init", "add", null] }),
  "sparse-checkout": (args, place) =>
    steps("sparse-checkout", args[0] ?? null, { place, harmless: ["list", "check-rules", null] }),
  lfs: (args, place) =>
    ["checkout", "pull"].includes(args[0] ?? "")
      ? steps("lfs", args[0]!, { place, harmless: [] })
      : harmless("git", "lfs"),
  merge: (args, place) => joins("merge", args, place),
  pull: (args, place) => joins("pull", args, place),
  rebase: (args, place) => joins("rebase", args, place),
  "cherry-pick": (args, place) => joins("cherry-pick", args, place),
  am: (args, place) => joins("am", args, place),
  "filter-branch": (_, place) => bulk("filter-branch", place, { recorded: true }),
  "filter-repo": (_, place) => bulk("filter-repo", place, { recorded: true }),
  "read-tree": (args, place) =>
    hasAny(parseOptions(args), "-u") ? bulk("read-tree -u", place) : harmless("git", "read-tree"),
  "checkout-index": checkoutIndex,
  worktree,
};

function bulk(verb: string, place: Place, { recorded = false }: { recorded?: boolean } = {}): CommandReading {
  return understood("git", { verb, inBulk: true, recordedByGit: recorded, touches: [wholeWorkTree(place, TRACKED)] });
}

function reset(args: readonly string[], place: Place): CommandReading {
  const options = parseOptions(args);
  const mode = ["--hard", "--merge", "--keep"].find((flag) => options.flags.has(flag));
  return mode === undefined ? harmless("git", "reset") : bulk(`reset ${mode}`, place);
}

/** Works from the present folder downwards; needs `-f` or `-i` unless the configuration says otherwise. */
function clean(args: readonly string[], place: Place): CommandReading {
  const options = parseOptions(args, { short: "e", long: ["--exclude"] });
  if (hasAny(options, "-n", "--dry-run")) return harmless("git", "clean -n");
  const named = pathspecs(options.operands, place, ["delete"]);
  const all = touch(".", place, ["delete"], "below");
  const sure = hasAny(options, "-f", "--force", "-i", "--interactive");
  const touches = (named.length > 0 ? named : [all]).map((one) => ({ ...one, only: "untracked" as const }));
  return understood("git", {
    verb: "clean",
    inBulk: true,
    touches: sure ? touches : touches.map((one) => ({ ...one, doubtful: true as const })),
  });
}

const STASH_HARMLESS = new Set(["list", "show", "create", "store", "export", "import"]);

function stash(args: readonly string[], place: Place): CommandReading {
  const named = args[0] !== undefined && !args[0].startsWith("-") ? args[0] : null;
  const verb = named ?? "push";
  if (STASH_HARMLESS.has(verb)) return harmless("git", `stash ${verb}`);
  const spoken = named === null ? "stash" : `stash ${verb}`;
  switch (verb) {
    case "push":
    case "save": {
      const options = parseOptions(args.slice(named === null ? 0 : 1), { short: "m", long: ["--message"] });
      const withUntracked = hasAny(options, "-u", "--include-untracked", "-a", "--all");
      const effects = withUntracked ? [...TRACKED] : TRACKED;
      const touches = verb === "push" ? pathspecs(options.operands, place, effects) : [];
      return understood("git", {
        verb: spoken,
        inBulk: touches.length === 0,
        touches: touches.length > 0 ? touches : [wholeWorkTree(place, effects)],
      });
    }
    case "pop":
    case "apply":
    case "branch":
      return bulk(spoken, place);
    case "drop":
    case "clear":
      return understood("git", { verb: spoken });
    default:
      return unknown("git", { verb: spoken });
  }
}

/** With `--cached` only the index forgets: the files stay, and the next `clean` takes them. */
function rm(args: readonly string[], place: Place): CommandReading {
  const options = parseOptions(args, { long: ["--pathspec-from-file"] });
  if (hasAny(options, "-n", "--dry-run")) return harmless("git", "rm -n");
  if (hasAny(options, "--cached")) return understood("git", { verb: "rm --cached" });
  const touches = pathspecs(options.operands, place, ["delete"]);
  return understood("git", {
    verb: "rm",
    inBulk: hasAny(options, "-r"),
    touches: options.flags.has("--pathspec-from-file") ? [...touches, wholeWorkTree(place, ["delete"])] : touches,
  });
}

function mv(args: readonly string[], place: Place): CommandReading {
  const options = parseOptions(args);
  if (hasAny(options, "-n", "--dry-run")) return harmless("git", "mv -n");
  const sources = options.operands.slice(0, -1);
  const destination = options.operands.at(-1);
  if (destination === undefined || sources.length === 0) return harmless("git", "mv");
  const to = resolvePath(destination, place.cwd);
  return understood("git", {
    verb: "mv",
    inBulk: true,
    touches: [
      ...sources.map((source) => touch(source, place, ["delete"], "below")),
      ...destinations(sources, destination, { place, effects: ["other-content", "mode"], reach: "below" }),
    ],
    moves: sources.map((source) => ({ from: resolvePath(source, place.cwd), to })),
  });
}

function commit(args: readonly string[]): CommandReading {
  const options = parseOptions(args, { short: "mFCct" });
  return hasAny(options, "--dry-run")
    ? harmless("git", "commit")
    : understood("git", { verb: "commit", recordedByGit: true });
}

/** Undoes the commits that were named, and says so in its own: not bulk. */
function revert(args: readonly string[], place: Place): CommandReading {
  const options = parseOptions(args, { short: "mX" });
  return understood("git", {
    verb: "revert",
    recordedByGit: !hasAny(options, "-n", "--no-commit", "--abort", "--quit"),
    touches: [wholeWorkTree(place, TRACKED)],
  });
}

/** Which paths a patch changes stands in the patch. */
function apply(args: readonly string[], place: Place): CommandReading {
  const options = parseOptions(args, {
    short: "pC",
    long: ["--exclude", "--include", "--directory", "--whitespace", "--build-fake-ancestor"],
  });
  const looks = hasAny(options, "--check", "--stat", "--numstat", "--summary") && !hasAny(options, "--apply");
  if (looks || hasAny(options, "--cached")) return harmless("git", "apply");
  return bulk(hasAny(options, "-R", "--reverse") ? "apply -R" : "apply", place);
}

function archive(args: readonly string[], place: Place): CommandReading {
  const output = optionValue(parseOptions(args, { short: "o", long: ["--output"] }), "-o", "--output");
  if (output === null) return harmless("git", "archive");
  return understood("git", { verb: "archive", touches: [touch(output, place, ["other-content"])] });
}

function checkoutIndex(args: readonly string[], place: Place): CommandReading {
  const options = parseOptions(args, { long: ["--prefix", "--stage"] });
  const verb = hasAny(options, "-f", "--force") ? "checkout-index -f" : "checkout-index";
  if (!hasAny(options, "-f", "--force") || options.values.has("--prefix")) return harmless("git", verb);
  if (hasAny(options, "-a", "--all", "--stdin")) return bulk(verb, place);
  return understood("git", { verb, touches: pathspecs(options.operands, place, TRACKED) });
}

function worktree(args: readonly string[], place: Place): CommandReading {
  const [verb, ...rest] = args;
  const { operands } = parseOptions(rest, { short: "bB", long: ["--reason"] });
  if (verb === "remove" && operands[0] !== undefined)
    return understood("git", {
      verb: "worktree remove",
      inBulk: true,
      touches: [touch(operands[0], place, ["delete"], "below")],
    });
  if (verb === "move" && operands.length === 2)
    return understood("git", {
      verb: "worktree move",
      inBulk: true,
      touches: [touch(operands[0]!, place, ["delete"], "below")],
      moves: [{ from: resolvePath(operands[0]!, place.cwd), to: resolvePath(operands[1]!, place.cwd) }],
    });
  return harmless("git", verb === undefined ? "worktree" : `worktree ${verb}`);
}

/** A merge, or one of its kind: changes what differs between two states, and leaves a commit; its `--abort` goes back. */
function joins(verb: string, args: readonly string[], place: Place): CommandReading {
  const ends = ["--abort", "--quit", "--show-current-patch", "--edit-todo"].find((flag) => args.includes(flag));
  if (ends !== undefined && ends !== "--abort") return harmless("git", `${verb} ${ends}`);
  const uncommitted = hasAny(withMessage(args), "-n", "--no-commit", "--squash") && verb !== "rebase" && verb !== "am";
  return bulk(ends === undefined ? verb : `${verb} --abort`, place, { recorded: ends === undefined && !uncommitted });
}

function withMessage(args: readonly string[]): ParsedOptions {
  return parseOptions(args, { short: "msXSC" });
}

/** Verbs of several words, of which some only look. */
function steps(
  verb: string,
  step: string | null,
  { place, harmless: looks }: { place: Place; harmless: readonly (string | null)[] },
): CommandReading {
  const spoken = step === null ? verb : `${verb} ${step}`;
  return looks.includes(step) ? harmless("git", spoken) : bulk(spoken, place);
}

function submoduleVerb(args: readonly string[]): string | null {
  return args.find((arg) => !arg.startsWith("-")) ?? null;
}
