/** `holdfast dashboard`: the way to the page, as a link that works once. */

import { HoldfastError } from "../../base/index.ts";
import { connectToDaemon } from "../daemon-client.ts";
import { operation } from "../operation.ts";
import { canonicalTree } from "../perform.ts";

export const dashboard = operation({
  name: "dashboard",
  about: "A link to the page; it works once, then this browser is known",
  effect: "none",
  commandLineOnly: true,
  input: (z) => z.strictObject({}),
  command: { examples: ["holdfast dashboard", 'open "$(holdfast dashboard)"'] },
  async run({ located, ports }) {
    const tree = canonicalTree(located, { name: "dashboard", effect: "read" });
    const client = await connectToDaemon(tree, ports);
    if (client === null)
      throw new HoldfastError("PAGE_NOT_RUNNING", "no daemon runs, and the page is part of it", {
        hint: "holdfast up",
      });
    try {
      return await client.call<{ url: string; link: string }>("page", null);
    } finally {
      client.close();
    }
  },
  print: ({ link }) => link,
});
