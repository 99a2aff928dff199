import { expect, test } from "vitest";
import type { LedgerRecord } from "./events.ts";
import { describe } from "./history.ts";

const record: LedgerRecord = {
  v: 1,
  seq: 7,
  id: "0193a2f4-7c1e-7d3a-9f00-5b2c9d4e8a71",
  ts: "2026-11-22T22:43:07.042Z",
  tree: "T1",
  actor: { kind: "service", name: "guard" },
  event: "guard.stopped",
  ok: false,
  summary: ".env missing",
  data: { reason: "" },
  prev: "",
  hash: "",
};

test("a line names time, summary and cause", () => {
  const cause = { what: "git clean -fdx", actor: "codex", pid: 4123, confidence: 1 };
  expect(describe({ ...record, cause })).toBe("2026-11-22 22:43:07Z ! .env missing – git clean -fdx (codex, pid 4123)");
});

test("a cause that is not certain says so", () => {
  expect(describe({ ...record, cause: { what: "rsync", confidence: 0.85 } })).toContain("– rsync (85 % sure)");
});

test("without a cause the person or agent is named, a service is not", () => {
  expect(describe({ ...record, ok: true, actor: { kind: "human", name: "ann" } })).toBe(
    "2026-11-22 22:43:07Z   .env missing – ann",
  );
  expect(describe({ ...record, ok: true })).toBe("2026-11-22 22:43:07Z   .env missing");
});

test("a clock that was set back is shown beside the time that the chain keeps", () => {
  expect(describe({ ...record, clockBehindMs: 3_600_000 })).toContain("[the clock said 2026-11-22 21:43:07Z]");
});

test("hostile text stays one harmless line", () => {
  const cause = { what: "rm \u001b[2J\nx", confidence: 1 };
  expect(describe({ ...record, summary: "a\r\n\u202eb", cause })).toBe(
    "2026-11-22 22:43:07Z ! a\\x0d\\n\\u202eb – rm \\x1b[2J\\nx",
  );
});
