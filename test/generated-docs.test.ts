/** The generator of documents: fresh ones are left alone, stale ones are named, and written unless it only checks. */

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { refreshDocs } from "../scripts/generate-docs.ts";

const ROOT = resolve(import.meta.dirname, "..");

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "holdfast-docs-"));
  for (const path of ["src/base", "src/ledger/events.ts", "docs"])
    cpSync(join(ROOT, path), join(root, path), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true }));

test("a stale document is named by the check, written without it, and fresh afterwards", async () => {
  await refreshDocs(root, { check: false });
  expect(await refreshDocs(root, { check: true })).toEqual([]);
  writeFileSync(join(root, "docs", "errors.md"), "old");
  rmSync(join(root, "docs", "events.md"));
  expect(await refreshDocs(root, { check: true })).toEqual(["docs/errors.md", "docs/events.md"]);
  expect(readFileSync(join(root, "docs", "errors.md"), "utf8")).toBe("old");
  expect(await refreshDocs(root, { check: false })).toEqual(["docs/errors.md", "docs/events.md"]);
  expect(await refreshDocs(root, { check: true })).toEqual([]);
});

test("codes and events are listed with what a reader needs of them", async () => {
  writeFileSync(
    join(root, "src", "ledger", "events.ts"),
    `export interface EventData {
      /** Said once. */
      "wo.held": { reason: "a" | "b";
        /** In bytes. */
        size?: number };
      "wo.gone": Record<string, never>;
    }`,
  );
  await refreshDocs(root, { check: false });
  const events = readFileSync(join(root, "docs", "events.md"), "utf8");
  expect(events).toContain(
    '| `wo.held` | `{ reason: "a" \\| "b"; size?: number }`<br>`size`: In bytes.<br>Said once. |\n| `wo.gone` | – |',
  );
  const errors = readFileSync(join(root, "docs", "errors.md"), "utf8");
  expect(errors).toMatch(/^\| `USAGE` \| usage \| .+ \| holdfast --help \|$/m);
});
