/** What `init` shows before it asks. */

import { humanBytes, printableLine } from "../base/index.ts";
import type { Preset } from "../tree/index.ts";
import type { Style } from "./operation.ts";
import type { Survey } from "./survey.ts";

export interface SurveyEvent {
  survey: Survey;
  config: { isNew: boolean; keepBytes: number; preset: Preset | null };
}

const LABEL_WIDTH = 10;
const NAMES_MAX = 4;

export function surveyText({ survey, config }: SurveyEvent, style: Style): string {
  const line = (label: string, text: string) => `${style.bold(label.padEnd(LABEL_WIDTH))}${text}`;
  const { files, precious, bytes, skipped } = survey;
  const ignored = precious.length === 0 ? "" : ` + ${precious.length} ignored (${someOf(precious)})`;
  const standing = survey.isGit ? `git, ${survey.branch ?? "detached"}, ` : "";
  const lines = [
    `${style.bold(printableLine(survey.root))}  ${standing}${count(files + precious.length, "file")}   ${style.dim("[read only so far]")}`,
    line("Remember", `${count(files, "file")}${ignored}  ${humanBytes(bytes)}, cap ${inGibibytes(config.keepBytes)}`),
  ];
  const worth = worthProtecting(survey);
  if (worth !== "") lines.push(line("Found", `${worth}  ${style.dim("→ holdfast protect <path>")}`));
  if (skipped.files > 0) lines.push(line("Skipped", `${someOf(skipped.names)} (${count(skipped.files, "file")})`));
  lines.push(
    line(
      "Writes",
      config.isNew
        ? "holdfast.yaml, and a state folder outside the tree"
        : "a state folder outside the tree (holdfast.yaml is there)",
    ),
  );
  if (config.preset !== null)
    lines.push(line("", `launchers and inboxes of the preset ${config.preset}, and its five services in your home`));
  lines.push(line("Never", ".git, your index, your branches"));
  return lines.join("\n");
}

/** As `holdfast.yaml` writes it. */
function inGibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toLocaleString("en", { maximumFractionDigits: 1 })} GiB`;
}

function worthProtecting({ scripts, launchAgents, instructions }: Survey): string {
  return [
    ...(scripts > 0 ? [count(scripts, "script")] : []),
    ...(launchAgents > 0 ? [count(launchAgents, "launch agent")] : []),
    ...instructions,
  ].join(", ");
}

function someOf(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_MAX).map(printableLine).join(" ");
  return names.length > NAMES_MAX ? `${shown} …` : shown;
}

function count(n: number, noun: string): string {
  return `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`;
}
