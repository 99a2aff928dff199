/**
 * The impossible crashes; the expected is a `HoldfastError`.
 *
 * An assertion that fails is a defect in Holdfast: it ends as exit code 70 with a report, and is never caught on the way.
 */

export class DefectError extends Error {
  override readonly name = "DefectError";
}

/** Throws `DefectError` unless `condition` holds. `what` states the invariant, not the failure. */
export function assert(condition: unknown, what: string): asserts condition {
  if (!condition) throw new DefectError(`This must always hold, and did not: ${what}`);
}

/** Ends a `switch` over a union: the compiler proves that it is never reached. */
export function assertNever(value: never): never {
  throw new DefectError(`Unexpected value: ${JSON.stringify(value)}`);
}
