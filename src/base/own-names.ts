/**
 * The names of what Holdfast puts beside a path for a moment: staged content, and the file that stood there ("aside").
 * Never remembered, never judged, removed by recovery; derived from the plan, so that a crash leaves nothing unknown.
 */

const OWN = /^\.holdfast-[0-9a-z]+-\d+\.(new|aside|old)$/;

/** `role`: `new` is staged content, `aside` what a change took away, `old` what an undo took away. */
export function ownName(planId: string, index: number, role: "new" | "aside" | "old"): string {
  return `.holdfast-${planId}-${index}.${role}`;
}

export function isOwnName(name: string): boolean {
  return name.startsWith(".holdfast-") && OWN.test(name);
}
