/** `holdfast doctor`: what is wrong with the installation, each with the command that fixes it. */

import { printableLine } from "../../base/index.ts";
import { answerOf, type Check, examine, type Finding } from "../doctor/finding.ts";
import { components, configuration, daemon, hooks, incidents, services } from "../doctor/guarding.ts";
import { diskSpace, git, watches } from "../doctor/machine.ts";
import { clock, packs, standing, stateFolder, store } from "../doctor/state.ts";
import { type House, openHouse } from "../house.ts";
import { type CallerContext, operation, type Style } from "../operation.ts";

const CHECKS: readonly Check[] = [
  standing,
  stateFolder,
  diskSpace,
  store,
  packs,
  clock,
  configuration,
  daemon,
  components,
  services,
  incidents,
  hooks,
  git,
  watches,
];

export const doctor = operation({
  name: "doctor",
  about: "What is wrong with the installation, each with the command that fixes it; changes nothing",
  effect: "none",
  input: (z) => z.strictObject({}),
  command: { examples: ["holdfast doctor", "holdfast doctor --json"] },
  async run(context) {
    const beganMs = context.ports.clock.monotonicMs();
    const findings = await findingsOf(context);
    return {
      ok: findings.every(({ level }) => level !== "bad"),
      findings,
      elapsedMs: Math.round(context.ports.clock.monotonicMs() - beganMs),
    };
  },
  print: ({ findings }, style) => findings.map((finding) => line(finding, style)).join("\n"),
  exitCode: ({ ok }) => (ok ? 0 : 1),
});

/** What cannot be opened is a finding, and everything else is looked at all the same. */
async function findingsOf({ ports, located, version }: CallerContext): Promise<Finding[]> {
  const tree = located?.standing === "canonical" || located?.standing === "workspace" ? located.tree : null;
  let house: House | null = null;
  const opening = await answerOf(async () => {
    if (tree !== null) house = await openHouse(tree, ports, { readOnly: true });
    return [];
  }, "store");
  try {
    return [...opening, ...(await examine(CHECKS, { ports, located, tree, house, version }))];
  } finally {
    (house as House | null)?.close();
  }
}

function line({ check, level, says, fix }: Finding, style: Style): string {
  const mark = { ok: style.good("●"), warn: style.warn("▲"), bad: style.bad("✗") }[level];
  return `${mark} ${check.padEnd(14)} ${printableLine(says)}${fix === undefined ? "" : `  → ${printableLine(fix)}`}`;
}
