/**
 * One row: made, accepted, destroyed, watched, and compared with what has to follow.
 *
 * Times count from the moment the damage has settled: from the end of the command, and from then on as long as this kind of change
 * is given to come to rest.
 */

import { basename, join } from "node:path";
import { type Digest, HoldfastError, isOwnName, LIMITS, type Ports } from "../../base/index.ts";
import { type Case, casesOf } from "./cases.ts";
import { changedContent, type FolderState, folderState, missingFrom } from "./folder-state.ts";
import type { Row, RowOutcome, Settling } from "./row.ts";
import type { ScratchTree } from "./scratch-tree.ts";
import { unreadableIn } from "./vault-reading.ts";

const ANSWER_MS_MAX = 15_000;
/** Longer than anything takes to settle: what is no loss has been judged by expected. */
const QUIET_MS = LIMITS.gitSettleMs + LIMITS.burstWaitMsMax;

export interface Rehearsed {
  readonly outcome: RowOutcome;
  /** All content that stood there, before and after: none of it may be lost. */
  readonly content: ReadonlyMap<Digest, number>;
}

export async function rehearse(row: Row, tree: ScratchTree, ports: Ports): Promise<Rehearsed> {
  try {
    return await play(row, tree, ports);
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    return { outcome: failed(row, [error.message]), content: new Map() };
  }
}

async function play(row: Row, tree: ScratchTree, ports: Ports): Promise<Rehearsed> {
  const { clock, disk, log } = ports;
  const folder = folderOf(row);
  const variables = { W: folder };
  const place = join(tree.root, folder);
  await tree.must(`mkdir -p ${folder}\n${row.given}`, variables);
  await tree.must(`holdfast accept ${Object.keys(componentsOf(row)).join(" ")}`);
  if (row.edited !== undefined) await settle(row.edited, tree, { place, variables, ports });
  const before = folderState(place, disk);
  const heard = tree.records.length;
  const ran = await tree.shell(written(row, tree), row.by, variables);
  log.info("a row of the drill", { row: row.n, exitCode: ran.exitCode, said: ran.stderr.slice(0, 500) });
  const settledMs = clock.now() + SETTLE_MS[row.expected.settles];
  const destroyed = folderState(place, disk);
  const cases = () => casesOf(tree.records.slice(heard)).filter((one) => concerns(one, folder));
  const isBack = () => row.expected.staysChanged === true || missingFrom(folderState(place, disk), before).length === 0;
  const isAnswered = await answered(row, tree, { cases, isBack, clock });
  const found = cases();
  if (row.afterwards !== undefined) await bringBack(row.afterwards, tree, { variables, cases });
  const after = folderState(place, disk);
  const problems = [
    ...(isAnswered ? [] : [`not answered within ${ANSWER_MS_MAX / 1_000} s`]),
    ...problemsOf(row, found, { before, after, casesInAll: cases().length }),
    ...(await unheld(row, tree, variables)),
  ];
  const content = new Map([
    ...before.bytes,
    ...changedContent(before, destroyed),
    ...found.flatMap(({ digests }) => [...digests]),
  ]);
  // What a repair took aside stands beside it for a moment: it is not to be committed.
  await tree.until(() => ![...folderState(place, disk).lines.keys()].some(hasOwnName), ANSWER_MS_MAX);
  await tree.must("[ ! -d .git ] || { git add -A && git commit -qm 'between rows' --allow-empty; }");
  return { outcome: outcomeOf(row, found, { settledMs, problems }), content };
}

/** Until all that stands there is in the vault, and a moment longer: then it has been judged, too. */
async function settle(
  edit: string,
  tree: ScratchTree,
  { place, variables, ports }: { place: string; variables: Record<string, string>; ports: Ports },
): Promise<void> {
  await tree.must(edit, variables);
  const content = new Set(folderState(place, ports.disk).bytes.keys());
  await tree.until(async () => (await unreadableIn(tree, content, ports)).size === 0, ANSWER_MS_MAX);
  await ports.clock.sleep(LIMITS.settleContentMs);
}

function hasOwnName(path: string): boolean {
  return isOwnName(basename(path));
}

/** By hand; then nothing may stand open any more. */
async function bringBack(
  text: string,
  tree: ScratchTree,
  { variables, cases }: { variables: Record<string, string>; cases: () => Case[] },
): Promise<void> {
  await tree.must(text, variables);
  await tree.until(() => cases().every(({ state }) => state === "resolved"), ANSWER_MS_MAX);
}

/** As somebody would type it, with the paths themselves; what nobody may be seen doing keeps them in the environment. */
function written({ damage, by, n }: Row, { old, root }: ScratchTree): string {
  if (by === "nobody") return damage;
  const words: Record<string, string> = { W: folderOf({ n }), OLD: old, T: root };
  return damage.replace(/\$(W|OLD|T)\b/g, (_all, name: string) => words[name]!);
}

const SETTLE_MS: Record<Settling, number> = {
  git: LIMITS.gitSettleMs,
  content: LIMITS.settleContentMs,
  missing: LIMITS.settleMissingMs,
  "at-once": 0,
};

export function folderOf({ n }: Pick<Row, "n">): string {
  return `work/${String(n).padStart(2, "0")}`;
}

/** Name → its definition, as YAML. */
export function componentsOf(row: Row): Record<string, string> {
  const parts = row.components ?? { "": "{ paths: [$W] }" };
  return Object.fromEntries(
    Object.entries(parts).map(([part, text]) => [
      `row-${String(row.n).padStart(2, "0")}${part === "" ? "" : `-${part}`}`,
      text.replaceAll("$W", folderOf(row)),
    ]),
  );
}

function concerns({ paths, response }: Case, folder: string): boolean {
  return response === "brake" || paths.some((path) => path === folder || path.startsWith(`${folder}/`));
}

/** Until the guard has said what it says to this; of what is no loss: until it had its time, and something else was noticed. */
async function answered(
  { expected, afterwards }: Row,
  tree: ScratchTree,
  { cases, isBack, clock }: { cases: () => Case[]; isBack: () => boolean; clock: Ports["clock"] },
): Promise<boolean> {
  if (expected.response === "none") {
    const untilMs = clock.monotonicMs() + QUIET_MS;
    return tree.until(() => clock.monotonicMs() >= untilMs, 2 * QUIET_MS);
  }
  // What only comes back by hand afterwards is answered when the guard has done its part.
  const isOver = ({ state, response, isEscalated, repairedAtMs }: Case) => {
    if (expected.escalates) return isEscalated;
    if (expected.response !== "repair") return response === expected.response;
    return afterwards === undefined ? state === "resolved" && isBack() : repairedAtMs !== null;
  };
  return tree.until(() => {
    const all = cases();
    return all.some(({ kinds }) => expected.kinds.every((kind) => kinds.includes(kind))) && all.every(isOver);
  }, ANSWER_MS_MAX);
}

function problemsOf(
  { expected, by }: Row,
  found: readonly Case[],
  { before, after, casesInAll }: { before: FolderState; after: FolderState; casesInAll: number },
): string[] {
  const problems: string[] = [];
  const gone = expected.staysChanged ? [] : missingFrom(after, before);
  if (gone.length > 0) problems.push(`not as it was: ${gone.slice(0, 3).join(", ")}`);
  const [first] = found;
  if (expected.response === "none") return found.length === 0 ? problems : [...problems, "it was taken for a loss"];
  if (first === undefined) return [...problems, "it was not noticed"];
  if (casesInAll > 1) problems.push(`${casesInAll} incidents for one cause`);
  if (first.kinds.join() !== expected.kinds.join())
    problems.push(`called ${first.kinds.join(", ")}, is ${expected.kinds.join(", ")}`);
  if (first.response !== expected.response) problems.push(`answered by ${first.response}, not by ${expected.response}`);
  if (expected.says !== undefined && !first.notes.some((note) => note.includes(expected.says!)))
    problems.push(`it does not say "${expected.says}"`);
  return [...problems, ...problemsOfCause(first.cause, expected, by)];
}

function problemsOfCause(cause: Case["cause"], { cause: wanted, witnessed }: Row["expected"], by: Row["by"]): string[] {
  if (cause === null) return witnessed ? ["nobody was named, and a witness saw it"] : [];
  if (wanted === null || wanted === undefined)
    return wanted === null ? [`${cause.what} was named, and nobody saw it`] : [];
  if (!new RegExp(wanted).test(cause.what)) return [`${cause.what} was named, and it was ${wanted}`];
  // A process that is gone in a millisecond may be seen without its environment.
  const isWrongHand = witnessed && by === "agent" && cause.actor !== "claude-code";
  return isWrongHand ? [`${cause.actor} was named, and it was an agent`] : [];
}

async function unheld({ holds }: Row, tree: ScratchTree, variables: Record<string, string>): Promise<string[]> {
  if (holds === undefined) return [];
  const { exitCode } = await tree.shell(holds, "script", variables);
  return exitCode === 0 ? [] : ["in the end it is not as it has to be"];
}

function outcomeOf(
  row: Row,
  found: readonly Case[],
  { settledMs, problems }: { settledMs: number; problems: readonly string[] },
): RowOutcome {
  const first = found[0] ?? null;
  // What is noticed while it still settles had settled then.
  const fromMs = Math.min(settledMs, first?.noticedAtMs ?? settledMs);
  const since = (ms: number | null | undefined) => (ms == null ? null : Math.max(0, Math.round(ms - fromMs)));
  const isLoss = row.expected.response !== "none";
  return {
    n: row.n,
    name: row.name,
    noticedMs: since(first?.noticedAtMs),
    kind: first === null || first.kinds.length === 0 ? null : first.kinds.join(", "),
    cause: first?.cause ?? null,
    incidents: found.length,
    response: first?.response ?? "none",
    repairedMs: since(first?.repairedAtMs),
    bytesLost: 0,
    falseAlarms: isLoss ? 0 : found.length,
    ok: problems.length === 0,
    problems,
    skipped: null,
  };
}

export function failed({ n, name }: Row, problems: readonly string[]): RowOutcome {
  return { ...NOTHING, n, name, problems };
}

export function skipped({ n, name }: Row, why: string): RowOutcome {
  return { ...NOTHING, n, name, ok: true, problems: [], skipped: why };
}

const NOTHING = {
  noticedMs: null,
  kind: null,
  cause: null,
  incidents: 0,
  response: "none",
  repairedMs: null,
  bytesLost: 0,
  falseAlarms: 0,
  ok: false,
  skipped: null,
} as const;
