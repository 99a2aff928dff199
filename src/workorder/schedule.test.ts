import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { OrderRow } from "./order-row.ts";
import { type Candidate, type Claim, Claims, inTurn, pick } from "./schedule.ts";

const row = (id: string, more: Partial<OrderRow> = {}) =>
  ({ id, priority: "Medium", notBeforeMs: null, retryAtMs: null, dependsOn: [], ...more }) as unknown as OrderRow;
const candidate = (id: string, claim: Claim, more: Partial<Candidate> = {}): Candidate => ({
  row: row(id),
  claim,
  commands: false,
  ...more,
});
const picked = (candidates: Iterable<Candidate>, more: { running?: Claim[]; groupMax?: number } = {}) =>
  pick({ candidates, running: [], freeSlots: 4, groupMax: 64, nowMs: 0, stateOf: () => null, ...more });
const ids = (rows: readonly { id: string }[]) => rows.map(({ id }) => id);

describe("claims", () => {
  const path = fc
    .array(fc.constantFrom("a", "b", "ab"), { minLength: 1, maxLength: 3 })
    .map((segments) => segments.join("/"));
  const claim: fc.Arbitrary<Claim> = fc.oneof(
    { weight: 5, arbitrary: fc.array(path, { maxLength: 3 }) },
    fc.constant("everything" as const),
  );
  const overlapping = (a: Claim, b: Claim) =>
    a === "everything" ||
    b === "everything" ||
    a.some((x) => b.some((y) => x === y || x.startsWith(`${y}/`) || y.startsWith(`${x}/`)));

  it("overlap where one path is the other, or lies below it", () => {
    fc.assert(
      fc.property(fc.array(claim, { maxLength: 4 }), claim, (taken, asked) => {
        expect(new Claims(taken).overlap(asked)).toBe(taken.some((one) => overlapping(one, asked)));
      }),
    );
  });
});

describe("which orders may begin", () => {
  it("an order waits for an earlier one that overlaps, and those that overlap with it wait too", () => {
    const { group } = picked([
      candidate("1", ["a"]),
      candidate("2", ["a/b", "c"]),
      candidate("3", ["c"]),
      candidate("4", ["d"]),
    ]);
    expect(ids(group)).toEqual(["1", "4"]);
    expect(ids(picked([candidate("1", ["a/b"])], { running: [["a"]] }).group)).toEqual([]);
  });

  it("a full group asks for no further orders", () => {
    const asked: string[] = [];
    function* many() {
      for (let index = 0; ; index += 1) {
        asked.push(String(index));
        yield candidate(String(index), [`file-${index}`]);
      }
    }
    expect(picked(many(), { groupMax: 3 }).group).toHaveLength(3);
    expect(asked).toEqual(["0", "1", "2"]);
  });

  it("orders with commands go alone, as many as there are slots", () => {
    const commands = true;
    const { group, alone } = picked([
      candidate("1", ["a"], { commands }),
      candidate("2", ["b"], { commands }),
      candidate("3", ["c"]),
    ]);
    expect(ids(alone.map(({ row }) => row))).toEqual(["1", "2"]);
    expect(ids(group)).toEqual(["3"]);
  });

  it("the more urgent ones come first, then those that came earlier", () => {
    const earlier = [row("1", { priority: "High" }), row("2"), row("3", { priority: "Low" })];
    const later = [row("4", { priority: "High" }), row("5"), row("6")];
    expect(ids([...inTurn(earlier, later)])).toEqual(["1", "4", "2", "5", "6", "3"]);
  });
});
