/** How a script is started: by itself where it may be executed, else by the interpreter that it names or its name does. */

import type { Ports } from "../base/index.ts";
import { readWhole } from "../tree/index.ts";

export function commandOf(script: string, { disk, process }: Pick<Ports, "disk" | "process">): [string, ...string[]] {
  if (process.which(script) !== null) return [script];
  const line = /^#!\s*(\S+)(?:\s+(\S.*?))?\s*$/m.exec(readWhole(disk, script)?.toString("latin1").split("\n")[0] ?? "");
  if (line !== null) return [line[1]!, ...(line[2] === undefined ? [] : [line[2]]), script];
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
