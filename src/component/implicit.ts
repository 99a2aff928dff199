/** Components that no configuration names. In a file of its own: who needs the names alone does not load the patterns' library. */

/** Of paths that an accepted order wrote outside any other component. */
export const ACCEPTED = "accepted";
/** Holdfast's own files in the tree: the configuration. */
export const OWN = "holdfast";
