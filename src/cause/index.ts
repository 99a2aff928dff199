/** Who did it. */

export { AGENT_MARKS, agentOf } from "./agent-marks.ts";
export { recognizeActor } from "./actor.ts";
