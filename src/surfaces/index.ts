/** How people and programs reach the verbs. */

export { runCommandLine } from "./cli/run.ts";
export type { Terminal } from "./cli/terminal.ts";
export { servePage } from "./serve-page.ts";
