/** `holdfast forget`: removes content from the vault for good, a leaked secret for instance. */

import { type Digest, HoldfastError, humanBytes, isDigest } from "../../base/index.ts";
import { treePathOf } from "../../tree/index.ts";
import { type OperationContext, operation } from "../operation.ts";
import { refuseAgents } from "../refuse-agents.ts";

export const forget = operation({
  name: "forget",
  about: "Remove every version of a path, or one content, from the vault for good",
  effect: "write",
  input: (z) =>
    z.strictObject({ subject: z.string(), cwd: z.string(), reason: z.string().default("forgotten by hand") }),
  destructive: true,
  command: {
    arguments: [{ name: "subject", about: "a path, or a digest sha256:…" }],
    options: [{ flags: "--reason <text>", about: "goes on record" }],
    examples: [
      'holdfast forget .env --reason "key leaked"',
      "holdfast forget sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ],
  },
  namesPaths: true,
  async run(context, { subject, cwd, reason }) {
    refuseAgents(context.actor, "remove content from the vault");
    const { vault, ledger, store } = context.house;
    const digests = isDigest(subject) ? [subject] : digestsOf(subject, cwd, context);
    const { forgotten, bytes } = await vault.forget(digests);
    store.transaction(() =>
      ledger.append({
        event: "vault.forgotten",
        actor: context.actor,
        data: { digests: forgotten, reason },
        summary: `forgotten: ${forgotten.length} contents, ${humanBytes(bytes)} (${reason})`,
      }),
    );
    return { forgotten, bytes };
  },
  print: ({ forgotten, bytes }, style) =>
    `${style.good("✓")} ${forgotten.length} contents forgotten, ${humanBytes(bytes)}; their digests stay on record`,
});

/** What stands in the tree right now is remembered again at once: forgetting that would be a promise that cannot be kept. */
function digestsOf(subject: string, cwd: string, { house, tree, ports }: OperationContext): Digest[] {
  const path = treePathOf(tree, subject, { disk: ports.disk, cwd });
  const versions = house.vault.versions(path);
  if (versions.length === 0) throw new HoldfastError("PATH_UNKNOWN", `the vault never saw ${path}`, { data: { path } });
  return [...new Set(versions.flatMap(({ entry }) => (entry.kind === "file" ? [entry.digest] : [])))];
}
