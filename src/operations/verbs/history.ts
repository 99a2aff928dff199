/** `holdfast history`: what changed, and when, from the ledger. */

import { parseMoment } from "../../base/index.ts";
import { describe, type LedgerRecord } from "../../ledger/index.ts";
import { treePathOf } from "../../tree/index.ts";
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
      cwd: z.string(),
    }),
  command: {
    arguments: [{ name: "subject", about: "a component, an order's id, or a path", optional: true }],
    options: [
      { flags: "--since <time>", about: 'ISO, "yesterday 01:50", 10:28, "30m ago"' },
      { flags: "--until <time>", about: "the same" },
      { flags: "--limit <n>", about: "the newest so many (all with --since, else 50)" },
      { flags: "--before <seq>", about: "only records before this one: to go on from a page" },
      { flags: "-f, --follow", about: "go on as records come" },
    ],
    examples: ["holdfast history agents/", 'holdfast history --since "yesterday 01:50"', "holdfast history -f"],
  },
  namesPaths: true,
  async run(context, { subject, since, until, limit, before, follow, cwd }) {
    const { house, ports } = context;
    const nowMs = ports.clock.now();
    const query = {
      ...subjectOf(subject, cwd, context),
      ...(since === undefined ? {} : { sinceMs: parseMoment(since, nowMs) }),
      ...(before === undefined ? {} : { beforeSeq: before }),
      ...(until === undefined ? {} : { untilMs: parseMoment(until, nowMs) }),
    };
    const newest = limit ?? (since === undefined ? 50 : undefined);
    const records = [
      ...house.ledger.read({ ...query, newestFirst: true, ...(newest === undefined ? {} : { limit: newest }) }),
    ].reverse();
    if (follow) {
      for (const record of records) context.emit(record);
      await followLedger(context, query, records.at(-1)?.seq ?? house.ledger.head().seq);
      return { records: [] };
    }
    return { records };
  },
  print: ({ records }, style) =>
    records.length === 0
      ? "nothing on record"
      : records.map((record) => historyLine(record as LedgerRecord, style.dim)).join("\n"),
});

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
