/** `holdfast exec -- cmd…`: runs a command so that it takes nothing of protected components. */

import { HoldfastError, printableLine } from "../../base/index.ts";
import { operation } from "../operation.ts";
import { runProtected } from "../protected-run.ts";
import { endedText, radiusText } from "../run-text.ts";

export const exec = operation({
  name: "exec",
  about: "Run a command; what it takes of protected components is put back, unless --force",
  effect: "none",
  input: (z) =>
    z.strictObject({
      command: z.array(z.string()).min(1),
      force: z.boolean().default(false),
      orUnprotected: z.boolean().default(false),
      quiet: z.boolean().default(false),
    }),
  command: {
    arguments: [{ name: "command", about: "the command and its arguments, behind --", variadic: true }],
    options: [
      { flags: "--force", about: "let it take protected components too; the result is accepted" },
      { flags: "--or-unprotected", about: "where Holdfast cannot protect, say so and run it all the same" },
    ],
    passThrough: true,
    examples: ["holdfast exec -- git reset --hard origin/main", "holdfast exec --force -- rm -rf agents/old"],
  },
  prepare: async (raw, { json }) => ({ ...raw, quiet: json ?? false }),
  async run(context, { command, force, quiet, orUnprotected }) {
    const [program, ...args] = command;
    if (program === undefined || program === "") throw new HoldfastError("USAGE", "what is to be run?");
    const unprotected = (why: string) =>
      context.note?.((style) => `${style.warn("▲")} limited: ${printableLine(why)}; nothing was protected`);
    const { exitCode, signal, run, ended, tree } = await runProtected(
      { kind: "exec", command: [program, ...args], force, quiet, unprotected: orUnprotected ? unprotected : null },
      (begun) => context.note?.((style) => radiusText(begun, force, style)),
      context,
    );
    if (ended !== null && tree !== null) context.note?.((style) => endedText(ended, tree, style));
    if (run === null && (exitCode === 126 || exitCode === 127)) {
      const why = exitCode === 127 ? "there is no such command" : "it cannot be executed";
      context.note?.((style) => `${style.bad("✗")} ${program}: ${why}`);
    }
    const { putBack = [], left = [], kept = [], accepted = [], log = null } = ended ?? {};
    return { exitCode, signal, run, putBack, left, kept, accepted, log };
  },
  print: () => "",
  exitCode: ({ exitCode }) => exitCode,
  endedBy: ({ signal }) => signal,
});
