/**
 * The drill's own rows by the real command, and the same classes of damage by other commands and other hands: all by the same rehearsal.
 * Every row plays in a real tree, beside a real daemon.
 */

import { spawnSync } from "node:child_process";
import { beforeAll, describe, expect, it } from "vitest";
import { drill, type Row, type RowOutcome } from "../../src/operations/index.ts";
import { realPorts } from "../../src/platform/index.ts";
import { HOLDFAST } from "../cli/holdfast.ts";
import { HAND_ROWS } from "./hand-rows.ts";
import { OTHER_ROWS } from "./other-rows.ts";

const DRILL_MS_MAX = 240_000;
const told = ({ n, name, ok, skipped, problems, kind, response, cause, bytesLost, falseAlarms }: RowOutcome) =>
  ok && skipped === null && bytesLost === 0 && falseAlarms === 0
    ? "as it has to be"
    : JSON.stringify({ n, name, problems, skipped, kind, response, cause: cause?.what ?? null, bytesLost });

describe("`holdfast drill`", () => {
  let rows: readonly RowOutcome[] = [];
  let exitCode: number | null = null;

  beforeAll(() => {
    const run = (...args: string[]) => {
      const { status, stdout } = spawnSync(HOLDFAST, ["drill", "--json", ...args], {
        encoding: "utf8",
        maxBuffer: 1 << 26,
      });
      exitCode = status;
      return (JSON.parse(stdout) as { rows: RowOutcome[] }).rows;
    };
    rows = run();
    const failed = rows.filter(({ ok }) => !ok).map(({ n }) => n);
    const again = failed.length === 0 ? [] : run("--only", failed.join(","));
    rows = rows.map((row) => again.find(({ n }) => n === row.n) ?? row);
  }, DRILL_MS_MAX);

  it("has a row for each way of drill.md, and for each that is no loss", () => {
    expect(rows.map(({ n }) => n)).toEqual(Array.from({ length: 38 }, (_, index) => index + 1));
    expect(exitCode).toBe(0);
  });

  it.each(Array.from({ length: 38 }, (_, index) => index + 1))("row %i", (n) => {
    expect(told(rows[n - 1]!)).toBe("as it has to be");
  });
});

async function play(rows: readonly Row[]): Promise<readonly RowOutcome[]> {
  const signal = new AbortController().signal;
  const shared = { ports: realPorts(), program: [HOLDFAST], signal, keep: false, told: () => undefined };
  return (await drill({ rows, ...shared })).rows;
}

describe("other commands, other hands", () => {
  const rows = [...OTHER_ROWS, ...HAND_ROWS];
  let outcomes: readonly RowOutcome[] = [];

  beforeAll(async () => {
    const first = await play(rows);
    // What two cores full of other tests kept from being seen in time is played once more, alone.
    const again = await play(rows.filter(({ n }) => first.some((one) => one.n === n && !one.ok)));
    outcomes = [...again, ...first];
  }, DRILL_MS_MAX);

  it.each(rows.map(({ n, name, by }) => [n, by, name] as const))("%i, %s: %s", (n) => {
    expect(told(outcomes.find((one) => one.n === n)!)).toBe("as it has to be");
  });
});
