/** `holdfast status`: health at a glance. */

import { HoldfastError, isoTime, printableLine } from "../../base/index.ts";
import { ACCEPTED } from "../../component/index.ts";
import type { EyesState, WorkspaceState } from "../../guard/index.ts";
import { openIncidents } from "../../guard/index.ts";
import type { LedgerRecord } from "../../ledger/index.ts";
import { componentHealth } from "../component-health.ts";
import { connectToDaemon } from "../daemon-client.ts";
import { readHolder } from "../holder.ts";
import { type OperationContext, operation } from "../operation.ts";
import { readConfigText } from "../read-config.ts";

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
      tree: { id: tree.id, root: tree.root, branch: house.branch(), standing: located?.standing ?? "canonical" },
      daemon: await daemonStatus(context),
      orders: { pending, running, done, failed, held: heldOrders(context) },
      components,
      incidents: { open: openIncidents(house).openCount() },
      canary: lastCanary(context),
      slo: null,
      config: {
        accepted: house.configuration.acceptedDigest(),
        differs: house.configuration.differs(configText),
      },
    };
  },
  print(state, style) {
    const { daemon, orders, components } = state;
    const lines = [
      `${style.bold(printableLine(state.tree.root))}  ${style.dim(state.tree.branch ?? "no branch")}`,
      daemon.running
        ? `${style.good("●")} daemon       pid ${daemon.pid}, since ${daemon.since}`
        : `${style.warn("○")} daemon       not running: orders wait, nothing is watched  → holdfast up`,
      components.drifted === 0
        ? `${style.good("●")} components   ${components.healthy} as accepted`
        : `${style.bad("▲")} components   ${components.drifted} of ${components.healthy + components.drifted} differ  → holdfast components`,
      `${orders.failed > 0 ? style.warn("▲") : style.good("●")} orders       ${orders.pending} pending, ${orders.running} running, ${orders.done} done, ${orders.failed} failed${orders.failed > 0 ? "  → holdfast wo list --status failed" : ""}`,
    ];
    if (daemon.workspaces.length > 0)
      lines.push(
        `${style.good("●")} workspaces   ${daemon.workspaces.map(({ name }) => printableLine(name)).join(", ")}`,
      );
    if (daemon.eyes !== null) lines.push(`${style.good("●")} watching     ${watchedText(daemon.eyes)}`);
    if (state.incidents.open > 0)
      lines.push(`${style.bad("▲")} incidents    ${state.incidents.open} open  → holdfast incidents --open`);
    if (orders.held > 0)
      lines.push(
        `${style.warn("▲")} held         ${orders.held} orders wait for a person  → holdfast wo list --status pending`,
      );
    if (state.config.differs)
      lines.push(
        `${style.warn("▲")} holdfast.yaml was changed and is not running  → holdfast accept holdfast.yaml, or: holdfast restore holdfast.yaml --from ${state.config.accepted}`,
      );
    if (state.canary)
      lines.push(
        `${state.canary.ok ? style.good("●") : style.bad("▲")} canary       ${state.canary.ok ? "ok" : "failed"} ${state.canary.at}`,
      );
    for (const { message, hint } of daemon.trouble)
      lines.push(`${style.bad("▲")} trouble      ${printableLine(message)}  → ${printableLine(hint)}`);
    return lines.join("\n");
  },
  exitCode: ({ components, config, daemon }) =>
    components.drifted > 0 || config.differs || daemon.trouble.length > 0 ? 1 : 0,
});

function watchedText({ watched, unwatchedTotal, swept }: EyesState): string {
  const without = unwatchedTotal > 0 ? `, ${unwatchedTotal} without events` : "";
  const when = swept === null ? "not swept yet" : `swept ${isoTime(swept.atMs)}`;
  return `${watched.folders} folders${without}; ${when}`;
}

/** A daemon that hangs is an answer here: everything else can still be told. */
async function daemonStatus(context: OperationContext): Promise<DaemonStatus> {
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

function componentCounts({ house }: OperationContext): { healthy: number; drifted: number } {
  const names = [
    ...Object.keys(house.config().components),
    ...(house.baselines.of(ACCEPTED).length > 0 ? [ACCEPTED] : []),
  ];
  const drifted = names.filter((name) => componentHealth(name, house).drift.length > 0).length;
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
