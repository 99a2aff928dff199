/** How a script is started: by itself where it may be executed, else by the interpreter that it names or its name does. */

import { posix } from "node:path";
import type { Ports } from "../base/index.ts";
import { readWhole } from "../tree/index.ts";

export function commandOf(script: string, { disk, process }: Pick<Ports, "disk" | "process">): [string, ...string[]] {
  const isExecutable = process.which(script) !== null;
  const line = /^#!\s*(\S+)(?:\s+(\S.*?))?\s*$/m.exec(readWhole(disk, script)?.toString("latin1").split("\n")[0] ?? "");
  const named = line === null ? "" : posix.basename(posix.basename(line[1]!) === "env" ? (line[2] ?? "") : line[1]!);
  // What an adopted script was started with, where it is another shell than the one that it names.
  const shell = process.env("HOLDFAST_SHELL") ?? "";
  if (shell !== "" && named !== "" && shell !== named && !(named === "sh" && shell === "bash")) return [shell, script];
  if (isExecutable) return [script];
  if (line !== null) return [line[1]!, ...(line[2] === undefined ? [] : [line[2]]), script];
  if (shell !== "") return [shell, script];
  const byName = /\.(\w+)$/.exec(script)?.[1] ?? "";
  return [BY_NAME[byName] ?? "sh", script];
}

const BY_NAME: Readonly<Record<string, string>> = {
  zsh: "zsh",
  bash: "bash",
  ksh: "ksh",
  py: "python3",
  js: "node",
  rb: "ruby",
};
