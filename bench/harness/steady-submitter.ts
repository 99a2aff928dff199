/**
 * A process of its own that submits so many orders a second, whatever becomes of each: `steady-submitter.ts SOCKET PREFIX PER_SECOND`.
 *
 * Says `ready` when it is connected, then how many were accepted, a line a second, until it is ended.
 */

import { realPorts } from "../../src/platform/index.ts";
import { connect } from "../../src/protocol/index.ts";
import { oneFileOrder } from "./holdfast.ts";

const TICK_MS = 20;
/** A daemon that falls behind is not buried: the line that is said tells of it. */
const IN_FLIGHT_MAX = 60;

const [socket, prefix, rate] = process.argv.slice(2);
const perSecond = Number(rate);
const client = await connect(socket!, { ports: realPorts() });
if (client === null) throw new Error("no daemon answers");
process.stdout.write("ready\n");

const startedMs = performance.now();
let sent = 0;
let accepted = 0;
setInterval(() => {
  const due = Math.floor(((performance.now() - startedMs) / 1_000) * perSecond);
  while (sent < due && sent - accepted < IN_FLIGHT_MAX) {
    const index = sent++;
    const input = oneFileOrder(`WO-${prefix}-${index}`, `${prefix}/${index % 50}/file-${index % 1_000}.txt`);
    void client.call("submit", { input, actor: { kind: "human", name: "bench" } }).then(() => accepted++, fail);
  }
}, TICK_MS);
let told = 0;
setInterval(() => {
  process.stdout.write(`${accepted - told}\n`);
  told = accepted;
}, 1_000);

function fail(error: unknown): void {
  console.error(error);
  process.exit(1);
}
