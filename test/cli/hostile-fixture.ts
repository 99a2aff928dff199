/** Orders that mean harm, each with the codes that may answer it. */

export interface Hostile {
  /** Also the name of the file that is dropped. */
  name: string;
  content: string | (() => string);
  codes: readonly string[];
}

const write = (id: string, path: string) =>
  JSON.stringify({ id, files: [{ path, content: "#!/bin/sh\ntouch /tmp/pwned\n", mode: "0755" }] });
const ESCAPES = ["WO_PATH_ESCAPES", "WO_INVALID"];
const FORBIDDEN = ["WO_PATH_FORBIDDEN"];

const PATHS: readonly [string, string, readonly string[]][] = [
  ["dots", "../../etc/x", ESCAPES],
  ["inner-dots", "a/../../x", ESCAPES],
  ["absolute", "/etc/holdfast-was-here", ESCAPES],
  ["home", "~/holdfast-was-here", ESCAPES.concat("accepted-inside")],
  ["nul", "a\u0000b", ["WO_INVALID", "WO_PATH_ESCAPES", "PATH_INVALID"]],
  ["through-link", "link/inside.txt", ["WO_PATH_THROUGH_LINK"]],
  ["hook", ".git/hooks/post-checkout", FORBIDDEN],
  ["git-upper", ".GIT/config", FORBIDDEN],
  ["git-mixed", "sub/.Git/config", FORBIDDEN],
  ["git-wide", "．ｇｉｔ/config", FORBIDDEN],
  ["git-ignorable", ".g\u200cit/config", FORBIDDEN],
  ["git-tag", ".git\ufeff/config", FORBIDDEN],
  ["git-dot", ".git./config", FORBIDDEN],
  ["git-space", ".git /config", FORBIDDEN],
  ["git-short", "GIT~1/config", FORBIDDEN],
  ["git-stream", ".git::$INDEX_ALLOCATION/config", FORBIDDEN],
  ["git-file", ".git", FORBIDDEN],
  ["long-name", `${"n".repeat(300)}.txt`, ["PATH_INVALID", "WO_INVALID", "WO_PATH_ESCAPES"]],
];

const nested = (open: string, shut: string, depth: number) => open.repeat(depth) + shut.repeat(depth);

const DOCUMENTS: readonly Hostile[] = [
  { name: "deep.json", content: () => `{"id":"WO-DEEP","x":${nested("[", "]", 20_000)}}\n`, codes: ["WO_TOO_DEEP"] },
  { name: "deep.yaml", content: () => `id: WO-DEEP-Y\nx: ${nested("[", "]", 20_000)}\n`, codes: ["WO_TOO_DEEP"] },
  {
    name: "deep-maps.yaml",
    content: () => `id: WO-DEEP-M\nx:\n${Array.from({ length: 2_000 }, (_, n) => `${" ".repeat(n + 1)}a:\n`).join("")}`,
    codes: ["WO_TOO_DEEP"],
  },
  {
    name: "huge.yaml",
    content: () => `id: WO-HUGE\nnotes: |\n${`  ${"x".repeat(97)}\n`.repeat(1_048_576)}`,
    codes: ["WO_TOO_LARGE"],
  },
  {
    name: "million.json",
    content: () => `{"id":"WO-MILLION","files":[${"{},".repeat(999_999)}{}]}\n`,
    codes: ["WO_TOO_MANY", "WO_TOO_LARGE"],
  },
  {
    name: "million.yaml",
    content: () => `id: WO-MILLION-Y\nfiles:\n${"- 1\n".repeat(1_000_000)}`,
    codes: ["WO_TOO_MANY", "WO_TOO_LARGE"],
  },
  {
    name: "aliases.yaml",
    content: () =>
      `id: WO-BOMB\na0: &a0 [x, x, x, x, x, x, x, x, x]\n${Array.from({ length: 12 }, (_, n) => `a${n + 1}: &a${n + 1} [${Array(9).fill(`*a${n}`).join(", ")}]\n`).join("")}`,
    codes: ["WO_ALIASES"],
  },
  { name: "self.yaml", content: "id: WO-SELF\nfiles: &f\n  - *f\n", codes: ["WO_ALIASES", "WO_INVALID", "WO_SYNTAX"] },
  {
    name: "cut.yaml",
    content: 'id: WO-CUTOFF\nfiles:\n  - {path: a.txt, content: "x',
    codes: ["WO_CUT_OFF", "WO_SYNTAX"],
  },
  {
    name: "cut-block.yaml",
    content: "id: WO-CUT-BLOCK\nfiles:\n  - path: a.sh\n    content: |\n      rm -rf build",
    codes: ["WO_CUT_OFF"],
  },
  {
    name: "tag.yaml",
    content: 'id: WO-TAG\nx: !!js/function "function(){}"\nfiles: {a: b}\n',
    codes: ["WO_SYNTAX", "WO_INVALID"],
  },
  { name: "binary.yaml", content: "\u0000\u0001\u0002\u0003ELF", codes: ["WO_SYNTAX", "WO_UNREADABLE", "WO_INVALID"] },
  {
    name: "proto.json",
    content: '{"id":"WO-PROTO","__proto__":{"polluted":true},"files":[{"path":"../p","content":"x"}]}\n',
    codes: ["WO_PATH_ESCAPES", "WO_SYNTAX", "WO_INVALID"],
  },
];

export const HOSTILE: readonly Hostile[] = [
  ...PATHS.map(([name, path, codes]) => ({
    name: `path-${name}.json`,
    content: write(`WO-PATH-${name}`, path),
    codes,
  })),
  ...DOCUMENTS,
];

export function contentOf({ content }: Hostile): string {
  return typeof content === "string" ? content : content();
}
