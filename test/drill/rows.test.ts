/**
 * The drill's own rows by the real command, and the same classes of damage by other commands and other hands: all by the same rehearsal.
 * Every row plays in a real tree, beside a real daemon.
 */

import { spawnSync } from "node:child_process";
import { beforeAll, describe, expect, it } from "vitest";
import { drill, type RowOutcome } from "../../src/operations/index.ts";
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
    const { status, stdout } = spawnSync(HOLDFAST, ["drill", "--json"], { encoding: "utf8", maxBuffer: 1 << 26 });
    exitCode = status;
    rows = (JSON.parse(stdout) as { rows: RowOutcome[] }).rows;
  }, DRILL_MS_MAX);

  it("has a row for each way of drill.md, and for each that is no loss", () => {
    expect(rows.map(({ n }) => n)).toEqual(Array.from({ length: 38 }, (_, index) => index + 1));
    expect(exitCode).toBe(0);
  });

  it.each(Array.from({ length: 38 }, (_, index) => index + 1))("row %i", (n) => {
    expect(told(rows[n - 1]!)).toBe("as it has to be");
  });
});

describe("other commands, other hands", () => {
  const rows = [...OTHER_ROWS, ...HAND_ROWS];
  let outcomes: readonly RowOutcome[] = [];

  beforeAll(async () => {
    const drilled = await drill({
      rows,
      ports: realPorts(),
      program: [HOLDFAST],
      signal: new AbortController().signal,
      keep: false,
      told: () => undefined,
    });
    outcomes = drilled.rows;
  }, DRILL_MS_MAX);

  it.each(rows.map(({ n, name, by }) => [n, by, name] as const))("%i, %s: %s", (n) => {
    expect(told(outcomes.find((one) => one.n === n)!)).toBe("as it has to be");
  });
});
