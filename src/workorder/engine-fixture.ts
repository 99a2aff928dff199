/** An engine over a temporary world, and orders for it in few words. For tests. */

import { afterEach } from "vitest";
import { HoldfastError, type WorkOrderId } from "../base/index.ts";
import { Engine } from "./engine.ts";
import type { Check, Operation, Step, WorkOrder } from "./order.ts";
import { orderFromOperations } from "./order-from-operations.ts";
import { type TestWorld, temporaryWorld } from "./order-world-fixture.ts";
import type { Submission } from "./receive.ts";

const opens: { world: TestWorld; engine: Engine }[] = [];
afterEach(async () => {
  for (const { world, engine } of opens.splice(0)) {
    await engine.stop();
    world.close();
  }
});

export function opened(config: Parameters<typeof temporaryWorld>[0] = {}): { world: TestWorld; engine: Engine } {
  const world = temporaryWorld(config);
  const engine = new Engine(world, () => undefined);
  opens.push({ world, engine });
  return { world, engine };
}

const base64 = (text: string) => Buffer.from(text).toString("base64");
export const write = (path: string, text: string, mode: number | null = null): Operation => ({
  op: "write",
  path,
  content: base64(text),
  mode,
  sha256: null,
});
export const step = (shell: string): Step => ({
  name: shell,
  run: { shell },
  timeoutMs: null,
  retries: 0,
  retryDelayMs: 0,
  alwaysRun: false,
});
export const check = (command: string): Check => ({
  name: command,
  command,
  expected: null,
  exitCode: 0,
  timeoutMs: null,
});

export function submission(id: string, parts: Partial<WorkOrder>): Submission {
  const order = {
    ...orderFromOperations({ id: id as WorkOrderId, title: id, tags: [], operations: [] }),
    idempotent: false,
    ...parts,
  };
  return {
    order,
    raw: Buffer.from(JSON.stringify(order)),
    filename: null,
    agent: null,
    via: "cli",
    inboxPath: null,
    actor: { kind: "human", name: "me" },
  };
}

export async function run(engine: Engine, id: string, parts: Partial<WorkOrder>) {
  const [reception] = await engine.submit([submission(id, parts)]);
  if (reception instanceof HoldfastError) throw reception;
  const row = await engine.finished(id);
  await engine.drained();
  return row;
}
