/** Stretches of time as data: joined, clipped, taken from each other. Unix milliseconds, `fromMs` inclusive, `toMs` exclusive. */

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Sorted, without overlaps, without empty ones. */
export function joined(spans: readonly Span[]): Span[] {
  const result: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.fromMs - b.fromMs)) {
    if (span.toMs <= span.fromMs) continue;
    const last = result.at(-1);
    if (last !== undefined && span.fromMs <= last.toMs)
      result[result.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, span.toMs) };
    else result.push(span);
  }
  return result;
}

export function clipped(spans: readonly Span[], { fromMs, toMs }: Span): Span[] {
  return joined(spans.map((span) => ({ fromMs: Math.max(span.fromMs, fromMs), toMs: Math.min(span.toMs, toMs) })));
}

/** What of `spans` lies in none of `others`. */
export function without(spans: readonly Span[], others: readonly Span[]): Span[] {
  let left = joined(spans);
  for (const other of joined(others)) {
    left = left.flatMap(({ fromMs, toMs }) => [
      { fromMs, toMs: Math.min(toMs, other.fromMs) },
      { fromMs: Math.max(fromMs, other.toMs), toMs },
    ]);
    left = joined(left);
  }
  return left;
}

export function totalMs(spans: readonly Span[]): number {
  return spans.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
}
