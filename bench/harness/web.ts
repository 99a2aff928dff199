/** A daemon's web side, asked as a program asks it: with the token, over connections that are kept. */

import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { join } from "node:path";
import type { Holdfast } from "./holdfast.ts";

export interface Web {
  /** An address that opens the page once. */
  link(): string;
  /** How long one GET took, in ms, from before the request until all of the answer is there. Throws what is not 200. */
  ask(path: string): Promise<number>;
  close(): void;
}

export async function webOf(holdfast: Holdfast, root: string): Promise<Web> {
  const { state } = await holdfast.tree(root);
  const token = readFileSync(join(state.dir, "page-token"), "utf8").trim();
  const link = () => holdfast.json<{ link: string }>(["dashboard"], root).link;
  const { port } = new URL(link());
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  return {
    link,
    ask: (path) =>
      new Promise((resolve, reject) => {
        const startedMs = performance.now();
        const options = { agent, port, path, headers: { authorization: `Bearer ${token}` } };
        const asked = request({ host: "127.0.0.1", ...options }, (answer) => {
          answer.on("error", reject);
          answer.on("data", () => undefined);
          answer.on("end", () =>
            answer.statusCode === 200
              ? resolve(performance.now() - startedMs)
              : reject(new Error(`${path} answered ${answer.statusCode}`)),
          );
        });
        asked.on("error", reject);
        asked.end();
      }),
    close: () => agent.destroy(),
  };
}
