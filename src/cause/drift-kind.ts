/** The kinds of drift, as `docs/formats.md` lists them. */

export const DRIFT_KINDS = [
  "deleted",
  "reverted",
  "modified",
  "truncated",
  "emptied",
  "mode-changed",
  "type-changed",
  "unreadable",
  "service-failed",
] as const;

export type DriftKind = (typeof DRIFT_KINDS)[number];

/** One drifted path, as a witness sees it: absolute. */
export interface DriftedPath {
  readonly path: string;
  readonly kind: DriftKind;
  /** Whether git knew it just before, where somebody asked. */
  readonly tracked?: boolean;
}
