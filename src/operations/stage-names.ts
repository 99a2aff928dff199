/** The spec's five stages. */

export const STAGES = [
  "apply_patch_processor",
  "json_wo_processor",
  "wo_executor",
  "followup_tracker",
  "wo_pipeline_guardrail",
] as const;

export type StageName = (typeof STAGES)[number];
