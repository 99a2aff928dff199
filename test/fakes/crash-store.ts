/**
 * The real SQLite, with the power cut of the simulated disk: each commit is one operation of the same counter.
 *
 * A crash in its place means that it never happened; after it, that it is there. Durability is SQLite's own affair and is not
 * simulated. The files are real ones in `folder`, whatever their path in the test's world; the simulated disk does not show them.
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
  afterCrash(options: { folder: string; counter: OperationCounter }): CrashStores {
    this.closeAll();
    fs.cpSync(this.#folder, options.folder, { recursive: true });
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
    return crashStore(path, real, this.#counter, () => this.#open.delete(real));
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

function crashStore(path: string, real: Store, counter: OperationCounter, closed: () => void): Store {
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
      return real.run(sql, ...values);
    },
    exec: (sql) => {
      change();
      real.exec(sql);
    },
    transaction: (work) => {
      read();
      if (real.inTransaction) return real.transaction(work);
      return real.transaction(() => {
        const result = work();
        counter.change("commit", path);
        return result;
      });
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
