/** The tools that write content: tee, dd, sed -i, tar, unzip, patch, downloads, editors. */

import { hasAny, optionValue, parseOptions, touch } from "./operands.ts";
import { type CommandEffect, type CommandReading, harmless, type Place, understood, unknown } from "./reading.ts";

type ReadTool = (args: readonly string[], place: Place) => CommandReading;

const WRITTEN: readonly CommandEffect[] = ["other-content", "older-content", "empty"];
const UNPACKED: readonly CommandEffect[] = ["other-content", "older-content", "mode", "type"];

export const CONTENT_TOOLS: Readonly<Record<string, ReadTool>> = {
  tee: (args, place) => {
    const options = parseOptions(args);
    const effects: readonly CommandEffect[] = hasAny(options, "-a", "--append") ? ["other-content"] : WRITTEN;
    return understood("tee", { touches: options.operands.map((operand) => touch(operand, place, effects)) });
  },
  dd: (args, place) => {
    const targets = args.filter((arg) => arg.startsWith("of=")).map((arg) => arg.slice(3));
    return understood("dd", { touches: targets.map((target) => touch(target, place, WRITTEN)) });
  },
  sed: (args, place) => inPlace("sed", args, place),
  gsed: (args, place) => inPlace("sed", args, place),
  perl: (args, place) => inPlace("perl", args, place),
  ruby: (args, place) => inPlace("ruby", args, place),
  tar,
  gtar: tar,
  bsdtar: tar,
  unzip,
  patch,
  ...Object.fromEntries(
    ["gzip", "gunzip", "bzip2", "bunzip2", "xz", "unxz"].map((tool): [string, ReadTool] => [
      tool,
      (args, place) => packs(tool, args, place),
    ]),
  ),
  curl: (args, place) =>
    output("curl", args, { place, short: "oHdXuAebFTKmxwEc", long: ["--output"], option: ["-o", "--output"] }),
  wget: (args, place) =>
    output("wget", args, {
      place,
      short: "OPoaiUTtwQ",
      long: ["--output-document"],
      option: ["-O", "--output-document"],
    }),
  sort: (args, place) =>
    output("sort", args, { place, short: "oktST", long: ["--output"], option: ["-o", "--output"] }),
  ...Object.fromEntries(
    [
      "vi",
      "vim",
      "nvim",
      "nano",
      "emacs",
      "emacsclient",
      "micro",
      "hx",
      "helix",
      "code",
      "cursor",
      "subl",
      "ed",
      "ex",
    ].map((tool): [string, ReadTool] => [tool, (args, place) => editor(tool, args, place)]),
  ),
};

/** `sed -i`, `perl -pi`: the files behind the script. Without `-i` sed only prints; perl and ruby are programs of their own. */
function inPlace(tool: "sed" | "perl" | "ruby", args: readonly string[], place: Place): CommandReading {
  const edits = args.some((arg) =>
    tool === "sed" ? /^(?:-[nErsuz]*i|--in-place)/.test(arg) : /^-[a-zA-Z0]*i/.test(arg),
  );
  if (!edits) return tool === "sed" ? harmless("sed") : unknown(tool);
  const takesValue = tool === "sed" ? "efl" : "eEIMm";
  const words = args.map((arg) => (tool === "sed" && /^-i./.test(arg) ? "-i" : arg));
  const options = parseOptions(words, { short: takesValue, long: ["--expression", "--file"] });
  const hasScript = hasAny(options, "-e", "-E", "-f", "--expression", "--file");
  // BSD sed takes the backup's suffix as a word of its own: sed -i '' s/a/b/ file.
  const operands = words.includes("") ? options.operands.filter((operand) => operand !== "") : options.operands;
  const files =
    hasScript && !(tool === "sed" && !hasAny(options, "-e", "-f", "--expression", "--file"))
      ? operands
      : operands.slice(1);
  return understood(tool, { verb: "-i", touches: files.map((file) => touch(file, place, WRITTEN)) });
}

/** `tar xzf a.tgz -C dir`, `tar -x …`. What is in the archive stands in the archive. */
function tar(args: readonly string[], place: Place): CommandReading {
  const [first = "", ...rest] = args;
  const bundled = first !== "" && !first.startsWith("-");
  // The letters of the old form take their values from the words that follow, in order.
  const words = bundled ? oldTarOptions(first, rest) : args;
  const options = parseOptions(words, {
    short: "fCTXbHgIVK",
    long: ["--file", "--directory", "--exclude", "--strip-components"],
  });
  const into = optionValue(options, "-C", "--directory") ?? ".";
  if (hasAny(options, "-x", "--extract", "--get"))
    return understood("tar", {
      verb: "x",
      inBulk: true,
      copiesFromElsewhere: true,
      touches: [
        touch(into, place, hasAny(options, "--recursive-unlink") ? [...UNPACKED, "delete"] : UNPACKED, "below"),
      ],
    });
  const archive = optionValue(options, "-f", "--file");
  const removed = hasAny(options, "--remove-files")
    ? options.operands.map((one) => touch(one, place, ["delete"], "below"))
    : [];
  if (hasAny(options, "-c", "-r", "-u", "--create", "--append", "--update"))
    return understood("tar", {
      verb: "c",
      touches: [...removed, ...(archive === null || archive === "-" ? [] : [touch(archive, place, WRITTEN)])],
    });
  return harmless("tar");
}

function oldTarOptions(letters: string, rest: readonly string[]): string[] {
  const values = [...rest];
  const options = [...letters].flatMap((letter) =>
    "fCTXbHgIVK".includes(letter) ? [`-${letter}`, values.shift() ?? ""] : [`-${letter}`],
  );
  return [...options, ...values];
}

function unzip(args: readonly string[], place: Place): CommandReading {
  const options = parseOptions(args, { short: "dxP" });
  if (hasAny(options, "-l", "-t", "-v", "-z", "-Z", "-p", "-c")) return harmless("unzip");
  const into = optionValue(options, "-d") ?? ".";
  return understood("unzip", {
    inBulk: true,
    copiesFromElsewhere: true,
    touches: [touch(into, place, UNPACKED, "below")],
  });
}

function patch(args: readonly string[], place: Place): CommandReading {
  const options = parseOptions(args, {
    short: "pdiorDFBYzgV",
    long: ["--directory", "--input", "--output", "--strip", "--reject-file"],
  });
  if (hasAny(options, "--dry-run", "--check")) return harmless("patch");
  const verb = hasAny(options, "-R", "--reverse") ? "-R" : null;
  const named = options.operands[0] ?? optionValue(options, "-o", "--output");
  const into = optionValue(options, "-d", "--directory") ?? ".";
  const effects: readonly CommandEffect[] = ["other-content", "older-content", "delete", "empty", "mode"];
  return understood("patch", {
    verb,
    inBulk: named === null,
    touches: [touch(named ?? into, place, effects, named === null ? "below" : "path")],
  });
}

/** Puts `f.gz` in the place of `f`, or the other way round. */
function packs(tool: string, args: readonly string[], place: Place): CommandReading {
  const options = parseOptions(args, { short: "S" });
  if (hasAny(options, "-c", "-l", "-t", "--stdout", "--to-stdout", "--list", "--test")) return harmless(tool);
  const recursive = hasAny(options, "-r", "--recursive");
  return understood(tool, {
    inBulk: recursive,
    touches: options.operands.flatMap((operand) => [
      touch(operand, place, ["delete"], recursive ? "below" : "path"),
      touch(operand.replace(/\.(?:gz|bz2|xz|lzma)$/, ""), place, WRITTEN),
    ]),
  });
}

/** Harmless, but for the file that an option names. */
function output(
  tool: string,
  args: readonly string[],
  { place, short, long, option }: { place: Place; short: string; long: readonly string[]; option: readonly string[] },
): CommandReading {
  const options = parseOptions(args, { short, long });
  const file = optionValue(options, ...option);
  if (file !== null && file !== "-") return understood(tool, { touches: [touch(file, place, WRITTEN)] });
  const here =
    (tool === "curl" && hasAny(options, "-O", "--remote-name")) ||
    (tool === "wget" && !hasAny(options, "-O", "--spider"));
  return here ? understood(tool, { touches: [touch(".", place, ["other-content"], "below")] }) : harmless(tool);
}

/** An editor can go back as well as on; without a file's name it can open any. */
function editor(tool: string, args: readonly string[], place: Place): CommandReading {
  const files = parseOptions(args, { short: "ucSTtq" }).operands.filter((operand) => !operand.startsWith("+"));
  return files.length === 0
    ? unknown(tool)
    : understood(tool, { touches: files.map((file) => touch(file, place, WRITTEN, "below")) });
}
