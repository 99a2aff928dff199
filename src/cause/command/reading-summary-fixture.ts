/** A reading in one line, as `command-lines-fixture.ts` writes it. */

import type { CommandReading, Touch } from "./reading.ts";

const LETTERS = { delete: "d", "older-content": "o", "other-content": "c", empty: "e", mode: "m", type: "t" } as const;

export function summary(reading: CommandReading): string {
  if (reading.harmless) return "harmless";
  const flags = [
    reading.understood ? "" : "unknown",
    reading.inBulk ? "bulk" : "",
    reading.copiesFromElsewhere ? "copies" : "",
    reading.recordedByGit ? "recorded" : "",
    reading.moves.length > 0 ? "moves" : "",
    reading.script === null ? "" : `script ${reading.script.path}`,
  ].filter((flag) => flag !== "");
  const places = reading.touches.map(place);
  return [...flags, ...places].join(" ") || "nothing";
}

function place({ effects, path, reach, doubtful, written }: Touch): string {
  const end = { path: "", below: "/", pattern: `~${written}`, "work-tree": "//" }[reach];
  return `${effects.map((effect) => LETTERS[effect]).join("")}:${doubtful ? "?" : ""}${path === null ? "*" : path}${end}`;
}

/** Words as a shell splits them, for quotes without anything special inside. */
export function wordsOf(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|"((?:\\.|[^"\\])*)"|\S+/g)].map(
    ([whole, single, double]) => single ?? double?.replace(/\\(.)/g, "$1") ?? whole,
  );
}
