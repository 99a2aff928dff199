import { expect, it } from "vitest";
import { digestOf } from "../base/index.ts";
import { readSubmissions } from "./submissions.ts";

const read = (files: Record<string, string | Uint8Array>, filename = "x.yaml") =>
  readSubmissions({
    files: new Map(Object.entries(files).map(([name, content]) => [name, Buffer.from(content)])),
    filename,
    agent: null,
    via: "cli",
    actor: { kind: "human", name: "ann" },
  });

it("keeps a file's bytes as they are, and of several documents each on its own", () => {
  const one = "wo_id: A # with a comment\ntitle: do it\n";
  expect(Buffer.from(read({ "": one }).submissions[0]!.raw).toString()).toBe(one);
  const first = read({ "": "wo_id: A\ntitle: a\n---\nwo_id: B\ntitle: b\n" }).submissions;
  const second = read({ "": "wo_id: A\ntitle: a\n---\nwo_id: B\ntitle: other\n" }).submissions;
  expect(first.map(({ order }) => order.id)).toEqual(["A", "B"]);
  expect(digestOf(first[0]!.raw)).toBe(digestOf(second[0]!.raw));
  expect(digestOf(first[1]!.raw)).not.toBe(digestOf(second[1]!.raw));
});

it("takes no document of a file in which one cannot be read", () => {
  expect(() => read({ "": "wo_id: A\ntitle: a\n---\nwo_id: B\nnot_before: whenever\n" })).toThrowError(
    expect.objectContaining({ code: "WO_INVALID", data: expect.objectContaining({ line: 5 }) }),
  );
});

it("tells which documents are no orders, and why", () => {
  const { submissions, notOrders } = read({ "": "wo_id: A\ntitle: a\n---\n- 1\n" });
  expect(submissions).toHaveLength(1);
  expect(notOrders).toMatchObject([{ index: 1, reason: expect.any(String) }]);
});

it("keeps every byte of a folder, whatever the order of its names", () => {
  const order = "wo_id: F\ntitle: f\n";
  const sums = `${digestOf(order).slice(7)}  F.yaml\n`;
  const files = { "F.yaml": order, "checksums.sha256": sums, "picture.bin": Buffer.from([0xff, 0, 0xfe]) };
  const [submission] = read(files, "F").submissions;
  const [again] = read(Object.fromEntries(Object.entries(files).reverse()), "F").submissions;
  expect(JSON.parse(Buffer.from(submission!.raw).toString())).toEqual({
    folder: "F",
    files: [
      ["F.yaml", order],
      ["checksums.sha256", sums],
      ["picture.bin", { base64: "/wD+" }],
    ],
  });
  expect(digestOf(again!.raw)).toBe(digestOf(submission!.raw));
});

it("refuses a folder that is no order", () => {
  expect(() => read({ "readme.md": "x" }, "things")).toThrowError(expect.objectContaining({ code: "WO_INVALID" }));
});
