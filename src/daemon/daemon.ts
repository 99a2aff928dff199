/**
 * The daemon of one tree: holds its lock, takes orders from inboxes and the socket, keeps every view up to date.
 *
 * It decides nothing: verbs run as they would without it, with the writer that it holds. Crash: the lock ends with the process; the
 * next writer recovers.
 */

import { openAlerts } from "../alerts/index.ts";
import { HoldfastError, isSystemError, LIMITS, type Ports } from "../base/index.ts";
import type { HookReport } from "../cause/index.ts";
import {
  type Eyes,
  findByWitnesses,
  type GuardJudge,
  lookAtCopies,
  openJudge,
  openWorkspaces,
  watchPieces,
} from "../guard/index.ts";
import { runCanary } from "../health/index.ts";
import { noteEnded, openOwnPieces, refreshShim } from "../hooks/index.ts";
import type { Actor, EventData } from "../ledger/index.ts";
import {
  alertsWorld,
  findOperation,
  type HookNote,
  type House,
  noteHook,
  openWriter,
  parseInput,
  passStage,
  rollbackWorld,
  type StageHands,
  type StageName,
  type Watching,
  type Writer,
} from "../operations/index.ts";
import { type Handler, serve } from "../protocol/index.ts";
import { AbandonedRuns } from "../rollback/index.ts";
import { projectionPlaces, proveSocketFolder, type Tree } from "../tree/index.ts";
import { type Inbox, openInbox } from "../workorder/index.ts";
import { every } from "./every.ts";
import { eyesOf } from "./eyes-of.ts";
import { keepGitsPast } from "./git-past.ts";
import { openHookDoor } from "./hook-door.ts";
import { logCopier } from "./log-copier.ts";
import type { OpenPage, Page } from "./page.ts";
import { watchingOf } from "./watching.ts";
import { listenTo, witnessesOf } from "./witnesses-of.ts";

const DAEMON: Actor = { kind: "service", name: "holdfast" };
const INBOX_POLL_MS = 100;
const STALE_SWEEP_MS = 60_000;
const PRUNE_MS = 24 * 3_600_000;

export interface DaemonOptions {
  tree: Tree;
  ports: Ports;
  version: string;
  /** `null`: without a page. */
  openPage: OpenPage | null;
}

export interface Daemon {
  readonly house: House;
  /** `null` where it was started without, or could not be served: that is logged. */
  readonly page: Page | null;
  /** Resolves when it has stopped, asked to or not. */
  readonly ended: Promise<void>;
  /** Commands end and are undone, what was taken aside settles, everything is exported; then the lock is free. */
  stop(reason: string): Promise<void>;
}

/** Throws `DAEMON_RUNNING` or `LOCK_BUSY` when somebody else holds the tree. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { tree, ports, version } = options;
  const stand = await witnessesOf(tree, ports);
  const causes = findByWitnesses(stand);
  const writer = await openWriter(tree, ports, { command: "holdfast up", waitMs: LIMITS.connectTimeoutMs, causes });
  const { house, engine } = writer;
  const ending = Promise.withResolvers<void>();
  const stopping = new AbortController();
  const inbox = openInbox(house, engine);
  const judge = openJudge(writer.guard);
  const listener = listenTo(stand, house);
  const eyes = eyesOf(house, { judge, gitIsTraced: listener.gitIsTraced });
  const workspaces = openWorkspaces(writer.guard);
  const rememberNow = async () => void (await Promise.all([eyes.rememberNow(), workspaces.rememberNow()]));
  const alerts = openAlerts(alertsWorld(house));
  const watching = watchingOf({ writer, inbox, eyes, workspaces, alerts });
  const seeing: Writer = { ...writer, rememberNow, watching };
  const runs = new AbandonedRuns(rollbackWorld(seeing));
  const known = { inbox, watching, version, sweep: () => sweepAndJudge(eyes, judge), page: () => page };
  const handler = handlerOf(seeing, known, () => void stop("uninstalled"));
  const page = await openPage(options, house, handler);
  proveSocketFolder(tree.state, ports.disk);
  const server = await serve({ path: tree.state.socket, version, tree: tree.root, handler, ports });
  const hooks = await openHookDoor(house, { rememberNow });
  refreshShim(ports);
  const own = openOwnPieces(ports);
  const pieces = watchPieces(() => own.missing(), writer.guard);
  note(house, "guard.started", { version }, `holdfast ${version} started`);
  engine.wake();
  if (!viewsAreThere(house)) await writer.projector.rebuild();
  eyes.start().catch((error: unknown) => ports.log.error("the tree is not guarded yet; it is tried again", error));
  const how = { ports, signal: stopping.signal };
  const canaryMs = house.config().canary.everyMs;
  const loops = [
    every(INBOX_POLL_MS, () => inbox.scan(), how),
    every(LIMITS.segmentDelayMsMax / 2, () => house.ledger.exportSegments(), how),
    every(LIMITS.segmentDelayMsMax / 2, () => writer.projector.recorded(), how),
    every(LIMITS.segmentDelayMsMax / 2, logCopier(house.store, ports), how),
    every(LIMITS.guardWaitMs, () => runs.end(), how),
    every(LIMITS.guardWaitMs, () => judge.tick(), how),
    every(LIMITS.workspacePollMs, () => workspaces.tick(), how),
    every(LIMITS.copyLookMs, () => lookAtCopies(writer.guard), how),
    every(LIMITS.guardWaitMs, () => listener.listen(), how),
    every(LIMITS.guardWaitMs, () => pieces.tick(), how),
    every(LIMITS.alertTickMs, () => alerts.tick(stopping.signal), how),
    keepGitsPast(tree, ports, stopping.signal),
    every(STALE_SWEEP_MS, () => writer.projector.sweepStale(), how),
    every(PRUNE_MS, () => prune(house, version), { ...how, firstAfterMs: PRUNE_MS }),
    every(canaryMs, async () => void (await runCanary(house, writer)), { ...how, firstAfterMs: canaryMs }),
  ];

  let stopped: Promise<void> | null = null;
  function stop(reason: string): Promise<void> {
    stopped ??= (async () => {
      stopping.abort();
      await Promise.all([server.close(), hooks.close()]);
      await page?.close();
      await Promise.all(loops);
      await workspaces.stop();
      await eyes.stop();
      await judge.idle();
      note(house, "guard.stopped", { reason }, `holdfast stopped: ${reason}`);
      await writer.close();
      ending.resolve();
    })();
    return stopped;
  }
  return { house, page, ended: ending.promise, stop };
}

async function sweepAndJudge(eyes: Eyes, judge: GuardJudge): Promise<void> {
  await eyes.sweepNow(false);
  await judge.idle();
}

/** A port that is taken or a page that cannot be served keeps nobody's work unguarded. */
async function openPage(
  { openPage: open, ports }: DaemonOptions,
  house: House,
  handler: Handler,
): Promise<Page | null> {
  if (open === null) return null;
  const actor: Actor = { kind: "human", name: ports.process.userName() };
  const perform = async (name: string, raw: Record<string, unknown>, signal: AbortSignal) =>
    handler({ call: name, input: { input: raw, actor } }, { emit: () => undefined, signal });
  try {
    return await open({ house, perform });
  } catch (error) {
    if (!(error instanceof HoldfastError) && !isSystemError(error)) throw error;
    ports.log.error("the page is not served", error);
    return null;
  }
}

function linkTo(page: Page | null): { url: string; link: string } {
  if (page === null) throw new HoldfastError("PAGE_NOT_RUNNING", "the daemon was started without a page");
  return { url: page.url, link: page.link() };
}

/** Every writing verb, by its name; and what only a running daemon knows. */
function handlerOf(
  writer: Writer,
  loops: {
    inbox: Inbox;
    watching: Watching;
    version: string;
    sweep: StageHands["sweep"];
    page: () => Page | null;
  },
  onUninstall: () => void,
): Handler {
  const { inbox, watching, version, sweep, page } = loops;
  const { ports } = writer.house;
  return async ({ call, input }, { emit, signal }) => {
    if (call === "trouble") return watching.trouble();
    if (call === "eyes") return watching.eyes();
    if (call === "page") return linkTo(page());
    if (call === "workspaces") return watching.workspaces();
    if (call === "stage") return passStage((input as { name: StageName }).name, { writer, inbox, sweep }, signal);
    if (call === "remember") {
      await writer.rememberNow();
      return input === null ? null : noteEnded(input as HookReport, writer.house);
    }
    if (call === "note-hook") return noteHook(input as HookNote, writer.house);
    const operation = await findOperation(call);
    if (operation === null)
      throw new HoldfastError("PROTOCOL", `this daemon knows no verb "${call}"`, { hint: "restart `holdfast up`" });
    const { input: raw, actor } = input as { input: Record<string, unknown>; actor: Actor };
    const output = await operation.run(
      {
        ports,
        actor,
        version,
        signal,
        emit,
        located: { standing: "canonical", tree: writer.house.tree },
        progress: (what, done, total) => emit({ progress: { what, done, total } }),
        tree: writer.house.tree,
        house: writer.house,
        writer,
      },
      await parseInput(operation, raw),
    );
    if (call === "uninstall") onUninstall();
    return output;
  };
}

/** Views can all be lost with the tree; making every one again at each start would cost more the longer the ledger is. */
function viewsAreThere({ tree, config, ports }: House): boolean {
  const { state, dashboard, telemetry } = projectionPlaces(tree, config());
  return [state, dashboard, telemetry].every((place) => ports.disk.lstat(place) !== null);
}

async function prune(house: House, version: string): Promise<void> {
  const operation = await findOperation("vault prune");
  const { ports, tree } = house;
  const nothing = () => undefined;
  await operation?.run(
    {
      ports,
      actor: DAEMON,
      version,
      signal: new AbortController().signal,
      emit: nothing,
      progress: nothing,
      located: { standing: "canonical", tree },
      tree,
      house,
      writer: null,
    },
    { dryRun: false },
  );
}

function note<E extends "guard.started" | "guard.stopped">(
  { store, ledger }: House,
  event: E,
  data: EventData[E],
  summary: string,
): void {
  store.transaction(() => ledger.append({ event, actor: DAEMON, data, summary }));
}
