/** `eval "$(holdfast hooks shell)"`: git, rsync, rm and mv of this shell, and of what it starts, take nothing that is protected. */

import { installShellShims, shellText } from "../../hooks/index.ts";
import { operation } from "../operation.ts";

export const hooksShell = operation({
  name: "hooks shell",
  commandLineOnly: true,
  about: "For eval in a shell: its git, rsync, rm and mv take nothing of protected components",
  effect: "none",
  input: (z) => z.strictObject({}),
  command: { examples: ['eval "$(holdfast hooks shell)"', "holdfast hooks shell"] },
  async run({ ports }) {
    const folder = installShellShims(ports);
    return { folder, shell: shellText(folder) };
  },
  print: ({ shell }) => shell.trimEnd(),
});
