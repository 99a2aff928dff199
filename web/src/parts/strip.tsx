/** A day in cells: a thin line where all held, a bar where something was down, hatched where nobody looked. */

import type { Slo, Span } from "../answers.ts";

const CELLS = 96;
const HEIGHT = 36;
const LINE = 3;

export function Strip({ slo }: { slo: Slo }) {
  const fromMs = Date.parse(slo.from);
  const cellMs = (Date.parse(slo.to) - fromMs) / CELLS;
  const cells = Array.from({ length: CELLS }, (_, index) => {
    const begin = fromMs + index * cellMs;
    const isDown = overlapMs(slo.down, begin, begin + cellMs) > 0;
    const isUnseen = overlapMs(slo.gaps, begin, begin + cellMs) > cellMs / 2;
    return { begin, state: isDown ? "down" : isUnseen ? "unseen" : "up" } as const;
  });
  const count = (state: string) => cells.filter((cell) => cell.state === state).length;
  const said = `The last ${slo.window}: ${count("down")} of ${CELLS} stretches with something down, ${count("unseen")} in which nobody looked`;
  return (
    <svg class="strip" viewBox={`0 0 ${CELLS * 8} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={said}>
      <defs>
        <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect class="hatch" width="2" height="6" />
        </pattern>
      </defs>
      {cells.map(({ begin, state }, index) => {
        const height = state === "up" ? LINE : HEIGHT;
        return (
          <rect
            key={begin}
            class={state}
            x={index * 8}
            y={HEIGHT - height}
            width={state === "unseen" ? 8 : 7}
            height={height}
            fill={state === "unseen" ? "url(#hatch)" : undefined}
          >
            <title>{`${new Date(begin).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" })} ${WORDS[state]}`}</title>
          </rect>
        );
      })}
    </svg>
  );
}

const WORDS = { up: "all held", down: "something was down", unseen: "nobody looked" };

function overlapMs(spans: readonly Span[], fromMs: number, toMs: number): number {
  return spans.reduce(
    (sum, span) => sum + Math.max(0, Math.min(toMs, Date.parse(span.to)) - Math.max(fromMs, Date.parse(span.from))),
    0,
  );
}
