/** The tools that remove, move, copy and mark files: rm, mv, cp, rsync, install, ln, chmod and their like. */

import { destinations, hasAny, optionValue, type ParsedOptions, parseOptions, resolvePath, touch } from "./operands.ts";
import { type CommandEffect, type CommandReading, harmless, type Place, understood } from "./reading.ts";

type ReadTool = (args: readonly string[], place: Place) => CommandReading;

export const FILE_TOOLS: Readonly<Record<string, ReadTool>> = {
  rm,
  rmdir: (args, place) => onEach("rmdir", args, { place, effects: ["delete"] }),
  unlink: (args, place) => onEach("unlink", args, { place, effects: ["delete"] }),
  shred: (args, place) => onEach("shred", args, { place, effects: ["other-content", "empty", "delete"], short: "ns" }),
  trash: (args, place) => onEach("trash", args, { place, effects: ["delete"], reach: "below" }),
  truncate: (args, place) => onEach("truncate", args, { place, effects: ["empty"], short: "srA" }),
  touch: () => understood("touch"),
  mkdir: () => understood("mkdir"),
  mv,
  cp,
  rsync,
  install,
  ln,
  chmod: (args, place) => marks("chmod", args, place),
  chown: (args, place) => marks("chown", args, place),
  chgrp: (args, place) => marks("chgrp", args, place),
};

const COPIED: readonly CommandEffect[] = ["other-content", "older-content", "mode", "type"];

function onEach(
  tool: string,
  args: readonly string[],
  how: { place: Place; effects: readonly CommandEffect[]; reach?: "path" | "below"; short?: string },
): CommandReading {
  const { operands } = parseOptions(args, { short: how.short ?? "", long: ["--size", "--reference", "--iterations"] });
  return understood(tool, { touches: operands.map((operand) => touch(operand, how.place, how.effects, how.reach)) });
}

function rm(args: readonly string[], place: Place): CommandReading {
  const options = parseOptions(args);
  const recursive = hasAny(options, "-r", "-R", "--recursive");
  const touches = options.operands.map((operand) => touch(operand, place, ["delete"], recursive ? "below" : "path"));
  return understood("rm", { touches, inBulk: recursive });
}

function mv(args: readonly string[], place: Place): CommandReading {
  const { sources, destination } = sourcesAndDestination(parseOptions(args, { short: "tS", long: TARGET }));
  if (destination === null || sources.length === 0) return harmless("mv");
  const to = resolvePath(destination, place.cwd);
  return understood("mv", {
    inBulk: true,
    touches: [
      ...sources.map((source) => touch(source, place, ["delete"], "below")),
      ...destinations(sources, destination, { place, effects: COPIED, reach: "below" }),
    ],
    moves: sources.map((source) => ({ from: resolvePath(source, place.cwd), to })),
  });
}

function cp(args: readonly string[], place: Place): CommandReading {
  const options = parseOptions(args, { short: "tS", long: TARGET });
  const { sources, destination } = sourcesAndDestination(options);
  if (destination === null || sources.length === 0) return harmless("cp");
  const recursive = hasAny(options, "-r", "-R", "-a", "--recursive", "--archive");
  return understood("cp", {
    inBulk: recursive,
    copiesFromElsewhere: true,
    touches: destinations(sources, destination, { place, effects: COPIED, reach: recursive ? "below" : "path" }),
  });
}

const RSYNC_VALUES = [
  "--exclude",
  "--include",
  "--exclude-from",
  "--include-from",
  "--files-from",
  "--filter",
  "--rsh",
  "--chmod",
  "--chown",
  "--log-file",
  "--partial-dir",
  "--backup-dir",
  "--suffix",
  "--compare-dest",
  "--copy-dest",
  "--link-dest",
  "--temp-dir",
  "--timeout",
  "--bwlimit",
  "--max-size",
  "--min-size",
  "--password-file",
  "--rsync-path",
  "--port",
];

function rsync(args: readonly string[], place: Place): CommandReading {
  const options = parseOptions(args, { short: "efBTM", long: RSYNC_VALUES });
  const sources = options.operands.slice(0, -1);
  const destination = options.operands.at(-1);
  if (hasAny(options, "-n", "--dry-run", "--list-only") || destination === undefined || sources.length === 0)
    return harmless("rsync");
  const deletes = [...options.flags].some((flag) => flag === "--del" || flag.startsWith("--delete"));
  const effects: CommandEffect[] = deletes ? [...COPIED, "delete"] : [...COPIED];
  const taken = options.flags.has("--remove-source-files")
    ? sources.filter((source) => !isRemote(source)).map((source) => touch(source, place, ["delete"], "below"))
    : [];
  if (isRemote(destination))
    return taken.length > 0 ? understood("rsync", { inBulk: true, touches: taken }) : harmless("rsync");
  const touches = [...taken, touch(destination, place, effects, "below")];
  return understood("rsync", { inBulk: true, copiesFromElsewhere: true, touches });
}

/** `host:path`, `user@host:path`, `rsync://…`; a colon behind a slash is part of a name. */
function isRemote(operand: string): boolean {
  return /^(?:rsync:\/\/|[^/]*:)/.test(operand);
}

function install(args: readonly string[], place: Place): CommandReading {
  const options = parseOptions(args, { short: "tSmog", long: [...TARGET, "--mode", "--owner", "--group"] });
  if (hasAny(options, "-d", "--directory"))
    return understood("install", { touches: options.operands.map((operand) => touch(operand, place, ["mode"])) });
  const { sources, destination } = sourcesAndDestination(options);
  if (destination === null || sources.length === 0) return harmless("install");
  return understood("install", {
    copiesFromElsewhere: true,
    touches: destinations(sources, destination, { place, effects: COPIED, reach: "path" }),
  });
}

/** Without `-f` it only makes names that were free. */
function ln(args: readonly string[], place: Place): CommandReading {
  const options = parseOptions(args, { short: "tS", long: TARGET });
  const { sources, destination } = sourcesAndDestination(options);
  if (destination === null || sources.length === 0) return understood("ln");
  const touches = destinations(sources, destination, {
    place,
    effects: ["type", "other-content", "older-content"],
    reach: "path",
  });
  const forced = hasAny(options, "-f", "--force");
  return understood("ln", { touches: forced ? touches : touches.map((one) => ({ ...one, doubtful: true as const })) });
}

/** The first operand is the mode or owner, and `-x` is a mode. */
function marks(tool: string, args: readonly string[], place: Place): CommandReading {
  const words = args.filter((arg) => !isModeWord(arg));
  const options = parseOptions(words, { long: ["--reference", "--from"] });
  const saysMode = words.length < args.length || options.flags.has("--reference");
  const targets = saysMode ? options.operands : options.operands.slice(1);
  const recursive = hasAny(options, "-R", "--recursive");
  return understood(tool, {
    inBulk: recursive,
    touches: targets.map((target) => touch(target, place, ["mode"], recursive ? "below" : "path")),
  });
}

/** `-x`, `-rwx`, `-w,+x`; `-R`, `-v`, `-c` and `-f` are options. */
function isModeWord(arg: string): boolean {
  return /^-[rwxXst]+(?:[,+=-][ugoarwxXst+=,-]*)?$/.test(arg);
}

const TARGET = ["--target-directory", "--suffix"];

function sourcesAndDestination(options: ParsedOptions): { sources: readonly string[]; destination: string | null } {
  const target = optionValue(options, "-t", "--target-directory");
  if (target !== null) return { sources: options.operands, destination: target };
  return { sources: options.operands.slice(0, -1), destination: options.operands.at(-1) ?? null };
}
