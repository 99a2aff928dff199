/** `holdfast rollback adopt`: a script starts itself under Holdfast from now on, however it is started. */

import { printableLine } from "../../base/index.ts";
import { adoptScript } from "../../rollback/index.ts";
import { installLauncherShim, treePathOf } from "../../tree/index.ts";
import { operation, writerOf } from "../operation.ts";
import { rollbackWorld } from "../rollback-world.ts";

export const rollbackAdopt = operation({
  name: "rollback adopt",
  about:
    "Make existing shell scripts protected however they are started: one line is added, and can be taken out again",
  effect: "write",
  input: (z) =>
    z.strictObject({ scripts: z.array(z.string()).min(1), remove: z.boolean().default(false), cwd: z.string() }),
  command: {
    arguments: [{ name: "scripts", about: "sh, bash, zsh, dash or ksh scripts of the tree", variadic: true }],
    options: [{ flags: "--remove", about: "take the line out again: each is byte for byte as before" }],
    examples: ["holdfast rollback adopt tools/rollback_*.zsh", "holdfast rollback adopt --remove tools/rollback_x.zsh"],
  },
  prepare: async (raw, { ports }) => ({ ...raw, cwd: raw["cwd"] ?? ports.process.cwd() }),
  async run(context, { scripts, remove, cwd }) {
    const { tree, ports, actor } = context;
    const world = rollbackWorld(writerOf(context));
    const paths = scripts.map((script) => treePathOf(tree, script, { disk: ports.disk, cwd }));
    const shim = remove ? "" : installLauncherShim(ports);
    const adopted = [];
    for (const script of paths) adopted.push(await adoptScript({ script, remove, shim, actor }, world));
    return { scripts: adopted, remove };
  },
  print: ({ scripts, remove }, style) =>
    scripts
      .map(({ script, changed }) => {
        const what = remove
          ? changed
            ? "runs by itself again"
            : "was not adopted"
          : changed
            ? "starts itself under Holdfast now"
            : "is adopted already";
        return `${style.good(changed ? "✓" : "·")} ${printableLine(script)} ${what}`;
      })
      .join("\n"),
});
