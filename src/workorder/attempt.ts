/** One order on its way: what is planned, what came of it so far. Lives in memory; the journal and the ledger hold what must survive. */

import {
  ABSENT,
  type Digest,
  digestOf,
  HoldfastError,
  isSystemError,
  LIMITS,
  sameContent,
  sameEntry,
} from "../base/index.ts";
import type { Actor, TestOutcome } from "../ledger/index.ts";
import type { Kept } from "./apply.ts";
import type { Beside } from "./beside.ts";
import { type ChangeSet, encodeChangeSet } from "./change-set.ts";
import { entryAt } from "./entry-at.ts";
import { namePaths } from "./for-record.ts";
import { hasBody, type Step, type WorkOrder } from "./order.ts";
import type { OrderRow } from "./order-row.ts";
import { placeOf } from "./own-places.ts";
import { planOrder } from "./plan.ts";
import type { ApplyWorld } from "./stage.ts";
import { vaultSource } from "./vault-source.ts";
import type { OrderWorld } from "./world.ts";

export interface Attempt {
  row: OrderRow;
  order: WorkOrder;
  set: ChangeSet;
  setDigest: Digest;
  apply: ApplyWorld;
  warnings: string[];
  tests: TestOutcome[];
  /** The changes that were made, by index; `null` when it is not known how far it came. */
  swapped: readonly number[] | null;
  /** Nothing ran since it was seen that everything stands as written. */
  isSeenLast: boolean;
  /** What its steps and checks changed, once they ran. */
  steps: { set: ChangeSet; setDigest: Digest } | null;
  failure: Failure | null;
  beside: Beside | null;
}

export interface Failure {
  outcome: "refused" | "undone" | "conflicted" | "cancelled";
  error: HoldfastError;
  kept: Kept[];
  /** Whose word it was, where it was somebody's. */
  actor?: Actor;
}

/** Reads the tree, decides, touches nothing. What the order asks wrongly becomes its failure. */
export function planAttempt(row: OrderRow, world: OrderWorld): Attempt {
  const order = withAgentCommand(world.book.order(row), row, world);
  const id = changeSetId(world);
  try {
    const planned = planOrder(order, {
      places: world.places,
      disk: world.ports.disk,
      source: vaultSource(world.vault),
    });
    const set: ChangeSet = { v: 1, id, changes: planned.changes };
    const contentOf = (digest: Digest): Iterable<Uint8Array> => {
      const bytes = planned.contents.get(digest);
      return bytes ? [bytes] : world.vault.readPieces(digest);
    };
    return attemptOf(row, order, set, contentOf, planned.warnings, world, null);
  } catch (error) {
    return attemptOf(row, order, { v: 1, id, changes: [] }, () => [], [], world, refusal(error));
  }
}

const AGENT_RETRY_DELAY_MS = 5_000;

/** An order that a `command` agent carries out has that agent's own command as its step. */
export function withAgentCommand(
  order: WorkOrder,
  row: OrderRow,
  { config, vault }: Pick<OrderWorld, "config" | "vault">,
): WorkOrder {
  const agent = config().agents[row.executor];
  if (agent?.run !== "command" || hasBody(order)) return order;
  const prompt = `${order.title}\n\n${vault.read(row.raw).toString()}`;
  const [program, ...rest] = agent.command.map((word) =>
    word.replaceAll("{prompt}", () => prompt).replaceAll("{id}", order.id),
  );
  const step: Step = {
    name: row.executor,
    run: { program: [program!, ...rest] },
    timeoutMs: agent.timeoutMs,
    retries: 0,
    retryDelayMs: AGENT_RETRY_DELAY_MS,
    alwaysRun: false,
  };
  return { ...order, steps: [step] };
}

export function hasCommands({ steps, checks }: WorkOrder): boolean {
  return steps.length > 0 || checks.length > 0;
}

/** Twelve letters and digits, unique for any number of attempts of one tree. */
export function changeSetId({ ports }: Pick<OrderWorld, "ports">): string {
  return BigInt(`0x${ports.random.bytes(8).toString("hex")}`)
    .toString(36)
    .padStart(13, "0");
}

function attemptOf(
  row: OrderRow,
  order: WorkOrder,
  set: ChangeSet,
  contentOf: ApplyWorld["contentOf"],
  warnings: string[],
  { ports, places }: OrderWorld,
  failure: Failure | null,
): Attempt {
  const apply = { disk: ports.disk, places, contentOf };
  return {
    row,
    order,
    set,
    setDigest: digestOf(encodeChangeSet(set)),
    apply,
    warnings,
    tests: [],
    swapped: null,
    isSeenLast: false,
    steps: null,
    failure,
    beside: null,
  };
}

function refusal(error: unknown): Failure {
  if (error instanceof HoldfastError && error.kind !== "unavailable") return { outcome: "refused", error, kept: [] };
  if (isSystemError(error)) return { outcome: "refused", error: ioError(error), kept: [] };
  throw error;
}

/** A disk that refuses is the user's to know: which call, which path. */
export function ioError(error: NodeJS.ErrnoException): HoldfastError {
  return new HoldfastError("WO_IO", `${error.message}`, {
    data: { syscall: error.code, path: error.path ?? null },
    cause: error,
  });
}

export function conflict(kept: readonly Kept[]): Failure {
  const paths = kept.map(({ path }) => path).slice(0, LIMITS.ledgerPathsMax);
  const error = new HoldfastError(
    "WO_CONFLICT",
    `somebody else changed ${namePaths(paths)}; what stands there was kept`,
    {
      data: { paths },
    },
  );
  return { outcome: "conflicted", error, kept: [...kept] };
}

/**
 * Re-reads every path of the set: anything that is neither as written nor explained by the order's own steps is somebody else's.
 * A mode that a check of the order changed (`chmod +x`) is the order's doing.
 */
export function notAsWritten({ set, steps, order, apply }: Attempt): Kept[] {
  const explained = new Map(steps?.set.changes.map((change) => [change.path, change.after]));
  const runsCommands = hasCommands(order);
  const kept: Kept[] = [];
  for (const { path, after } of set.changes) {
    const place = placeOf(path, apply);
    const present = place === null ? ABSENT : entryAt(apply.disk, place);
    const stepLeft = explained.get(path);
    if (sameEntry(present, after) || (present.kind === "dir" && after.kind === "dir")) continue;
    if (stepLeft ? sameEntry(present, stepLeft) : runsCommands && sameContent(present, after)) continue;
    kept.push({ path, entry: present });
  }
  return kept;
}

export function verifyFailed(test: { name: string; output: string }): Failure {
  const line = test.output.trim().split("\n").at(-1) ?? "";
  const error = new HoldfastError("WO_VERIFY_FAILED", `"${test.name}" failed${line === "" ? "" : `: ${line}`}`, {
    data: { test: test.name },
  });
  return { outcome: "undone", error, kept: [] };
}
