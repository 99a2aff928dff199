import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readAck } from "./acks.ts";

const DATA = join(import.meta.dirname, "../../test/data/workorders");

it("reads every real acknowledgement, and takes a partial success for none", () => {
  const words = readdirSync(DATA)
    .filter((name) => name.endsWith(".ack.json"))
    .map((name) => {
      const id = name.slice(0, -".ack.json".length);
      return [id, readAck(readFileSync(join(DATA, name), "utf8"), id)] as const;
    });
  expect(words.length).toBeGreaterThan(8);
  expect(new Map(words).get("WO-PATCH-OPAL-HEALTHV2-AGENT")).toEqual({
    ok: false,
    summary: "1/6 operations succeeded",
  });
  expect(new Map(words).get("WO-PATCH-CLC-ORCH-V2")).toEqual({ ok: false, summary: "Failed to parse YAML" });
  expect(new Map(words).get("WO-TEST-CLC-001")).toEqual({ ok: true, summary: "3/3 operations succeeded" });
});

it.each(["running", "received", "in_progress", "", "acknowledged"])("hears no end in the status %j", (status) => {
  expect(readAck(JSON.stringify({ wo_id: "A", status }), "A")).toBeNull();
});

it.each(["", "[]", "null", "3", '{"wo_id": "B", "status": "success"}', '{"status": "succ'])("refuses %j", (text) => {
  expect(() => readAck(text, "A")).toThrowError(expect.objectContaining({ code: "WO_UNREADABLE" }));
});
