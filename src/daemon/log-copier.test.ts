import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { LIMITS, NO_THREADS, type Store } from "../base/index.ts";
import { realPorts } from "../platform/index.ts";
import { logCopier } from "./log-copier.ts";

const ports = realPorts();
let dir: string;
let store: Store;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "holdfast-log-copier-"));
  store = ports.stores.open(join(dir, "store.db"));
  store.exec("CREATE TABLE item (bytes BLOB)");
});
afterEach(() => {
  store.close();
  rmSync(dir, { recursive: true, force: true });
});

const PAGE = Buffer.alloc(3_000, 1);

function commit(times: number): void {
  for (let done = 0; done < times; done += 1)
    store.transaction(() => store.run("INSERT INTO item VALUES (?)", PAGE), { durable: "later" });
}

const logNow = () => store.get<{ log: number; checkpointed: number }>("PRAGMA wal_checkpoint(NOOP)")!;

it("no commit copies the log; the second thread does, beside an open store, and all is there", async () => {
  const copy = logCopier(store, ports);
  commit(2 * LIMITS.storeLogPagesCopied);
  expect(logNow()).toMatchObject({ checkpointed: 0 });
  await copy();
  const { log, checkpointed } = logNow();
  expect(log).toBeGreaterThan(LIMITS.storeLogPagesCopied);
  expect(checkpointed).toBe(log);
  commit(1);
  expect(store.get("SELECT count(*) AS n FROM item")).toEqual({ n: 2 * LIMITS.storeLogPagesCopied + 1 });
});

it("a short log is left alone, and one without a second thread is copied by a commit in the end", async () => {
  const copy = logCopier(store, { threads: NO_THREADS, log: ports.log });
  commit(10);
  await copy();
  expect(logNow()).toMatchObject({ checkpointed: 0 });
  const large = Buffer.alloc(LIMITS.storeLogPagesMax * 4_096, 1);
  store.transaction(() => store.run("INSERT INTO item VALUES (?)", large), { durable: "later" });
  expect(logNow().checkpointed).toBeGreaterThan(LIMITS.storeLogPagesMax);
});
