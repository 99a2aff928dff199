/**
 * Takes what was judged: receives its orders, records what was wrong, and moves each original to where it belongs.
 *
 * Throws only when the store or the vault cannot be written; what was not received then is received by the next try, and nothing is
 * received twice.
 */

import { dirname } from "node:path";
import { digestOf, HoldfastError, isoTime, isSystemError } from "../base/index.ts";
import type { Layout } from "../tree/index.ts";
import type { Engine } from "./engine.ts";
import type { Judgement } from "./inbox-judge.ts";
import type { Lying } from "./inbox-look.ts";
import type { LateWriters } from "./late-writers.ts";
import { errorReport, isVacant, moveTo, type Report, reportAlone, reserve, writeReport } from "./originals.ts";
import type { Reception, Submission } from "./receive.ts";
import { earlier, isOlderThan, recordSetAside, type SetAside } from "./set-aside.ts";
import type { NotAnOrder, ReadSubmissions } from "./submissions.ts";
import type { OrderWorld } from "./world.ts";

export interface Judged {
  lying: Lying;
  judgement: Exclude<Judgement, { kind: "wait" | "held" }>;
}

export interface Taken {
  /** Ids of orders that are new. */
  ids: string[];
  /** Where what was set aside is now. */
  setAside: string[];
  /** Stays where it is, for good. */
  left: { lying: Lying; error: HoldfastError }[];
  /** Could not be moved; to be tried again. */
  stuck: { lying: Lying; error: HoldfastError }[];
}

/** What becomes of one original. */
interface Fate {
  lying: Lying;
  /** `null`: it stays. */
  folder: string | null;
  aside: { error: HoldfastError; report: Report; says: object } | null;
  bytes: Uint8Array | null;
  /** Several documents: each order has its own bytes, the file as a whole is kept besides. */
  keepWhole: boolean;
  wo: string | null;
  /** From the tree's root, once that is known. */
  to: string;
  isRecorded: boolean;
}

export async function take(
  judged: readonly Judged[],
  world: OrderWorld,
  { engine, late }: { engine: Pick<Engine, "submit">; late: LateWriters },
): Promise<Taken> {
  const layout = world.config().layout!;
  const taken: Taken = { ids: [], setAside: [], left: [], stuck: [] };
  const receptions = await receive(judged, engine, world);
  taken.ids.push(
    ...[...receptions.values()].flatMap((reception) => ("id" in reception && reception.taken ? [reception.id] : [])),
  );
  const fates = judged
    .map((one) => fateOf(one, receptions, layout, world))
    .filter((fate) => tryDisk(fate, taken, () => findPlace(fate, world)));
  const asides = fates.filter(({ aside, isRecorded }) => aside !== null && !isRecorded);
  const whole = fates.filter(({ aside, keepWhole, bytes }) => aside === null && keepWhole && bytes !== null);
  await recordSetAside(
    asides.map(asideOf),
    whole.map(({ to, bytes }) => ({ path: to, bytes: bytes! })),
    world,
  );
  for (const fate of fates) tryDisk(fate, taken, () => settle(fate, { taken, layout, late }, world));
  await makeDurable(fates, world);
  return taken;
}

/** One commit for all. An order that is older than its own reception is not received again: a crash left its file behind. */
async function receive(
  judged: readonly Judged[],
  engine: Pick<Engine, "submit">,
  world: OrderWorld,
): Promise<Map<Submission, Reception>> {
  const fresh = judged.flatMap(({ lying, judgement }) =>
    judgement.kind === "orders"
      ? judgement.read.submissions.filter((submission) => !wasReceived(submission, lying, world))
      : [],
  );
  const answers = fresh.length === 0 ? [] : await engine.submit(fresh);
  return new Map(fresh.map((submission, index) => [submission, answers[index]!]));
}

function wasReceived({ order, raw, inboxPath }: Submission, lying: Lying, { book }: OrderWorld): boolean {
  const row = book.row(order.id);
  return row !== null && row.inboxPath === inboxPath && row.raw === digestOf(raw) && isOlderThan(lying, row.createdAt);
}

function fateOf(
  { lying, judgement }: Judged,
  receptions: ReadonlyMap<Submission, Reception>,
  layout: Layout,
  world: OrderWorld,
): Fate {
  const { bytes } = judgement;
  const fate = { lying, bytes, keepWhole: false, wo: null, to: lying.path, isRecorded: false };
  if (judgement.kind === "left") {
    return {
      ...fate,
      folder: null,
      aside: { error: judgement.error, report: ".error.json", says: errorReport(judgement.error) },
    };
  }
  const refused = judgement.kind === "refused" ? judgement.error : refusalAmong(judgement.read, receptions);
  if (refused !== null) {
    return {
      ...fate,
      folder: `${layout.failed}/${lying.agent}`,
      aside: { error: refused, report: ".error.json", says: errorReport(refused) },
    };
  }
  const { submissions, notOrders } = (judgement as Judgement & { kind: "orders" }).read;
  const id = submissions.length === 1 ? submissions[0]!.order.id : null;
  return {
    ...fate,
    folder: `${layout.archive}/${lying.agent}/${dayOf(submissions, lying, world)}`,
    aside:
      notOrders.length === 0
        ? null
        : { error: notAnOrder(lying, notOrders), report: ".reason.json", says: reasons(notOrders) },
    keepWhole: submissions.length + notOrders.length > 1,
    wo: id,
  };
}

/** That of its first order's reception, so that a file which a crash left goes where it was going. */
function dayOf([first]: readonly Submission[], lying: Lying, { book, ports }: OrderWorld): string {
  const row = first === undefined ? null : book.row(first.order.id);
  const isIts = row !== null && row.inboxPath === lying.path;
  return (isIts ? row.createdAt : isoTime(ports.clock.now())).slice(0, 10);
}

function refusalAmong(
  { submissions }: ReadSubmissions,
  receptions: ReadonlyMap<Submission, Reception>,
): HoldfastError | null {
  const answers = submissions.map((submission) => receptions.get(submission)).filter((answer) => answer !== undefined);
  const refusal = answers.find((answer) => answer instanceof HoldfastError);
  if (refusal === undefined || submissions.length === 1) return refusal ?? null;
  const ids = answers.flatMap((answer) => (answer instanceof HoldfastError ? [] : [answer.id]));
  const others =
    ids.length === 0
      ? "none of the file's other orders was taken"
      : `the file's other orders were taken: ${ids.join(", ")}`;
  return new HoldfastError(refusal.code, `${refusal.message}; ${others}`, { hint: refusal.hint, data: refusal.data });
}

function notAnOrder({ path }: Lying, [first, ...more]: readonly NotAnOrder[]): HoldfastError {
  const rest = more.length === 0 ? "" : `, and ${more.length} more`;
  return new HoldfastError("WO_NOT_AN_ORDER", `${path} is no order but ${first!.what}: ${first!.reason}${rest}`, {
    data: { path },
  });
}

function reasons(documents: readonly NotAnOrder[]): object {
  const [only] = documents;
  return {
    code: "WO_NOT_AN_ORDER",
    what: only!.what,
    reason: only!.reason,
    ...(documents.length > 1 ? { documents } : {}),
  };
}

/** Where it goes: onto a free name, or where a record from before a crash says. */
function findPlace(fate: Fate, world: OrderWorld): void {
  const { lying, aside, folder } = fate;
  const record = aside === null ? null : earlier({ lying, error: aside.error, bytes: fate.bytes }, world);
  fate.isRecorded = record !== null && (folder === null || isVacant(lying, record.data.to, world));
  if (folder !== null) fate.to = fate.isRecorded ? record!.data.to : reserve(lying, folder, world);
}

function asideOf({ lying, aside, bytes, to }: Fate): SetAside {
  return { lying, error: aside!.error, bytes, to };
}

function settle(
  fate: Fate,
  { taken, layout, late }: { taken: Taken; layout: Layout; late: LateWriters },
  world: OrderWorld,
): void {
  const { lying, aside, folder, to, bytes, wo, isRecorded } = fate;
  if (folder === null) {
    taken.left.push({ lying, error: aside!.error });
    const isFromGit = aside!.error.code === "WO_FROM_GIT" && !isRecorded;
    if (isFromGit) reportAlone(lying, `${layout.failed}/${lying.agent}`, aside!, world);
    return;
  }
  if (aside !== null) writeReport(to, aside.report, aside.says, world);
  if (!moveTo(lying, to, world)) return;
  if (aside !== null) taken.setAside.push(to);
  if (bytes !== null && lying.kind === "file") late.add({ path: to, digest: digestOf(bytes), wo });
}

/** A disk that refuses holds up its own file only. False when it did. */
function tryDisk({ lying }: Fate, { stuck }: Taken, work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (error instanceof HoldfastError) stuck.push({ lying, error });
    else if (isSystemError(error))
      stuck.push({
        lying,
        error: new HoldfastError("WO_IO", `${lying.path} cannot be moved: ${error.message}`, {
          hint: "it is tried again by itself",
          cause: error,
        }),
      });
    else throw error;
    return false;
  }
}

async function makeDurable(fates: readonly Fate[], { ports, tree }: OrderWorld): Promise<void> {
  const moved = fates.filter(({ folder }) => folder !== null);
  const folders = new Set(moved.flatMap(({ lying, to }) => [dirname(lying.place), dirname(`${tree.root}/${to}`)]));
  await ports.disk.syncAll({
    files: [],
    dirs: [...folders].filter((folder) => ports.disk.lstat(folder)?.kind === "dir"),
  });
}
