/** `holdfast status`: health at a glance. */

import { HoldfastError, isoTime } from "../../base/index.ts";
import { ACCEPTED } from "../../component/index.ts";
import type { EyesState, WorkspaceState } from "../../guard/index.ts";
import { openIncidents } from "../../guard/index.ts";
import type { LedgerRecord } from "../../ledger/index.ts";
import { componentHealth } from "../component-health.ts";
import { connectToDaemon } from "../daemon-client.ts";
import { readHolder } from "../holder.ts";
import { type IncidentView, incidentView } from "../incident-view.ts";
import { type OperationContext, operation } from "../operation.ts";
import { readConfigText } from "../read-config.ts";
import { statusText } from "../status-text.ts";
import type { Watching } from "../writer.ts";

interface DaemonStatus {
  running: boolean;
  pid: number | null;
  version: string | null;
  since: string | null;
  /** What keeps it from its work right now. */
  trouble: { code: string; message: string; hint: string }[];
  /** What it sees of the tree. */
  eyes: EyesState | null;
  /** Git worktrees that it remembers. */
  workspaces: { name: string; root: string }[];
}

export const status = operation({
  name: "status",
  about: "Is everything as it should be: daemon, orders, components, configuration",
  effect: "read",
  input: (z) => z.strictObject({}),
  command: { examples: ["holdfast status", "holdfast status --json"] },
  async run(context) {
    const { house, tree, ports, located } = context;
    const { pending, running, done, failed } = house.book.counts();
    const components = componentCounts(context);
    const configText = readConfigText(tree, ports.disk);
    return {
      at: isoTime(ports.clock.now()),
      tree: { id: tree.id, root: tree.root, branch: house.branch(), standing: located?.standing ?? "canonical" },
      daemon: await daemonStatus(context),
      orders: { pending, running, done, failed, held: heldOrders(context) },
      components,
      incidents: raised(context),
      canary: lastCanary(context),
      slo: null,
      config: {
        accepted: house.configuration.acceptedDigest(),
        differs: house.configuration.differs(configText),
      },
    };
  },
  print: (state, style) => statusText(state, style),
  exitCode: ({ components, config, daemon }) =>
    components.drifted > 0 || config.differs || daemon.trouble.length > 0 ? 1 : 0,
});

/** A daemon that hangs is an answer here: everything else can still be told. */
async function daemonStatus(context: OperationContext): Promise<DaemonStatus> {
  const watching = context.writer?.watching ?? null;
  if (watching !== null) return ofItself(watching, context);
  try {
    return await askDaemon(context);
  } catch (error) {
    if (!(error instanceof HoldfastError) || error.code !== "DAEMON_WEDGED") throw error;
    const holder = readHolder(context.tree, context.ports);
    const trouble = [{ code: error.code, message: error.message, hint: error.hint }];
    return {
      running: true,
      pid: holder?.pid ?? null,
      version: null,
      since: holder?.since ?? null,
      trouble,
      eyes: null,
      workspaces: [],
    };
  }
}

/** The daemon need not ask itself over its own socket. */
function ofItself(watching: Watching, { version, ports }: OperationContext): DaemonStatus {
  return {
    running: true,
    pid: ports.process.pid,
    version,
    since: watching.startedAt,
    trouble: watching.trouble(),
    eyes: watching.eyes(),
    workspaces: watching.workspaces().map(({ name, root }) => ({ name, root })),
  };
}

async function askDaemon({ tree, ports }: OperationContext): Promise<DaemonStatus> {
  const client = await connectToDaemon(tree, ports);
  if (client === null)
    return { running: false, pid: null, version: null, since: null, trouble: [], eyes: null, workspaces: [] };
  try {
    const { pid, version, startedAt } = client.hello;
    return {
      running: true,
      pid,
      version,
      since: startedAt,
      trouble: await client.call<DaemonStatus["trouble"]>("trouble", null),
      eyes: await client.call<EyesState>("eyes", null),
      workspaces: (await client.call<WorkspaceState[]>("workspaces", null)).map(({ name, root }) => ({ name, root })),
    };
  } finally {
    client.close();
  }
}

const RAISED_SHOWN = 3;

function raised({ house }: OperationContext): { open: number; latest: IncidentView[] } {
  const incidents = openIncidents(house);
  const open = incidents.openCount();
  if (open === 0) return { open, latest: [] };
  return { open, latest: incidents.rows({ state: "open", limit: RAISED_SHOWN }).map(incidentView) };
}

function componentCounts({ house, writer }: OperationContext): { healthy: number; drifted: number } {
  const names = [
    ...Object.keys(house.config().components),
    ...(house.baselines.of(ACCEPTED).length > 0 ? [ACCEPTED] : []),
  ];
  const drifted = names.filter((name) => componentHealth(name, house, writer).drift.length > 0).length;
  return { healthy: names.length - drifted, drifted };
}

function heldOrders({ house }: OperationContext): number {
  return house.book.rows({ statuses: ["pending"] }).filter(({ stage }) => stage === "held").length;
}

function lastCanary({ house }: OperationContext): { ok: boolean; at: string } | null {
  for (const record of house.ledger.read({ events: ["canary.ok", "canary.failed"], newestFirst: true, limit: 1 })) {
    return { ok: (record as LedgerRecord).ok, at: record.ts ?? isoTime(0) };
  }
  return null;
}
