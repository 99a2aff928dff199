/** Ready-made configurations. `02luka` is the tree that Holdfast's story began with: four processors, a guardrail, a state folder. */

import type { ComponentInput, Config } from "./config.ts";

export type Preset = "02luka";

export const PRESETS: Readonly<
  Record<Preset, { commands: Config["orders"]["commands"]; components: Record<string, ComponentInput> }>
> = {
  "02luka": {
    commands: "allow",
    components: {
      "apply-patch-processor": processor("agents/apply_patch_processor", "apply_patch_processor"),
      "json-wo-processor": processor("agents/json_wo_processor", "json_wo_processor"),
      "wo-executor": processor("agents/wo_executor", "wo_executor"),
      "followup-tracker": tool("tools/followup_tracker_update.zsh", "com.02luka.followup_tracker"),
      "wo-pipeline-guardrail": tool("tools/wo_pipeline_guardrail.zsh", "com.02luka.wo_pipeline_guardrail"),
      "wo-pipeline-forensics": tool("tools/forensic_wo_pipeline_check.zsh", null),
      "component-history": tool("tools/check_component_history.zsh", null),
      "followup-state": { paths: ["g/followup/state"], kind: "directory", strict: true, scope: "always" },
    },
  },
};

function processor(folder: string, script: string): ComponentInput {
  return {
    paths: [folder],
    executable: ["**/*.zsh"],
    response: "repair",
    strict: true,
    scope: "always",
    service: `com.02luka.${script}`,
    check: `zsh -n ${folder}/${script}.zsh`,
  };
}

function tool(path: string, service: string | null): ComponentInput {
  return {
    paths: [path],
    executable: [path],
    response: "repair",
    strict: true,
    scope: "always",
    service,
    check: `zsh -n ${path}`,
  };
}
