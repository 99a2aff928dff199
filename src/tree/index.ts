/** Which tree is canonical; its configuration; where things live; which paths are safe. */

export type { AgentConfig, ComponentConfig, Config, Layout } from "./config.ts";
export { BUILT_IN_COMPONENTS, CONFIG_FILE, checkComponents } from "./config-rules.ts";
export { configJsonSchema } from "./config-schema.ts";
export { allowedOutside, expandHome, type OutsidePath } from "./outside.ts";
export { defaultConfig, parseConfig } from "./parse-config.ts";
export { isAtOrBelow, parseTreePath } from "./path.ts";
export { absolute, checkedPath, refuseOwnFolders, treePathOf } from "./path-check.ts";
export { isGlob, literalPath, patternMatcher, patternOf } from "./path-pattern.ts";
export type { StateFolder, Tree } from "./tree.ts";
