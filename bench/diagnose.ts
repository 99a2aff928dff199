/**
 * What became of one path, in an old repository: the first time, and when git's past is kept quick. Against what people type instead.
 *
 * Holdfast's own ledger is as long as the others' together. Its records are put into the store without their chain: what only reads does
 * not look at it.
 */

import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { quoted, timed } from "./harness/command.ts";
import type { Benchmark, Contestant } from "./harness/contest.ts";
import { Holdfast } from "./harness/holdfast.ts";
import { type OldRepository, oldRepository } from "./harness/old-repository.ts";
import { GIT_MISSING } from "./peers/git.ts";

const REPOSITORY_AND_STORE_MIB = 4_096;
const GRAPH_MS_MAX = 120_000;
const SAME = "the same path again";
const OTHER = "another path";

export const diagnose: Benchmark = {
  name: "diagnose",
  measures: "what became of one path: 100,000 commits, 20,000 files, 1,000,000 records in each of two ledgers",
  unit: "ms",
  rounds: { usual: 7, quick: 3 },
  async prepare(stage) {
    if (GIT_MISSING !== null) throw new Error(GIT_MISSING);
    const size = stage.quick
      ? { commits: 12_000, files: 2_000, records: 20_000 }
      : { commits: 100_000, files: 20_000, records: 1_000_000 };
    const { dir } = stage.volume(REPOSITORY_AND_STORE_MIB);
    const repository = oldRepository(join(dir, "tree"), size);
    const holdfast = new Holdfast(stage, join(dir, "home"));
    holdfast.timed(["init", "--yes", repository.root], repository.root);
    await lengthenLedger(holdfast, repository, size);
    const past = join(holdfast.home, "git-past");
    const ask = (path: string, exits: readonly number[]) => holdfast.timed(["diagnose", path], repository.root, exits);
    const contestants: Contestant[] = [
      {
        name: "first time",
        role: "ours",
        before: () => rmSync(past, { recursive: true, force: true, maxRetries: 100, retryDelay: 100 }),
        measure: () => ask(repository.lostPath, [1]),
      },
      {
        name: SAME,
        role: "ours",
        before: () => graphIsThere(past, stage.quick),
        measure: () => ask(repository.lostPath, [1]),
      },
      { name: OTHER, role: "ours", measure: (round) => ask(repository.filePath(100 + round), [0]) },
      { name: "doctor", role: "ours", measure: () => holdfast.timed(["doctor"], repository.root, [0, 1]) },
      {
        name: "git log --full-history, and grep",
        role: "peer",
        measure: () =>
          timed({ command: ["sh", "-c", `${log(repository)}; ${grep(repository)}`], cwd: repository.root }),
      },
      {
        name: "git log --full-history",
        role: "peer",
        measure: () => timed({ command: ["sh", "-c", log(repository)], cwd: repository.root }),
      },
    ];
    return {
      contestants,
      bounds: [
        { kind: "gate", of: "first time", statistic: "p50", against: null, limit: 3_000 },
        { kind: "gate", of: SAME, statistic: "p50", against: null, limit: 300 },
        { kind: "gate", of: OTHER, statistic: "p50", against: null, limit: 300 },
        { kind: "gate", of: "doctor", statistic: "p50", against: null, limit: 1_000 },
        { kind: "goal", of: SAME, statistic: "p50", against: "git log --full-history, and grep", limit: 0.5 },
      ],
      missing: [],
      notes: [
        "whole processes, no daemon; the first time: nothing is kept of git's past, and git begins to make it meanwhile",
        `${SAME}, ${OTHER}: git's past is kept; the other path was never asked about before`,
      ],
    };
  },
};

function log({ lostPath }: OldRepository): string {
  return `git log --full-history --format=%H -- ${quoted(lostPath)} > /dev/null`;
}

function grep({ lostPath }: OldRepository): string {
  return `grep -r -F ${quoted(lostPath)} mls > /dev/null`;
}

/** Made in the background by a git that the first question started. */
async function graphIsThere(past: string, quick: boolean): Promise<void> {
  const untilMs = performance.now() + GRAPH_MS_MAX;
  const isThere = () =>
    existsSync(past) && readdirSync(past).some((name) => existsSync(join(past, name, "objects/info/commit-graph")));
  while (!isThere()) {
    if (performance.now() > untilMs) throw new Error(quick ? "too small for a graph" : "no graph was made");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Records about files of the tree, one in ten thousand about what was lost. */
async function lengthenLedger(
  holdfast: Holdfast,
  { root, lostPath }: OldRepository,
  { records, files }: { records: number; files: number },
): Promise<void> {
  const { state } = await holdfast.tree(root);
  const store = holdfast.ports().stores.open(state.db, { readOnly: false });
  const path = `CASE WHEN n % 10000 = 77 THEN '${lostPath}' ELSE 'area-' || (n % 20) || '/file-' || (n % ${files}) END`;
  const line = `json_object('v', 1, 'seq', n, 'ts', '2025-01-01T00:00:00.000Z', 'event', 'component.unaccepted', 'ok', json('true'),
    'actor', json_object('kind', 'agent', 'name', 'agent-' || (n % 5)), 'paths', json_array(${path}), 'summary', 'looked at ' || ${path}, 'data', json_object())`;
  try {
    const { first } = store.get<{ first: number }>("SELECT max(seq) + 1 AS first FROM ledger_records")!;
    const numbers = `WITH RECURSIVE numbers(n) AS (SELECT ${first} UNION ALL SELECT n + 1 FROM numbers WHERE n < ${first + records})`;
    store.transaction(() => {
      store.run(`${numbers} INSERT INTO ledger_records (seq, line) SELECT n, ${line} FROM numbers`);
      store.run(`${numbers} INSERT INTO ledger_paths (path, seq) SELECT ${path}, n FROM numbers ORDER BY 1, 2`);
    });
  } finally {
    store.close();
  }
}
