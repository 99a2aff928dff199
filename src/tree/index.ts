/** Which tree is canonical; its configuration; where things live; which paths are safe. */

export {
  type AgentConfig,
  CONFIG_FILE,
  type ComponentConfig,
  type ComponentInput,
  type Config,
  type Layout,
} from "./config.ts";
export { checkComponents } from "./config-rules.ts";
export { configJsonSchema } from "./config-schema.ts";
export { withComponent } from "./config-text.ts";
export type { ConfigProblem } from "./config-yaml.ts";
export { canonicalOf, findCopies, type WorkingCopy } from "./copies.ts";
export { makeFolders, readWhole, replaceDurably } from "./durable-file.ts";
export { blobNames, lfsPointerName } from "./git-blob.ts";
export { headOf, trackedPaths } from "./git-facts.ts";
export {
  askTracked,
  askTrackedAmong,
  type GitIgnoring,
  NO_GIT_IGNORING,
  outerIgnores,
  trackedKey,
} from "./git-ignored.ts";
export { type LineChange, linesOf } from "./git-lines.ts";
export { RememberRules, type RuleSources, type Verdict } from "./ignore-rules.ts";
export { configForInit, withPreset } from "./init-text.ts";
export { installLauncherShim } from "./launcher-shim.ts";
export { layoutPaths, type OrderPlaces, orderPlaces, type ProjectionPlaces, projectionPlaces } from "./layout.ts";
export { findTree, type Located, type LocatePorts, listTrees } from "./locate.ts";
export { allowedOutside, expandHome, type OutsidePath } from "./outside.ts";
export { defaultConfig, parseConfig } from "./parse-config.ts";
export { isAtOrBelow, parseTreePath } from "./path.ts";
export { absolute, checkedPath, type Identity, ownIdentities, treePathOf } from "./path-check.ts";
export { isGlob, literalPath, patternMatcher, patternOf } from "./path-pattern.ts";
export { isPresetLauncher, type PresetFile, presetFiles, presetFolders } from "./preset-files.ts";
export type { Preset } from "./presets.ts";
export { PathSet, type ProtectedPaths } from "./protected-paths.ts";
export { noteAcceptedConfig, register, relocate, unregister } from "./register.ts";
export { loadRegistry, type Registry } from "./registry.ts";
export type { RegistryEntry } from "./registry-file.ts";
export { ruleSourcesOf } from "./rule-sources.ts";
export { holdfastHome, makeStateFolder, proveSocketFolder, stateFolder } from "./state-folder.ts";
export {
  type Distance,
  distance,
  sayTowardCanonical,
  type TowardCanonical,
  towardCanonical,
} from "./toward-canonical.ts";
export type { StateFolder, Tree } from "./tree.ts";
export {
  type FolderPath,
  type KeptVerdict,
  type Listed,
  pathJudge,
  type SkippedName,
  skipReason,
  type WalkedFolder,
  type WalkedName,
  type WalkRequest,
  walkTree,
} from "./walk.ts";
export { foldersApart, listWorkspaces, type Workspace } from "./workspaces.ts";
