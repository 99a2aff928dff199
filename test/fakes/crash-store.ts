/**
 * The real SQLite, with the power cut of the simulated disk: each commit is one operation of the same counter.
 *
 * A crash in its place means that it never happened; after it, that it is there. Commits that nobody waited for are lost with seed 0
 * and every other one: then the database is as it was after the last barrier. The files are real ones in `folder`, whatever their path
 * in the test's world; the simulated disk does not show them.
 */

import * as fs from "node:fs";
import { join } from "node:path";
import type { SqlValue, Store, StorePort } from "../../src/base/index.ts";
import { realPorts } from "../../src/platform/index.ts";
import type { OperationCounter } from "./operation-counter.ts";

export class CrashStores implements StorePort {
  readonly #folder: string;
  readonly #counter: OperationCounter;
  readonly #real = realPorts().stores;
  readonly #open = new Set<{ close(): void }>();

  constructor(options: { folder: string; counter: OperationCounter }) {
    this.#folder = options.folder;
    this.#counter = options.counter;
    fs.mkdirSync(this.#folder, { recursive: true });
  }

  /** The same databases as a crash left them, in another folder. Ends what was open here. */
  afterCrash({ seed, ...options }: { folder: string; counter: OperationCounter; seed: number }): CrashStores {
    this.closeAll();
    fs.cpSync(this.#folder, options.folder, { recursive: true });
    for (const name of fs.readdirSync(options.folder)) {
      if (!name.endsWith(DURABLE)) continue;
      const place = join(options.folder, name);
      const database = place.slice(0, -DURABLE.length);
      if (seed % 2 === 0) {
        for (const suffix of ["-wal", "-shm"]) fs.rmSync(database + suffix, { force: true });
        fs.renameSync(place, database);
      } else fs.rmSync(place);
    }
    return new CrashStores(options);
  }

  closeAll(): void {
    for (const open of this.#open) open.close();
    this.#open.clear();
  }

  open(path: string, options?: { readOnly?: boolean }): Store {
    this.#counter.read("commit", path);
    const real = this.#real.open(this.#realPath(path), options);
    // A simulated power cut spares the page cache, so the slow barriers prove nothing here.
    if (!options?.readOnly) real.exec("PRAGMA synchronous=OFF");
    this.#open.add(real);
    return crashStore(real, {
      path,
      counter: this.#counter,
      durable: `${this.#realPath(path)}${DURABLE}`,
      closed: () => this.#open.delete(real),
    });
  }

  tryLock(path: string): { release(): void } | null {
    this.#counter.read("commit", path);
    const lock = this.#real.tryLock(this.#realPath(path));
    if (lock === null) return null;
    const open = { close: () => lock.release() };
    this.#open.add(open);
    return {
      release: () => {
        this.#open.delete(open);
        lock.release();
      },
    };
  }

  async backup(): Promise<boolean> {
    return false;
  }

  #realPath(path: string): string {
    return join(this.#folder, encodeURIComponent(path));
  }
}

/** Beside a database: as it was after the last barrier, while there are commits that nobody waited for. */
const DURABLE = ".durable";

interface Crashing {
  readonly path: string;
  readonly counter: OperationCounter;
  readonly durable: string;
  closed(): void;
}

function crashStore(real: Store, { path, counter, durable, closed }: Crashing): Store {
  const isDurable = () => fs.rmSync(durable, { force: true });
  const read = () => counter.read("commit", path);
  /** Outside a transaction each statement is one. */
  const change = () => (real.inTransaction ? read() : counter.change("commit", path));
  return {
    path,
    get: <Row>(sql: string, ...values: SqlValue[]) => {
      read();
      return real.get<Row>(sql, ...values);
    },
    all: <Row>(sql: string, ...values: SqlValue[]) => {
      read();
      return real.all<Row>(sql, ...values);
    },
    *iterate<Row>(sql: string, ...values: SqlValue[]) {
      for (const row of real.iterate<Row>(sql, ...values)) {
        read();
        yield row;
      }
    },
    run: (sql, ...values) => {
      change();
      const done = real.run(sql, ...values);
      if (!real.inTransaction) isDurable();
      return done;
    },
    exec: (sql) => {
      change();
      real.exec(sql);
      if (!real.inTransaction) isDurable();
    },
    transaction: (work, options) => {
      read();
      if (real.inTransaction) return real.transaction(work);
      if (options?.durable === "later" && !fs.existsSync(durable)) real.copyTo(durable);
      const result = real.transaction(() => {
        const done = work();
        counter.change("commit", path);
        return done;
      });
      if (options?.durable !== "later") isDurable();
      return result;
    },
    async barrier() {
      if (!fs.existsSync(durable)) return;
      try {
        counter.change("barrier", path);
      } catch (error) {
        if (counter.crashed) throw error;
        // As the real one: what the log does not keep is copied into the database.
        counter.change("barrier", path);
      }
      isDurable();
    },
    get inTransaction() {
      return real.inTransaction;
    },
    copyTo: (to) => {
      read();
      real.copyTo(to);
    },
    close: () => {
      read();
      closed();
      real.close();
    },
  };
}
