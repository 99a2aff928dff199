/** `holdfast up`: the pipeline in the foreground; `--once` drains what waits and exits. */

import { HoldfastError, printableLine } from "../../base/index.ts";
import { openIncidents } from "../../guard/index.ts";
import type { LedgerRecord } from "../../ledger/index.ts";
import type { Tree } from "../../tree/index.ts";
import { openInbox, type Trouble } from "../../workorder/index.ts";
import { connectToDaemon } from "../daemon-client.ts";
import { drain } from "../drain.ts";
import type { House } from "../house.ts";
import { type CallerContext, operation, type Style } from "../operation.ts";
import { canonicalTree } from "../perform.ts";
import { cutServiceLog } from "../service-log.ts";
import { troubleOf } from "../trouble.ts";
import { openWriter } from "../writer.ts";

const FOLLOW_POLL_MS = 200;

interface Drained {
  /** Ids of new orders. */
  taken: string[];
  /** Where what was set aside is now. */
  setAside: string[];
  /** What lies in an inbox and is not taken. */
  left: readonly Trouble[];
  /** What kept orders or views from being finished. */
  trouble: readonly Trouble[];
  /** Those of this run. */
  failedNow: number;
  orders: { pending: number; running: number; done: number; failed: number };
}

export const up = operation({
  name: "up",
  commandLineOnly: true,
  about: "Run orders and keep watch, in the foreground, until Ctrl-C",
  effect: "none",
  input: (z) =>
    z.strictObject({
      once: z.boolean().default(false),
      page: z.boolean().default(true),
      port: z.coerce.number().int().min(0).max(65_535).optional(),
    }),
  command: {
    options: [
      { flags: "--once", about: "take in what waits, carry it out, make every view again, and exit" },
      { flags: "--no-page", about: "without the page" },
      { flags: "--port <n>", about: "the page's port" },
    ],
    examples: ["holdfast up", "holdfast up --once"],
  },
  /** `null` where it ran until it was asked to end: everything was said meanwhile. */
  async run(context, { once, page, port }): Promise<Drained | null> {
    const tree = canonicalTree(context.located, { name: "up", effect: "write" });
    await refuseBesideDaemon(tree, context);
    cutServiceLog(context.ports);
    if (once) return drainOnce(context, tree);
    if (!context.startDaemon) throw new HoldfastError("USAGE", "`up` is started from the command line");
    const daemon = await context.startDaemon(tree, page ? { port: port ?? null } : null);
    context.emit({ started: { tree: tree.root, branch: daemon.house.branch(), page: daemon.page?.link() ?? null } });
    const live = liveView(daemon.house, context);
    let afterSeq = daemon.house.ledger.head().seq;
    const ended = daemon.ended.then(() => true);
    while (
      !(await Promise.race([
        ended,
        context.ports.clock.sleep(FOLLOW_POLL_MS, context.signal).then(() => context.signal.aborted),
      ]))
    ) {
      for (const record of daemon.house.ledger.read({ afterSeq })) {
        if (isNews(record)) context.emit({ record });
        afterSeq = record.seq;
      }
      live();
    }
    context.emit({ live: null });
    await daemon.stop("asked to");
    return null;
  },
  print(drained, style) {
    if (drained === null) return "";
    const { taken, setAside, left, trouble, orders } = drained;
    const head = `${style.good("✓")} taken in ${taken.length}, set aside ${setAside.length}; ${orders.done} done, ${orders.failed} failed, ${orders.pending} pending`;
    return [head, ...troubleLines("left", left, style), ...troubleLines("trouble", trouble, style)].join("\n");
  },
  exitCode: (drained) => (drained !== null && (drained.trouble.length > 0 || drained.failedNow > 0) ? 1 : 0),
});

/** How it stands, for a line that is drawn anew on a terminal; said when something was recorded. */
function liveView(house: House, { emit }: CallerContext): () => void {
  let saidSeq = -1;
  return () => {
    const { seq } = house.ledger.head();
    if (seq === saidSeq) return;
    saidSeq = seq;
    const { pending, running, done, failed } = house.book.counts();
    const [last] = house.ledger.read({ newestFirst: true, limit: 1 });
    const live: LiveView = {
      pending,
      running,
      done,
      failed,
      open: openIncidents(house).openCount(),
      lastAt: last?.ts ?? null,
    };
    emit({ live });
  };
}

/** It would wait for a lock that the daemon does not give back. `DAEMON_WEDGED` when it does not answer. */
async function refuseBesideDaemon(tree: Tree, { ports }: CallerContext): Promise<void> {
  const client = await connectToDaemon(tree, ports);
  if (client === null) return;
  const { pid, startedAt } = client.hello;
  client.close();
  throw new HoldfastError(
    "DAEMON_RUNNING",
    `holdfast up (pid ${pid}, since ${startedAt}) guards ${tree.root} already; it takes in what waits by itself`,
    { data: { pid } },
  );
}

function troubleLines(label: string, troubles: readonly Trouble[], style: Style): string[] {
  return troubles.map(
    ({ message, hint }) => `  ${style.warn(label)} ${printableLine(message)}  → ${printableLine(hint)}`,
  );
}

/** What a person who watches wants to see: how orders begin and end, not each stage; of a canary only whether it came through. */
function isNews({ event, wo }: LedgerRecord): boolean {
  if (wo?.startsWith("WO-CANARY-")) return false;
  return !["wo.planned", "wo.started", "wo.applied", "wo.steps-ran", "wo.verified"].includes(event);
}

async function drainOnce({ ports, signal }: CallerContext, tree: Tree): Promise<Drained> {
  const writer = await openWriter(tree, ports, { command: "holdfast up --once" });
  try {
    const failedBefore = writer.house.book.counts().failed;
    await writer.projector.rebuild();
    const inbox = openInbox(writer.house, writer.engine);
    const { taken, setAside } = await drain(writer, inbox, signal);
    const { pending, running, done, failed } = writer.house.book.counts();
    return {
      taken,
      setAside,
      left: inbox.trouble,
      trouble: troubleOf(writer),
      failedNow: Math.max(0, failed - failedBefore),
      orders: { pending, running, done, failed },
    };
  } finally {
    await writer.close();
  }
}

interface LiveView {
  pending: number;
  running: number;
  done: number;
  failed: number;
  /** Incidents. */
  open: number;
  lastAt: string | null;
}

/** What the command line prints of a ledger record while `up` runs. */
export type UpEvent =
  /** `null`: it is over. */
  | { live: LiveView | null }
  | { started: { tree: string; branch: string | null; page: string | null } }
  | { record: LedgerRecord };
