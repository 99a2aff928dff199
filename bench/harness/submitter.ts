/**
 * A process of its own that submits orders and waits until each is accepted: `submitter.ts SOCKET PREFIX COUNT IN_FLIGHT`.
 *
 * Says `ready` when it is connected, begins when it gets a line, says `done` at the end.
 */

import { once } from "node:events";
import { realPorts } from "../../src/platform/index.ts";
import { connect } from "../../src/protocol/index.ts";
import { submitMany } from "./submit-many.ts";

const [socket, prefix, count, inFlight] = process.argv.slice(2);
const client = await connect(socket!, { ports: realPorts() });
if (client === null) throw new Error("no daemon answers");
process.stdout.write("ready\n");
await once(process.stdin, "data");
await submitMany(client, { prefix: prefix!, count: Number(count), inFlight: Number(inFlight) });
process.stdout.write("done\n");
client.close();
process.stdin.destroy();
