/**
 * One line for people: a command quoted as a shell would take it, without credentials, cut at a limit.
 *
 * Whatever is stored, shown or sent of a command line has gone through here. Rather too much is hidden than too little.
 */

import { LIMITS, printableLine } from "../../base/index.ts";

const HIDDEN = "***";
/** What is looked at of a command line: a multiple of what is shown, so that no credential is cut in half before it is seen. */
const LOOKED_AT = 8;

export function describeCommand(argv: readonly string[]): string {
  const lengthMax = LIMITS.commandLineLengthMax;
  const words: string[] = [];
  let length = 0;
  for (const word of withoutValues(argv.slice(0, lengthMax))) {
    const shown = quote(redactText(word.slice(0, LOOKED_AT * lengthMax)));
    words.push(shown);
    length += shown.length + 1;
    if (length > lengthMax) break;
  }
  const line = printableLine(words.join(" "));
  const isWhole = length <= lengthMax && argv.length <= lengthMax && line.length <= lengthMax;
  return isWhole ? line : `${line.slice(0, lengthMax - 1)}…`;
}

/** The same for a shell's text, which needs no quotes around it. */
export function describeScript(text: string): string {
  const lengthMax = LIMITS.commandLineLengthMax;
  const line = printableLine(redactText(text.trim().slice(0, LOOKED_AT * lengthMax)));
  return line.length <= lengthMax ? line : `${line.slice(0, lengthMax - 1)}…`;
}

const SECRET_WORD =
  "pass(?:word|wd|phrase)?|token|secret|api[-_]?key|access[-_]?key|private[-_]?key|auth|credentials?|bearer";
/** `--password`, `--github-token`, `-password`: the value is the next word, or follows `=`. */
const SECRET_OPTION = new RegExp(`^--?[\\w-]{0,40}?(?:${SECRET_WORD})[\\w-]{0,40}$`, "i");
const SECRET_OPTION_LENGTH_MAX = 90;
/** Tools whose short option carries a password, as a word of its own or attached. */
const PASSWORD_LETTER: Readonly<Record<string, string>> = {
  docker: "p",
  podman: "p",
  sshpass: "p",
  curl: "u",
  "redis-cli": "a",
  mongosh: "p",
  mongo: "p",
  smbclient: "U",
};
/** Here `-p…` is something else, and no secret: paths, ports, strip counts, in-place edits. */
const HARMLESS_P = new Set([
  "cp",
  "mkdir",
  "patch",
  "perl",
  "tar",
  "rsync",
  "install",
  "git",
  "ls",
  "ps",
  "sed",
  "find",
  "ssh",
  "scp",
  "unzip",
  "kill",
  "pkill",
  "python",
  "python3",
  "node",
  "make",
  "script",
  "sh",
  "bash",
  "zsh",
  "time",
  "read",
  "lsof",
  "claude",
  "npx",
  "tsc",
  "mv",
  "rm",
  "grep",
]);

/** Hides what an option's name says is secret. */
function withoutValues(argv: readonly string[]): string[] {
  const tools = argv.slice(0, 8).map((word) => word.replace(/^.*\//, ""));
  const letterOf = tools.find((tool) => Object.hasOwn(PASSWORD_LETTER, tool));
  const letter = letterOf === undefined ? null : `-${PASSWORD_LETTER[letterOf]}`;
  const hidesP = !tools.some((tool) => HARMLESS_P.has(tool));
  let hidesNext = false;
  return argv.map((word, index) => {
    const isValue = hidesNext && !word.startsWith("-");
    hidesNext = false;
    if (isValue) return HIDDEN;
    const equals = word.indexOf("=");
    const name = equals < 0 ? word : word.slice(0, equals);
    const isSecret = name.length <= SECRET_OPTION_LENGTH_MAX && SECRET_OPTION.test(name);
    hidesNext = (isSecret && equals < 0) || word === letter;
    if (isSecret && equals >= 0) return `${name}=${HIDDEN}`;
    if (letter !== null && word !== letter && word.startsWith(letter)) return `${letter}${HIDDEN}`;
    return hidesP && index > 0 && /^-p[^\s=-]/.test(word) ? `-p${HIDDEN}` : word;
  });
}

/** `NAME_TOKEN=…`, in the environment of a command or in a shell's text. */
const ASSIGNMENT =
  /\b([A-Za-z_]\w{0,60}?(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASS|PWD_?HASH|CREDENTIALS?|AUTH)\w{0,20})(=)("[^"]*"|'[^']*'|[^\s;&|"']+)/gi;
/** `Authorization: Bearer …` in a header, up to the quote that ends it. */
const HEADER =
  /\b(authorization|proxy-authorization|x-api-key|api-key|x-auth-token|private-token|cookie|set-cookie)(\s{0,4}[:=]\s{0,4})([^'"\n]+)/gi;
/** The same options as above inside a shell's text. */
const OPTION_IN_TEXT = new RegExp(
  `(\\s--?[\\w-]{0,40}?(?:${SECRET_WORD})[\\w-]{0,20})(=|\\s{1,4})("[^"]*"|'[^']*'|[^\\s;&|"'-][^\\s;&|"']*)`,
  "gi",
);
/** Tokens that can be told by their look. */
const KNOWN_TOKEN =
  /\b(?:gh[pousr]_\w{16,255}|github_pat_\w{16,255}|glpat-[\w-]{16,64}|xox[abprs]-[\w-]{10,255}|sk-[\w-]{16,255}|AKIA[0-9A-Z]{16}|AIza[\w-]{30,50}|npm_\w{30,50}|eyJ[\w-]{10,2000}\.[\w-]{10,2000}(?:\.[\w-]{0,2000})?)/g;

function redactText(text: string): string {
  return withoutUserInfo(text)
    .replace(HEADER, `$1$2${HIDDEN}`)
    .replace(ASSIGNMENT, `$1$2${HIDDEN}`)
    .replace(OPTION_IN_TEXT, `$1$2${HIDDEN}`)
    .replace(KNOWN_TOKEN, HIDDEN);
}

/** `https://user:secret@host` → `https://***@host`. By hand: a pattern for it would be slow on hostile text. */
function withoutUserInfo(text: string): string {
  let shown = "";
  let at = 0;
  for (let found = text.indexOf("://", at); found >= 0; found = text.indexOf("://", at)) {
    const start = found + 3;
    const length = text.slice(start).search(/[\s/'"?#]/);
    const end = length < 0 ? text.length : start + length;
    const sign = text.lastIndexOf("@", end - 1);
    shown += text.slice(at, start);
    if (sign >= start) shown += HIDDEN;
    at = sign >= start ? sign : start;
  }
  return shown + text.slice(at);
}

function quote(word: string): string {
  return /^(?:[\w@%+=:,./-]|\*\*\*)+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
