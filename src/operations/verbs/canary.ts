/** `holdfast canary`: a tiny order that proves the whole way, now. */

import { type CanaryResult, runCanary } from "../../health/index.ts";
import { operation, writerOf } from "../operation.ts";

export const canary = operation({
  name: "canary",
  about: "Send a tiny order the whole way and look at every step of it",
  effect: "write",
  input: (z) => z.strictObject({}),
  command: { examples: ["holdfast canary"] },
  run: async (context): Promise<CanaryResult> => runCanary(writerOf(context).house, writerOf(context)),
  print: ({ ok, id, steps }, style) =>
    [
      ok ? style.good(`✓ ${id} went the whole way`) : style.bad(`✗ ${id} did not come through`),
      ...steps.map(
        (step) =>
          `  ${step.ok ? style.good("✓") : style.bad("✗")} ${step.name.padEnd(10)} ${style.dim(`${step.ms} ms`)}${step.why ? `  ${step.why}` : ""}`,
      ),
    ].join("\n"),
  exitCode: ({ ok }) => (ok ? 0 : 1),
});
