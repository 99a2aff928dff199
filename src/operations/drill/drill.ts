/**
 * The rehearsal: rows are played in scratch trees, several trees beside each other, and each is told as soon as all before it are known.
 *
 * Crash, or an end that was asked for: the trees' daemons end with their process groups; the scratch folder may be left.
 */

import { join } from "node:path";
import { HoldfastError, LIMITS, type Ports } from "../../base/index.ts";
import { componentsOf, failed, type Rehearsed, rehearse, skipped } from "./rehearse.ts";
import type { Row, RowOutcome } from "./row.ts";
import { type Scratch, ScratchTree } from "./scratch-tree.ts";
import { unreadableIn } from "./vault-reading.ts";

/** Most of the time they wait for something to settle. */
const TREES_AT_ONCE = 6;
const SETTLE_CHECKS = 6;

export interface DrillRequest {
  readonly rows: readonly Row[];
  readonly ports: Ports;
  readonly program: readonly string[];
  readonly signal: AbortSignal;
  /** The scratch folder is left, for a look. */
  readonly keep: boolean;
  /** In the order of the rows. */
  told(outcome: RowOutcome, done: number): void;
}

export interface Drilled {
  readonly rows: readonly RowOutcome[];
  /** Where it happened; `null` when it is removed. */
  readonly kept: string | null;
  readonly elapsedMs: number;
}

export async function drill(request: DrillRequest): Promise<Drilled> {
  const { rows, ports, keep } = request;
  const beganMs = ports.clock.monotonicMs();
  const base = scratchFolder(ports);
  const outcomes = new Map<Row, RowOutcome>();
  let told = 0;
  const tell = (row: Row, outcome: RowOutcome) => {
    outcomes.set(row, outcome);
    for (let next = rows[told]; next !== undefined && outcomes.has(next); next = rows[told]) {
      told += 1;
      request.told(outcomes.get(next)!, outcomes.size);
    }
  };
  try {
    const waiting = [...Map.groupBy(rows, ({ tree }) => tree)];
    const scratch: Scratch = { ports, program: request.program, base, signal: request.signal };
    const work = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await playTree(next, scratch, tell);
    };
    await Promise.all(Array.from({ length: TREES_AT_ONCE }, work));
  } finally {
    if (!keep) await remove(base, ports);
  }
  const elapsedMs = Math.round(ports.clock.monotonicMs() - beganMs);
  return { rows: rows.map((row) => outcomes.get(row)!), kept: keep ? base : null, elapsedMs };
}

/** All rows of one tree, one after the other. */
async function playTree(
  [name, rows]: readonly [string, readonly Row[]],
  scratch: Scratch,
  tell: (row: Row, outcome: RowOutcome) => void,
): Promise<void> {
  const { ports, signal } = scratch;
  const playable = rows.filter((row) => {
    const lacking = lackingFor(row, ports);
    if (lacking !== null) tell(row, skipped(row, lacking));
    return lacking === null;
  });
  if (playable.length === 0) return;
  const tree = new ScratchTree(name, scratch);
  const left = [...playable];
  try {
    await tree.start(configOf(playable));
    for (let row = left[0]; row !== undefined; row = left[0]) {
      const outcome = signal.aborted
        ? skipped(row, "the drill was ended")
        : await withBytes(await rehearse(row, tree, ports), tree, ports);
      left.shift();
      tell(row, outcome);
    }
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    for (const row of left) tell(row, failed(row, [error.message]));
  } finally {
    await tree.stop();
  }
}

async function withBytes({ outcome, content }: Rehearsed, tree: ScratchTree, ports: Ports): Promise<RowOutcome> {
  let lost = await unreadableIn(tree, new Set(content.keys()), ports);
  // What took a file's place is remembered when it has settled.
  for (let left = SETTLE_CHECKS; lost.size > 0 && left > 0; left -= 1) {
    await ports.clock.sleep(LIMITS.settleContentMs);
    lost = await unreadableIn(tree, lost, ports);
  }
  if (lost.size === 0) return outcome;
  const bytesLost = [...lost].reduce((sum, digest) => sum + (content.get(digest) ?? 0), 0);
  const problems = [...outcome.problems, `${lost.size} contents are not in the vault`];
  return { ...outcome, bytesLost, ok: false, problems };
}

function lackingFor({ needs = [] }: Row, { process }: Pick<Ports, "process">): string | null {
  const lacking = ["git", ...needs].filter((program) => process.which(program) === null);
  return lacking.length === 0 ? null : `${lacking.join(" and ")} missing on this machine`;
}

function configOf(rows: readonly Row[]): string {
  const components = rows.flatMap((row) => Object.entries(componentsOf(row)));
  const lines = components.map(([name, text]) => `  ${name}: ${text}`);
  // Looking again and again is for the one row that no event tells of: elsewhere a sweep must not hide a lost event.
  const sweep = rows.some(({ tree }) => tree === "interpreter") ? "guard: { sweep: 1s }\n" : "";
  return `v: 1\n${sweep}components:\n${lines.join("\n")}\n`;
}

function scratchFolder({ process, disk, random }: Ports): string {
  const base = join(disk.realpath(process.env("TMPDIR") ?? "/tmp"), `hf-drill-${random.bytes(4).toString("hex")}`);
  disk.mkdir(base, 0o700);
  return base;
}

async function remove(base: string, { process }: Ports): Promise<void> {
  await process.run({ command: ["rm", "-rf", base], cwd: "/", timeoutMs: 60_000 });
}
