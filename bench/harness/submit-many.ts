/** Many one-file orders through one connection, a number of them under way at a time. */

import type { Client } from "../../src/protocol/index.ts";
import { oneFileOrder } from "./holdfast.ts";

const FILES_PER_FOLDER = 100;

/** Resolves when all are accepted; throws when one is not. */
export async function submitMany(
  client: Client,
  { prefix, count, inFlight }: { prefix: string; count: number; inFlight: number },
): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const index = next++;
      const id = `WO-${prefix}-${index}`;
      const path = `${prefix}/${Math.floor(index / FILES_PER_FOLDER)}/file-${index}.txt`;
      const input = oneFileOrder(id, path);
      const view = await client.call<{ stage: string }>("submit", { input, actor: { kind: "human", name: "bench" } });
      if (view.stage !== "accepted")
        throw new Error(`${id} ended ${view.stage}: ${JSON.stringify(view).slice(0, 400)}`);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
}
