/** `rollback.before`: what must pass before anybody goes back. Runs in the caller's process, from the tree's root. */

import { HoldfastError } from "../base/index.ts";
import type { Tree } from "../tree/index.ts";
import { openHouse } from "./house.ts";
import type { CallerContext } from "./operation.ts";

const OUTPUT_SHOWN = 2_000;

/** `ROLLBACK_BEFORE_FAILED` with the end of what the command said. */
export async function passBefore(tree: Tree, { ports, note, signal }: CallerContext): Promise<string[]> {
  const commands = await commandsOf(tree, { ports });
  for (const command of commands) {
    note?.((style) => style.dim(`before: ${command}`));
    const timeoutMs = 15 * 60_000;
    const ran = await ports.process.run({ command: ["sh", "-c", command], cwd: tree.root, timeoutMs, signal });
    if (ran.exitCode === 0) continue;
    const how = ran.timedOut ? "took too long" : `exit ${ran.exitCode ?? ran.signal}`;
    const said = `${ran.stdout}${ran.stderr}`.trim().slice(-OUTPUT_SHOWN);
    throw new HoldfastError("ROLLBACK_BEFORE_FAILED", `\`${command}\`: ${how}; nothing was changed`, {
      data: { command, exitCode: ran.exitCode, output: said },
    });
  }
  return commands;
}

async function commandsOf(tree: Tree, { ports }: Pick<CallerContext, "ports">): Promise<string[]> {
  const house = await openHouse(tree, ports, { readOnly: true });
  try {
    return house.config().rollback.before;
  } finally {
    house.close();
  }
}
