/** `holdfast hooks status`: what is installed, and what keeps it from working. */

import { printableLine } from "../../base/index.ts";
import { HOOK_TARGETS, type HookStatus } from "../../hooks/index.ts";
import { operation } from "../operation.ts";

export const hooksStatus = operation({
  name: "hooks status",
  about: "What is installed into git, agents and shells, and whether it works",
  effect: "none",
  input: (z) => z.strictObject({}),
  command: { examples: ["holdfast hooks status", "holdfast hooks status --json"] },
  async run({ ports }) {
    return { hooks: await Promise.all(Object.values(HOOK_TARGETS).map((target) => target.status(ports))) };
  },
  print: ({ hooks }, style) =>
    hooks
      .flatMap(({ target, about, installed, trusted, lastFired, problems }) => [
        `${installed ? style.good("●") : style.dim("○")} ${target.padEnd(12)} ${installed ? `installed${standing(trusted, lastFired)}` : `not installed → holdfast hooks install ${target}`}`,
        style.dim(`  ${about}`),
        ...problems.map((problem) => `${style.warn("▲")} ${printableLine(problem)}`),
      ])
      .join("\n"),
  exitCode: ({ hooks }) => (hooks.some(({ installed, problems }) => installed && problems.length > 0) ? 1 : 0),
});

function standing(trusted: HookStatus["trusted"], lastFired: string | null): string {
  if (trusted === null) return "";
  const trust = { yes: "trusted", no: "not trusted", unknown: "trust unknown" }[trusted];
  return `, ${trust}, ${lastFired === null ? "never fired" : `last fired ${lastFired}`}`;
}
