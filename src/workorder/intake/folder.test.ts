import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { refusalOf } from "../../../test/refusal.ts";
import { digestOf } from "../../base/index.ts";
import { classifyFolder, type FolderFiles, isFolderOrder } from "./folder.ts";

const NAME = "WO-20251030-QQID8XXXXX";
const REAL = join(import.meta.dirname, "../../../test/data/workorders/folder", NAME);

function realFolder(): Map<string, Uint8Array> {
  const files = readdirSync(REAL, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map(({ parentPath, name }) => [
      join(parentPath, name).slice(REAL.length + 1),
      readFileSync(join(parentPath, name)),
    ]),
  );
}

function folder(files: Record<string, string>): FolderFiles {
  return new Map(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)]));
}

function sums(files: Record<string, string>): string {
  return Object.entries(files)
    .map(([name, text]) => `${digestOf(text).slice(7)}  ${name}\n`)
    .join("");
}

function refusal(files: FolderFiles, name = "WO-1") {
  return refusalOf(() => classifyFolder(files, name));
}

describe("a real folder order", () => {
  test("is read with its body: one order, routed", () => {
    expect(isFolderOrder(realFolder())).toBe(true);
    expect(classifyFolder(realFolder(), NAME)).toMatchObject({
      kind: "order",
      order: {
        id: NAME,
        title: "Cursor E2E One-Liner",
        description: "End-to-end one-liner test.\n",
        owner: "CLS",
        operations: [],
        warnings: [],
      },
    });
  });

  test.each([`${NAME}.yaml`, "wo_test.yaml"])("a changed %s is named", (file) => {
    const files = realFolder();
    files.set(file, Buffer.concat([files.get(file)!, Buffer.from("\n")]));
    expect(refusal(files, NAME)).toMatchObject({ code: "WO_CHECKSUM", file });
  });

  test("a missing body is named", () => {
    const files = realFolder();
    files.delete("wo_test.yaml");
    expect(refusal(files, NAME)).toMatchObject({ code: "WO_CHECKSUM", file: "wo_test.yaml" });
  });
});

describe("a folder order", () => {
  const own = {
    "WO-1.yaml": "wo_id: WO-1\ntitle: own\nbody_file: body.yaml\n",
    "body.yaml": "title: other\nfiles: {a: x}\n",
  };

  test("takes from the body what the document does not say itself", () => {
    expect(classifyFolder(folder({ ...own, "checksums.sha256": sums(own) }), "WO-1")).toMatchObject({
      kind: "order",
      order: { title: "own", operations: [{ path: "a" }] },
    });
  });

  test("takes a body that is plain text as the description", () => {
    const files = { "WO-1.yaml": "wo_id: WO-1\nbody_file: body.md\n", "body.md": "# Do this\n" };
    expect(classifyFolder(folder({ ...files, "checksums.sha256": sums(files) }), "WO-1")).toMatchObject({
      order: { title: "# Do this", description: "# Do this\n" },
    });
  });

  test("with sums that do not cover the body is refused: the body could be anything", () => {
    expect(refusal(folder({ ...own, "checksums.sha256": sums({ "WO-1.yaml": own["WO-1.yaml"] }) }))).toMatchObject({
      code: "WO_CHECKSUM",
      file: "body.yaml",
    });
  });

  test("has its manifest's sums checked too", () => {
    const manifest = JSON.stringify({
      wo_id: "WO-1",
      checksums: { wo_yaml: digestOf(own["WO-1.yaml"]).slice(7), body: "0".repeat(64) },
    });
    expect(refusal(folder({ ...own, "manifest.json": manifest }))).toMatchObject({
      code: "WO_CHECKSUM",
      file: "body.yaml",
    });
  });

  test.each(["../../etc/passwd", "/etc/passwd", "a/../../b", "..", "a\\..\\b"])("that names %s is refused", (name) => {
    expect(refusal(folder({ ...own, "checksums.sha256": `${"0".repeat(64)}  ${name}\n` }))).toMatchObject({
      code: "WO_PATH_ESCAPES",
    });
    expect(
      refusal(folder({ "WO-1.yaml": JSON.stringify({ wo_id: "a", body_file: name }), "manifest.json": "{}" })),
    ).toMatchObject({ code: "WO_PATH_ESCAPES" });
    expect(refusal(folder({ ...own, "manifest.json": JSON.stringify({ checksums: { [name]: "0" } }) }))).toMatchObject({
      code: "WO_PATH_ESCAPES",
    });
  });

  test("with a line that is no sum, no document, or several is refused", () => {
    expect(refusal(folder({ ...own, "checksums.sha256": "hello\n" }))).toMatchObject({ code: "WO_CHECKSUM", line: 1 });
    expect(refusal(folder({ "manifest.json": "{}" }))).toMatchObject({ code: "WO_INVALID" });
    expect(refusal(folder({ "manifest.json": "{}", "a.yaml": "x: 1", "b.yaml": "x: 1" }))).toMatchObject({
      code: "WO_INVALID",
    });
    expect(refusal(folder({ "manifest.json": "{}", "WO-1.yaml": "a: 1\n---\nb: 2\n" }))).toMatchObject({
      code: "WO_INVALID",
    });
    expect(refusal(folder({ "manifest.json": "[1]", "WO-1.yaml": "a: 1\n" }))).toMatchObject({ code: "WO_INVALID" });
  });
});
