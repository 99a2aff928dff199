import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Store } from "../base/index.ts";
import { silentLog } from "./log.ts";
import { realStores } from "./stores.ts";

const stores = realStores(silentLog);
let dir: string;
let path: string;
let store: Store;

beforeEach(() => {
  dir = fs.mkdtempSync(join(tmpdir(), "holdfast-sqlite-wal-"));
  path = join(dir, "store.db");
  store = stores.open(path);
  store.exec("CREATE TABLE item (name TEXT)");
});
afterEach(() => fs.rmSync(dir, { recursive: true, force: true }));

const add = (name: string) => store.run("INSERT INTO item VALUES (?)", name);
const later = (name: string) => store.transaction(() => add(name), { durable: "later" });

/** What another process finds, and whether it may write right now. */
function elsewhere(): { names: string[]; mayWrite: boolean } {
  const script = `
    const { DatabaseSync } = require("node:sqlite");
    const database = new DatabaseSync(${JSON.stringify(path)}, { timeout: 0 });
    const names = database.prepare("SELECT name FROM item ORDER BY rowid").all().map((row) => row.name);
    let mayWrite = true;
    try { database.exec("BEGIN IMMEDIATE; ROLLBACK"); } catch { mayWrite = false; }
    console.log(JSON.stringify({ names, mayWrite }));`;
  return JSON.parse(execFileSync(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "ignore"] }).toString());
}

it("a commit that nobody waits for is visible at once, and its barrier resolves", async () => {
  later("a");
  expect(elsewhere()).toEqual({ names: ["a"], mayWrite: true });
  await Promise.all([store.barrier(), store.barrier()]);
  later("b");
  const barrier = store.barrier();
  later("c");
  await barrier;
  await store.barrier();
  expect(store.get<{ synchronous: number }>("PRAGMA synchronous")!.synchronous).toBe(2);
  store.close();
});

it("one that throws leaves nothing, and the next one waits for the disk again", () => {
  const failing = () =>
    store.transaction(
      () => {
        add("lost");
        throw new Error("no");
      },
      { durable: "later" },
    );
  expect(failing).toThrow("no");
  expect(store.get<{ synchronous: number }>("PRAGMA synchronous")!.synchronous).toBe(2);
  expect(elsewhere().names).toEqual([]);
  store.close();
});

it("a barrier takes no lock away from SQLite, and neither does its end", async () => {
  later("a");
  await store.barrier();
  const other = stores.open(path);
  other.transaction(() => other.run("INSERT INTO item VALUES ('b')"), { durable: "later" });
  await other.barrier();
  store.transaction(() => {
    add("c");
    other.close();
    expect(elsewhere()).toEqual({ names: ["a", "b"], mayWrite: false });
  });
  expect(elsewhere()).toEqual({ names: ["a", "b", "c"], mayWrite: true });
  store.close();
});

it("a barrier that is under way when the store is closed ends all the same", async () => {
  later("a");
  const barrier = store.barrier();
  store.close();
  await barrier;
  expect(elsewhere().names).toEqual(["a"]);
});

it("what a log keeps that cannot be synced is copied into the database, or the failure is told", async () => {
  const reader = stores.open(path, { readOnly: true });
  const rows = reader.iterate("SELECT name FROM sqlite_schema");
  rows.next();
  later("a");
  fs.renameSync(`${path}-wal`, `${path}-elsewhere`);
  await expect(store.barrier()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  rows.return?.();
  reader.close();
  await store.barrier();
  fs.copyFileSync(path, join(dir, "copy.db"));
  const copy = stores.open(join(dir, "copy.db"));
  expect(copy.all("SELECT name FROM item")).toEqual([{ name: "a" }]);
  copy.close();
  store.close();
});
