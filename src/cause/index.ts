/** Who did it. */

export { recognizeActor } from "./actor.ts";
export { AGENT_MARKS, agentOf } from "./agent-marks.ts";
