import { type ChildProcess, execFileSync, fork } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Store } from "../base/index.ts";
import { silentLog } from "./log.ts";
import { realStores } from "./stores.ts";

const stores = realStores(silentLog);
const doorUrl = JSON.stringify(new URL("./index.ts", import.meta.url).href);
let dir: string;
let path: string;
let store: Store;

beforeEach(() => {
  dir = fs.mkdtempSync(join(tmpdir(), "holdfast-sqlite-"));
  path = join(dir, "store.db");
  store = stores.open(path);
  store.exec("CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT UNIQUE, bytes BLOB)");
});
afterEach(() => {
  store.close();
  fs.rmSync(dir, { recursive: true, force: true });
});

const add = (name: string) => store.run("INSERT INTO item (name) VALUES (?)", name);
const names = () => store.all<{ name: string }>("SELECT name FROM item ORDER BY id").map((row) => row.name);
const codeOf = (call: () => unknown) => {
  try {
    call();
  } catch (error) {
    return (error as { code?: string }).code;
  }
  return "no error";
};

function answerOf(child: ChildProcess, message: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => reject(new Error(`exit code ${code}`));
    child.once("exit", onExit);
    child.once("message", () => {
      child.off("exit", onExit);
      resolve();
    });
    child.send(message);
  });
}

describe("a store", () => {
  it("keeps numbers, text and bytes", () => {
    expect(add("a")).toEqual({ changes: 1, lastRowid: 1 });
    store.run("UPDATE item SET bytes = ? WHERE id = ?", Buffer.from([0, 255]), 1);
    expect(store.get("SELECT * FROM item WHERE id = ?", 1)).toEqual({
      id: 1,
      name: "a",
      bytes: new Uint8Array([0, 255]),
    });
    expect(store.get("SELECT * FROM item WHERE id = ?", 2)).toBeUndefined();
  });

  it("writes ahead, and fully synchronously", () => {
    expect(store.get("PRAGMA journal_mode")).toEqual({ journal_mode: "wal" });
    expect(store.get("PRAGMA synchronous")).toEqual({ synchronous: 2 });
    expect(store.get("PRAGMA mmap_size")).toEqual({ mmap_size: 0 });
    expect(store.get("PRAGMA foreign_keys")).toEqual({ foreign_keys: 1 });
  });

  it("undoes a transaction that throws, and what joined it", () => {
    expect(() =>
      store.transaction(() => {
        add("a");
        store.transaction(() => add("b"));
        throw new Error("no");
      }),
    ).toThrow("no");
    expect(store.inTransaction).toBe(false);
    expect(names()).toEqual([]);
  });

  it("does not commit a transaction of which a part failed, even when somebody caught that", () => {
    expect(() =>
      store.transaction(() => {
        add("a");
        try {
          store.transaction(() => {
            add("b");
            throw new Error("no");
          });
        } catch {}
      }),
    ).toThrow(/a part failed/);
    expect(names()).toEqual([]);
  });

  it("leaves a broken constraint to its caller, as what it is", () => {
    add("a");
    expect(() => add("a")).toThrow(/UNIQUE constraint failed/);
    expect(codeOf(() => add("a"))).toBe("ERR_SQLITE_ERROR");
  });

  it("can be written while somebody walks its rows, and after somebody stopped in the middle", () => {
    for (let index = 0; index < 100; index += 1) add(`${index}`);
    const abandoned = store.iterate("SELECT * FROM item");
    abandoned.next();
    let seen = 0;
    for (const row of store.iterate<{ name: string }>("SELECT name FROM item")) {
      seen += 1;
      store.transaction(() => store.run("UPDATE item SET bytes = ? WHERE name = ?", Buffer.from(row.name), row.name));
    }
    expect(seen).toBe(100);
    const other = stores.open(path);
    other.run("DELETE FROM item WHERE id > 1");
    other.close();
    store.transaction(() => add("after"));
    expect(names()).toEqual(["0", "after"]);
  });

  it("shows an iterator inside a transaction what the transaction wrote, and ends it with the transaction", () => {
    const rows = store.transaction(() => {
      add("a");
      add("b");
      const rows = store.iterate<{ name: string }>("SELECT name FROM item");
      expect(rows.next().value).toEqual({ name: "a" });
      return rows;
    });
    expect(rows.next().done).toBe(true);
    const other = stores.open(path);
    other.run("DELETE FROM item");
    other.close();
    store.transaction(() => add("after"));
    expect(names()).toEqual(["after"]);
  });

  it("is read by a read-only store that cannot write", () => {
    add("a");
    const reader = stores.open(path, { readOnly: true });
    expect(reader.all("SELECT name FROM item")).toEqual([{ name: "a" }]);
    expect(codeOf(() => reader.run("DELETE FROM item"))).toBe("STORE_UNAVAILABLE");
    reader.close();
  });

  it.runIf(process.getuid?.() === 0)("is read where nothing can be written, and says how", () => {
    add("a");
    store.close();
    const read = (): string => {
      const script = `import { realPorts } from ${doorUrl};
        process.setgid(65534); process.setuid(65534);
        const log = { info() {}, error() {}, warn: (message) => process.stdout.write(message + "; ") };
        try {
          const store = realPorts({ log }).stores.open(${JSON.stringify(path)}, { readOnly: true });
          process.stdout.write([...store.iterate("SELECT name FROM item")].map((row) => row.name).join());
        } catch (error) { process.stdout.write(error.code); }`;
      return execFileSync(process.execPath, ["--input-type=module", "-e", script]).toString();
    };
    fs.chmodSync(dir, 0o755);
    expect(read()).toBe("a store is read as if nobody could change it, because nothing can be written beside it; a");
    // Somebody writes: their -shm is there to be read, and what they committed is seen.
    store = stores.open(path);
    add("b");
    expect(read()).toBe("a,b");
    // Their -wal is left by a crash, and -shm is gone: what it holds is not left out silently.
    fs.copyFileSync(path, join(dir, "crashed.db"));
    fs.copyFileSync(`${path}-wal`, join(dir, "crashed.db-wal"));
    const whole = path;
    path = join(dir, "crashed.db");
    expect(read()).toBe("STORE_UNAVAILABLE");
    path = whole;
  });

  it("copies itself into a new file only", () => {
    add("a");
    store.copyTo(join(dir, "copy.db"));
    const copy = stores.open(join(dir, "copy.db"), { readOnly: true });
    expect(copy.all("SELECT name FROM item")).toEqual([{ name: "a" }]);
    copy.close();
    expect(() => store.copyTo(join(dir, "copy.db"))).toThrow();
  });

  it("says what is wrong with a file that it cannot use", () => {
    fs.writeFileSync(join(dir, "text.db"), "this is no database, and long enough to be looked at ".repeat(100));
    fs.mkdirSync(join(dir, "folder.db"));
    expect(codeOf(() => stores.open(join(dir, "text.db")))).toBe("STORE_UNAVAILABLE");
    expect(codeOf(() => stores.open(join(dir, "folder.db")))).toBe("STORE_UNAVAILABLE");
    expect(codeOf(() => stores.open(join(dir, "none/x.db")))).toBe("STORE_UNAVAILABLE");
    expect(codeOf(() => stores.open(join(dir, "none.db"), { readOnly: true }))).toBe("STORE_UNAVAILABLE");
  });

  it("says that it is full, and is as before", () => {
    add("a");
    const pages = store.get<{ page_count: number }>("PRAGMA page_count")!.page_count;
    store.exec(`PRAGMA max_page_count=${pages + 4}`);
    expect(codeOf(() => store.transaction(() => store.run("UPDATE item SET bytes = zeroblob(1000000)")))).toBe(
      "STORE_FULL",
    );
    expect(store.inTransaction).toBe(false);
    expect(store.get("SELECT bytes FROM item")).toEqual({ bytes: null });
  });

  it("is created, opened and written by many processes at the same moment", async () => {
    const script = join(dir, "writer.mjs");
    fs.writeFileSync(
      script,
      `import { realPorts } from ${doorUrl};
      const { stores } = realPorts();
      process.on("message", (path) => {
        const store = stores.open(path);
        store.transaction(() => {
          store.exec("CREATE TABLE IF NOT EXISTS seen (pid INTEGER)");
          store.run("INSERT INTO seen VALUES (?)", process.pid);
        });
        store.close();
        process.send("done");
      });`,
    );
    const writers = Array.from({ length: 8 }, () => fork(script));
    // One in a hundred meets another that is just changing the journal's mode.
    for (let round = 0; round < 25; round += 1) {
      const shared = join(dir, `shared${round}.db`);
      await Promise.all(writers.map((writer) => answerOf(writer, shared)));
      const reader = stores.open(shared, { readOnly: true });
      expect(reader.get("SELECT count(*) AS n FROM seen")).toEqual({ n: 8 });
      reader.close();
    }
    for (const writer of writers) writer.kill();
  });

  it("keeps what was committed when the process is killed right after", () => {
    const script = `import { realPorts } from ${doorUrl};
      const store = realPorts().stores.open(${JSON.stringify(path)});
      store.transaction(() => store.run("INSERT INTO item (name) VALUES ('kept')"));
      store.transaction(() => { store.run("INSERT INTO item (name) VALUES ('lost')"); process.kill(process.pid, "SIGKILL"); });`;
    expect(() => execFileSync(process.execPath, ["--input-type=module", "-e", script])).toThrow();
    expect(names()).toEqual(["kept"]);
  });
});

describe("the lock", () => {
  it("is held by one, and free after release or the holder's death", () => {
    const lock = join(dir, "lock.db");
    const mine = stores.tryLock(lock);
    expect(mine).not.toBeNull();
    expect(stores.tryLock(lock)).toBeNull();
    const ask = `import { realPorts } from ${doorUrl};
      process.stdout.write(realPorts().stores.tryLock(${JSON.stringify(lock)}) === null ? "busy" : "mine");
      process.kill(process.pid, "SIGKILL");`;
    const other = () => {
      try {
        return execFileSync(process.execPath, ["--input-type=module", "-e", ask]).toString();
      } catch (error) {
        return (error as { stdout: Buffer }).stdout.toString();
      }
    };
    expect(other()).toBe("busy");
    mine?.release();
    mine?.release();
    expect(other()).toBe("mine");
    expect(stores.tryLock(lock)).not.toBeNull();
  });

  it("says when there is no place for it", () => {
    expect(codeOf(() => stores.tryLock(join(dir, "none/lock.db")))).toBe("STORE_UNAVAILABLE");
  });
});

describe("a backup of somebody else's database", () => {
  it("is consistent while they write, and leaves their file alone", async () => {
    const from = join(dir, "theirs.sqlite");
    const theirs = new DatabaseSync(from);
    theirs.exec("PRAGMA journal_mode=WAL; CREATE TABLE t (x); INSERT INTO t VALUES (1)");
    const before = fs.readFileSync(from);
    theirs.exec("BEGIN; INSERT INTO t VALUES (2)");
    expect(await stores.backup(from, join(dir, "copy"))).toBe(true);
    theirs.exec("COMMIT");
    expect(fs.readFileSync(from).equals(before)).toBe(true);
    theirs.close();
    const copy = stores.open(join(dir, "copy"), { readOnly: true });
    expect(copy.all("SELECT x FROM t")).toEqual([{ x: 1 }]);
    copy.close();
  });

  it("is refused for what is no database, or in nobody's reach", async () => {
    fs.writeFileSync(join(dir, "text"), "no database at all, but some text ".repeat(100));
    expect(await stores.backup(join(dir, "text"), join(dir, "copy"))).toBe(false);
    expect(await stores.backup(join(dir, "none"), join(dir, "copy"))).toBe(false);
    const theirs = new DatabaseSync(join(dir, "locked"));
    theirs.exec("CREATE TABLE t (x); BEGIN EXCLUSIVE");
    expect(await stores.backup(join(dir, "locked"), join(dir, "copy"))).toBe(false);
    theirs.close();
  });
});
