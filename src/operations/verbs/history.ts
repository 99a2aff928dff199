/** `holdfast history`: what changed, and when: from the ledger, or with `--all` from every source, in any git repository. */

import { parseMoment, printableLine } from "../../base/index.ts";
import { type Evidence, fullHistory } from "../../diagnose/index.ts";
import { describe, type LedgerRecord } from "../../ledger/index.ts";
import { treePathOf } from "../../tree/index.ts";
import { diagnosedPlace } from "../diagnosed-place.ts";
import { openHouseToRead } from "../open-house.ts";
import { type OperationContext, operation } from "../operation.ts";

const FOLLOW_POLL_MS = 200;

export const history = operation({
  name: "history",
  about: "What changed, and when: of everything, a component, or a path and all below it",
  effect: "read",
  input: (z) =>
    z.strictObject({
      subject: z.string().optional(),
      since: z.string().optional(),
      until: z.string().optional(),
      limit: z.coerce.number().int().positive().optional(),
      before: z.coerce.number().int().positive().optional(),
      follow: z.boolean().default(false),
      all: z.boolean().default(false),
      cwd: z.string(),
    }),
  command: {
    arguments: [{ name: "subject", about: "a component, an order's id, or a path", optional: true }],
    options: [
      { flags: "--since <time>", about: 'ISO, "yesterday 01:50", 10:28, "30m ago"' },
      { flags: "--until <time>", about: "the same" },
      { flags: "--limit <n>", about: "the newest so many (all with --since, else 50)" },
      { flags: "--before <seq>", about: "only records before this one: to go on from a page" },
      { flags: "--all", about: "git, logs and other agents' ledgers too; works without a tree" },
      { flags: "-f, --follow", about: "go on as records come" },
    ],
    examples: [
      "holdfast history agents/",
      'holdfast history --since "yesterday 01:50"',
      "holdfast history tools/sync.sh --all",
      "holdfast history -f",
    ],
  },
  namesPaths: true,
  anywhere: ({ all }) => all,
  async run(context, input): Promise<Told> {
    const { subject, since, until, limit, before, follow, cwd } = input;
    if (input.all) return everything(context, input);
    const { house, ports } = context;
    const nowMs = ports.clock.now();
    const query = {
      ...subjectOf(subject, cwd, context),
      ...(since === undefined ? {} : { sinceMs: parseMoment(since, nowMs) }),
      ...(before === undefined ? {} : { beforeSeq: before }),
      ...(until === undefined ? {} : { untilMs: parseMoment(until, nowMs) }),
    };
    const headSeq = house.ledger.head().seq;
    const newest = limit ?? (since === undefined ? 50 : undefined);
    const records = [
      ...house.ledger.read({ ...query, newestFirst: true, ...(newest === undefined ? {} : { limit: newest }) }),
    ].reverse();
    if (follow) {
      for (const record of records) context.emit(record);
      await followLedger(context, query, Math.max(headSeq, records.at(-1)?.seq ?? 0));
      return { records: [] };
    }
    return { records };
  },
  print({ records, evidence }, style) {
    const lines =
      evidence?.map((one) => evidenceLine(one, style.dim)) ?? records.map((record) => historyLine(record, style.dim));
    return lines.length === 0 ? "nothing on record" : lines.join("\n");
  },
});

export interface Told {
  readonly records: LedgerRecord[];
  /** With `--all`: everything, the ledger's records among it. */
  readonly evidence?: Evidence[];
}

async function everything(
  context: OperationContext,
  {
    subject,
    since,
    until,
    limit,
    cwd,
  }: {
    subject?: string | undefined;
    since?: string | undefined;
    until?: string | undefined;
    limit?: number | undefined;
    cwd: string;
  },
): Promise<Told> {
  const nowMs = context.ports.clock.now();
  const house = await openHouseToRead(context);
  try {
    const window = {
      sinceMs: since === undefined ? 0 : parseMoment(since, nowMs),
      untilMs: until === undefined ? nowMs : parseMoment(until, nowMs),
    };
    const { evidence } = await fullHistory(
      { text: subject ?? null, window, ...diagnosedPlace(context, house, cwd) },
      context.ports,
    );
    return { records: [], evidence: evidence.slice(-(limit ?? (since === undefined ? 50 : evidence.length))) };
  } finally {
    house.found?.close();
  }
}

function evidenceLine({ at, source, says, ref }: Evidence, dim: (text: string) => string): string {
  const time = (at ?? "no time").slice(0, 16).replace("T", " ").padEnd(16);
  return `${dim(time)}  ${source.padEnd(12)} ${printableLine(says)}${ref === null ? "" : dim(`  ${printableLine(ref.slice(0, 40))}`)}`;
}

export function historyLine(record: LedgerRecord, dim: (text: string) => string): string {
  return `${dim(String(record.seq).padStart(6))}  ${describe(record)}`;
}

function subjectOf(
  subject: string | undefined,
  cwd: string,
  { house, tree, ports }: OperationContext,
): { component?: string; wo?: string; path?: string } {
  if (subject === undefined) return {};
  if (subject in house.config().components) return { component: subject };
  if (house.book.row(subject) !== null) return { wo: subject };
  return { path: treePathOf(tree, subject, { disk: ports.disk, cwd }) };
}

async function followLedger(
  { house, ports, signal, emit }: OperationContext,
  query: object,
  from: number,
): Promise<void> {
  let afterSeq = from;
  while (!signal.aborted) {
    for (const record of house.ledger.read({ ...query, afterSeq })) {
      emit(record);
      afterSeq = record.seq;
    }
    await ports.clock.sleep(FOLLOW_POLL_MS, signal);
  }
}
