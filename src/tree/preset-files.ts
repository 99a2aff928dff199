/**
 * What a preset puts into the tree: thin zsh launchers at each path that existing callers and launch agents know, and the folders that
 * they expect. Each launcher runs one verb of Holdfast for the tree that it lies in, whatever folder or environment it is started from.
 */

import { shellQuoted } from "../base/index.ts";
import { DEFAULT_LAYOUT } from "./defaults.ts";
import type { Preset } from "./presets.ts";

export interface PresetFile {
  readonly path: string;
  readonly text: string;
}

/** `shim`: `<home>/bin/holdfast` of this machine. */
export function presetFiles(preset: Preset, shim: string): PresetFile[] {
  return LAUNCHERS[preset].map((launcher) => ({ path: launcher.path, text: launcherText(launcher, shim) }));
}

/** Folders that are there from the first moment on. */
export function presetFolders(preset: Preset): string[] {
  return preset === "02luka" ? [DEFAULT_LAYOUT.state, DEFAULT_LAYOUT.logs, DEFAULT_LAYOUT.reports] : [];
}

/** Ours, written by whichever version for whichever machine: it may be written anew. */
export function isPresetLauncher(text: string): boolean {
  return text.split("\n", 2)[1]?.endsWith(MARK) ?? false;
}

const MARK = "(a launcher of Holdfast's)";

interface Launcher {
  readonly path: string;
  readonly about: string;
  /** The verb and its own arguments; what the caller gave follows. */
  readonly runs: string;
  /** Put before the caller's arguments when there are none. */
  readonly whenBare?: string;
  /** Said, with exit 2, when nothing was given. */
  readonly usage?: string;
}

const stage = (path: string, name: string, about: string): Launcher => ({
  path,
  about,
  runs: `stage ${name} --once`,
});

const LAUNCHERS: Readonly<Record<Preset, readonly Launcher[]>> = {
  "02luka": [
    stage(
      "agents/apply_patch_processor/apply_patch_processor.zsh",
      "apply_patch_processor",
      "takes in the orders that wait and carries them out, once",
    ),
    stage("agents/json_wo_processor/json_wo_processor.zsh", "json_wo_processor", "the same for JSON orders, once"),
    stage("agents/wo_executor/wo_executor.zsh", "wo_executor", "carries out every order that is due, once"),
    stage(
      "tools/followup_tracker_update.zsh",
      "followup_tracker",
      "brings the state files and the dashboard's list up to date",
    ),
    stage(
      "tools/wo_pipeline_guardrail.zsh",
      "wo_pipeline_guardrail",
      "looks at everything that must hold, puts back what was lost, and logs it",
    ),
    {
      path: "tools/forensic_wo_pipeline_check.zsh",
      about: "what happened to the pipeline: the last 24 hours, or what --since and --until say",
      runs: "forensics --name wo_pipeline",
      whenBare: "--since 24h",
    },
    {
      path: "tools/check_component_history.zsh",
      about: "what became of a component or a path: git, ledgers, rollback logs",
      runs: "history --all",
      usage: "check_component_history.zsh <component or path>",
    },
  ],
};

/**
 * The shim's own path comes after the home that the caller's environment names, and before the usual places. zsh knows HOME from the user
 * database where the environment lacks it.
 */
function launcherText({ path, about, runs, whenBare, usage }: Launcher, shim: string): string {
  const up = ":h".repeat(path.split("/").length);
  const [verb, ...own] = runs.split(" ");
  const bare = whenBare === undefined ? "" : `(( $# )) || set -- ${whenBare}\n`;
  const refusal =
    usage === undefined ? "" : `(( $# )) || { print -ru2 -- ${shellQuoted(`usage: ${usage}`)}; exit 2 }\n`;
  return `#!/usr/bin/env zsh
# ${about} ${MARK}
emulate -R zsh
root=\${\${(%):-%x}:A${up}}
${refusal}${bare}places=(
  \${HOLDFAST_HOME:+$HOLDFAST_HOME/bin/holdfast}
  ${shellQuoted(shim)}
  "\${XDG_STATE_HOME:-$HOME/.local/state}/holdfast/bin/holdfast"
  "$HOME/Library/Application Support/holdfast/bin/holdfast"
  \${commands[holdfast]:-}
  /opt/homebrew/bin/holdfast
  /usr/local/bin/holdfast
)
for holdfast in $places; do
  [[ -x $holdfast && ! -d $holdfast ]] && exec "$holdfast" ${[verb, "--tree"].join(" ")} "$root" ${own.join(" ")} "$@"
done
print -ru2 -- "\${0:t}: Holdfast is not on this machine, or not where this launcher looks"
print -ru2 -- "  → install it, then: holdfast init --preset 02luka \${(q)root}"
exit 127
`;
}
