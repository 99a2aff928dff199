/**
 * The end of a tree's ledger, as another process sees it: a record that can be read here is durable, for SQLite shows a commit to
 * others only after its barrier.
 */

import { DatabaseSync, type StatementSync } from "node:sqlite";

export class LedgerEnd {
  readonly #database: DatabaseSync;
  readonly #after: StatementSync;

  constructor(path: string) {
    this.#database = new DatabaseSync(path, { readOnly: true });
    this.#after = this.#database.prepare(
      "SELECT seq, line FROM ledger_records WHERE seq > ? AND event = ? ORDER BY seq",
    );
  }

  /** The newest record's number. */
  get seq(): number {
    const { seq } = this.#database.prepare("SELECT max(seq) AS seq FROM ledger_records").get() as {
      seq: number | null;
    };
    return seq ?? 0;
  }

  /** Every view tells of every record. */
  get isProjected(): boolean {
    const { behind } = this.#database
      .prepare("SELECT count(*) AS behind FROM projection_positions WHERE seq < (SELECT max(seq) FROM ledger_records)")
      .get() as { behind: number };
    return behind === 0;
  }

  after(seq: number, event: string): { seq: number; data: Record<string, unknown>; paths: string[] }[] {
    return this.#after.all(seq, event).map((row) => {
      const { line } = row as { line: string };
      return { paths: [], ...(JSON.parse(line) as { seq: number; data: Record<string, unknown> }) };
    });
  }

  close(): void {
    this.#database.close();
  }
}
