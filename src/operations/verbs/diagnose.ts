/** `holdfast diagnose`: what became of a path, a component or a glob. Works in any git repository, and writes nothing. */

import { printableLine } from "../../base/index.ts";
import { diagnose as ask, type Diagnosis } from "../../diagnose/index.ts";
import { diagnosedPlace } from "../diagnosed-place.ts";
import { openHouseToRead } from "../open-house.ts";
import { operation, type Style } from "../operation.ts";

const EVIDENCE_LINES = 6;
const BRIEF_LINES = 3;

export const diagnose = operation({
  name: "diagnose",
  about:
    "What became of a path: never there, never worked, worked and then broke, moved – when, by whom, and what to do",
  effect: "none",
  input: (z) => z.strictObject({ subject: z.string(), cwd: z.string().optional(), brief: z.boolean().default(false) }),
  command: {
    arguments: [{ name: "subject", about: "a component, a path, or a glob in quotes" }],
    options: [{ flags: "--brief", about: "verdict, three dated lines, one command: for agents" }],
    examples: [
      "holdfast diagnose tools/sync.sh",
      "holdfast diagnose 'agents/*/run.zsh'",
      "holdfast diagnose agents/router --brief",
    ],
  },
  namesPaths: true,
  async run(context, { subject, cwd, brief }) {
    const house = await openHouseToRead(context);
    try {
      const answer = await ask({ text: subject, ...diagnosedPlace(context, house, cwd) }, context.ports);
      return brief ? { ...answer, brief: true } : answer;
    } finally {
      house.found?.close();
    }
  },
  print: (output, style) => diagnosisText(output, style, "brief" in output),
  exitCode: ({ verdict, change }) => (verdict === "healthy" || change?.intentional === true ? 0 : 1),
});

export function diagnosisText(answer: Diagnosis, style: Style, brief = false): string {
  const { verdict, change, says, evidence, proposals, confidence, searched } = answer;
  const isWell = verdict === "healthy" || change?.intentional === true;
  const paint = isWell ? style.good : verdict === "unknown" ? style.warn : style.bad;
  const dated = evidence.filter(({ weight }) => weight > 0);
  const shown = dated.slice(-(brief ? BRIEF_LINES : EVIDENCE_LINES));
  const lines = [
    `${paint(isWell ? "●" : "▲")} ${style.bold(printableLine(says))}  ${style.dim(`${Math.round(confidence * 100)} % sure`)}`,
    ...shown.map(
      ({ at, source, says: what, ref }) =>
        `  ${style.dim((at ?? "now").slice(0, 16).replace("T", " ").padEnd(16))}  ${source.padEnd(7)} ${printableLine(what)}${ref === null ? "" : style.dim(`  ${ref.slice(0, 12)}`)}`,
    ),
  ];
  if (!brief)
    for (const { source, complete, note } of searched)
      if (!complete) lines.push(style.warn(`  could not look everywhere: ${source} – ${printableLine(note ?? "")}`));
  for (const { title, command } of proposals.slice(0, brief ? 1 : 4))
    lines.push(`  → ${printableLine(command)}${brief ? "" : style.dim(`   # ${title}`)}`);
  return lines.join("\n");
}
