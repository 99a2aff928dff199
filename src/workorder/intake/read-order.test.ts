import { describe, expect, test } from "vitest";
import { refusalOf } from "../../../test/refusal.ts";
import type { WorkOrder } from "../order.ts";
import { parseDocuments } from "./parse.ts";
import { orderOf } from "./read-order.ts";

function read(document: unknown, filename = "WO-FILE.yaml"): WorkOrder {
  const text = typeof document === "string" ? document : JSON.stringify(document);
  return orderOf(parseDocuments(Buffer.from(text), filename)[0]!);
}

function refusal(document: unknown) {
  return refusalOf(() => read(document));
}

describe("fields", () => {
  test("the first name that is there counts, at the top before one level down", () => {
    expect(read({ id: "b", wo_id: "a", task_spec: { task_id: "c" } })).toMatchObject({
      id: "a",
      extra: { id: "b", task_spec: { task_id: "c" } },
    });
    expect(read({ task_spec: { task_id: "c" }, metadata: { title: "t", requested_by: "CLS" } })).toMatchObject({
      id: "c",
      title: "t",
      owner: "CLS",
    });
    expect(read({ summary: "s", description: "first\nsecond" })).toMatchObject({
      title: "s",
      summary: "s",
      description: "first\nsecond",
    });
    expect(read({ body: "\n  first line\nsecond" })).toMatchObject({
      title: "first line",
      summary: "\n  first line\nsecond",
      id: "WO-FILE",
    });
    expect(read({ payload: { summary: "p" } })).toMatchObject({ title: "p", summary: "p" });
    expect(read({ route_hints: { preferred_executor: "LAC", fallback: "CLC" } })).toMatchObject({
      owner: "LAC",
      routes: ["LAC", "CLC"],
    });
    expect(read({ objectives: ["a", "b"], notes: ["n"], due: "2025-12-01", progress: "40%" })).toMatchObject({
      goal: "a\nb",
      notes: "n",
      dueDate: "2025-12-01",
      progress: 40,
    });
    expect(read({ agent: "CLS", assignee: "Mary", target: "lac", routing_hint: "dev" })).toMatchObject({
      owner: "Mary",
      routes: ["lac", "Mary", "CLS", "dev"],
    });
    expect(read({ phase: 14, classification: "SIP" })).toMatchObject({ category: "SIP", extra: { phase: 14 } });
  });

  test.each([
    ["P0", "High"],
    ["urgent", "High"],
    ["Critical", "High"],
    ["high", "High"],
    ["P1", "High"],
    ["p2", "Medium"],
    ["normal", "Medium"],
    ["medium", "Medium"],
    ["P3", "Low"],
    ["low", "Low"],
    [undefined, "Medium"],
  ])("priority %s is %s", (priority, expected) => {
    expect(read({ title: "t", priority }).priority).toBe(expected);
  });

  test("an unknown priority is Medium, said, and kept", () => {
    expect(read({ priority: "whenever" })).toMatchObject({
      priority: "Medium",
      warnings: [expect.stringContaining("priority")],
      extra: { priority: "whenever" },
    });
  });

  test("tags come as a list, with commas, as labels, and from metadata", () => {
    expect(read({ tags: "a, b,,c" }).tags).toEqual(["a", "b", "c"]);
    expect(read({ tags: ["a"], labels: ["b", "a"], metadata: { tags: ["c", 4] } }).tags).toEqual(["a", "b", "c", "4"]);
    expect(read({ tags: [{ a: 1 }] })).toMatchObject({ tags: [], extra: { tags: [{ a: 1 }] } });
  });

  test("times are ISO in UTC; one without zone is UTC; one that is none stays where it was", () => {
    expect(read({ created_at: "2025-11-13T16:00:00+0700" }).createdAt).toBe("2025-11-13T09:00:00.000Z");
    expect(read("created_at: 2025-11-13T16:00:00+07:00\n").createdAt).toBe("2025-11-13T09:00:00.000Z");
    expect(read({ metadata: { created: "2025-10-23 10:00" } }).createdAt).toBe("2025-10-23T10:00:00.000Z");
    expect(read({ created_at: "soon" })).toMatchObject({ createdAt: null, extra: { created_at: "soon" } });
  });

  test("the schedule is read, and what of it cannot be read is refused", () => {
    expect(
      read({
        not_before: "2026-01-01T00:00:00Z",
        timeout_sec: 90,
        retries: "2",
        depends_on: ["a b", "c"],
        supersedes: "d",
      }),
    ).toMatchObject({
      notBeforeMs: Date.UTC(2026, 0, 1),
      timeoutMs: 90_000,
      retries: 2,
      dependsOn: ["a-b", "c"],
      supersedes: "d",
    });
    expect(read({ timeout: "5m", depends_on: "a, b" })).toMatchObject({ timeoutMs: 300_000, dependsOn: ["a", "b"] });
    expect(refusal({ not_before: "tomorrow" })).toMatchObject({ code: "WO_INVALID", field: "not_before" });
    expect(refusal("title: t\nretries: many\n")).toMatchObject({
      code: "WO_INVALID",
      field: "retries",
      line: 2,
      column: 1,
    });
    expect(refusal({ timeout: "a while" })).toMatchObject({ code: "WO_INVALID", field: "timeout" });
    expect(refusal({ supersedes: ["a", "b"] })).toMatchObject({ code: "WO_INVALID", field: "supersedes" });
  });

  test.each([
    { dry_run: true },
    { dry_run: "true" },
    { metadata: { dry_run: "yes" } },
    { safety_mode: "dry-run" },
    { safety_mode: "dry_run" },
    { payload: { dry_run: true } },
    { dry_run: false, metadata: { dry_run: true } },
  ])("%j is a dry run", (document) => {
    expect(read(document).dryRun).toBe(true);
  });

  test("what is no dry run is none, and what cannot be read is not guessed", () => {
    expect(read({ dry_run: false, safety_mode: "normal" }).dryRun).toBe(false);
    expect(refusal({ dry_run: "perhaps" })).toMatchObject({ code: "WO_INVALID", field: "dry_run" });
  });

  test.each([
    ["../../etc/passwd", "etc-passwd"],
    ["/abs/path", "abs-path"],
    [".hidden", "hidden"],
    ["a\u0000b\u001b[2Jc", "a-b-2Jc"],
    ["wo $(date +%s)", "wo-date-s"],
    ["x".repeat(200), "x".repeat(128)],
    ["日本", "WO-FILE"],
    ["...", "WO-FILE"],
  ])("the id %j is made safe, and that is said", (written, id) => {
    const order = read({ wo_id: written });
    expect(order.id).toBe(id);
    expect(order.warnings).toHaveLength(1);
    expect(order.warnings[0]).not.toMatch(/[\u0000-\u001f]/);
  });

  test("a numeric id is text, zeros included", () => {
    expect(read("id: 002\ncmd: x\n").id).toBe("002");
    expect(read({ id: 7 }).id).toBe("7");
  });

  test("a title keeps its control characters, on one line of at most 512", () => {
    expect(read({ title: "a\u001b[31mb\u202e" }).title).toBe("a\u001b[31mb\u202e");
    expect(read({ objective: `${"x".repeat(600)}\nmore` }).title).toHaveLength(512);
  });
});
