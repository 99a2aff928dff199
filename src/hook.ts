/**
 * Where `holdfast hook AGENT PID` begins: what the shim starts when no daemon answers. A root of its own, because it stands before every
 * command of an agent: the command line's parser and help would cost it more than the answer.
 *
 * Only stdout can deny. Whatever goes wrong is said on stderr, and the agent's command proceeds.
 */

import { readFileSync, writeSync } from "node:fs";
import { isSystemError, LIMITS, type ProcessPort } from "./base/index.ts";
import { isAgentName } from "./hooks/index.ts";
import { answerHookAlone } from "./operations/index.ts";
import { realPorts } from "./platform/index.ts";

const [, agent = "", pid = ""] = process.argv.slice(2);
void main().catch((error: unknown) => {
  process.stderr.write(
    `holdfast: limited: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exitCode = 70;
});

async function main(): Promise<void> {
  if (!isAgentName(agent)) throw new Error(`there is no hook for "${agent}"`);
  const ports = realPorts();
  const payload = await stdin(ports.process);
  const asker = /^[1-9]\d*$/.test(pid) ? Number(pid) : process.ppid;
  const { out, err } = await answerHookAlone({ agent, payload, pid: asker }, ports);
  // Streams are a good part of what a Node can load.
  if (err !== "") writeSync(2, err);
  if (out !== "") writeSync(1, `${out}\n`);
  // What is still being remembered must not keep the agent.
  process.exit(0);
}

/** In one step, without a stream. */
async function stdin(process: ProcessPort): Promise<string> {
  try {
    return readFileSync(0, "utf8");
  } catch (error) {
    if (!isSystemError(error, "EAGAIN")) throw error;
    return (await process.readStdin(LIMITS.hookPayloadBytesMax)).toString("utf8");
  }
}
