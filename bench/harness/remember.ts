/** A process of its own: remembers a tree for the first time, through the library, and prints `{elapsedMs, files}`. */

import { openWriter } from "../../src/operations/index.ts";
import { realPorts } from "../../src/platform/index.ts";
import { register } from "../../src/tree/index.ts";

const [root] = process.argv.slice(2);
const ports = realPorts();
const writer = await openWriter(await register(root!, ports), ports, { command: "bench" });
const startedMs = performance.now();
const { files } = await writer.house.vault.remember({});
const elapsedMs = performance.now() - startedMs;
await writer.close();
process.stdout.write(JSON.stringify({ elapsedMs, files }));
