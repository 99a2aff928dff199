/**
 * Bringing back what a workspace had: into it while it lives, else into a new folder beside where it stood, or the one that was named.
 *
 * With nothing named, of a workspace that went: what its incident says exists nowhere else. Nothing is overwritten in a folder that is
 * not the workspace; in a living one, what is replaced is in the vault first.
 */

import { isAbsolute, join, relative, resolve } from "node:path";
import {
  ABSENT,
  type Digest,
  type Entry,
  HoldfastError,
  type PresentEntry,
  sameEntry,
  type TreePath,
} from "../base/index.ts";
import { driftsOf, lastStates, meet, treeAt } from "../guard/index.ts";
import type { LedgerRecord } from "../ledger/index.ts";
import { isAtOrBelow, listWorkspaces, makeFolders, parseTreePath, type Tree, treePathOf } from "../tree/index.ts";
import type { Vault } from "../vault/index.ts";
import { applyElsewhere, entryAt, placesOf } from "../workorder/index.ts";
import { componentPaths } from "./component-paths.ts";
import { type OperationContext, writerOf } from "./operation.ts";

export interface WorkspaceRestore {
  readonly workspace: string;
  readonly to: string | undefined;
  readonly subjects: readonly string[];
  readonly cwd: string;
  readonly all: boolean;
  readonly from: string | undefined;
  readonly source: { upTo: number } | { digest: Digest } | "last-present";
  readonly dryRun: boolean;
}

interface Target {
  /** As the folder is looked at: its root, its git; the state folder is the tree's. */
  readonly tree: Tree;
  /** As the workspace sees it. */
  readonly vault: Vault;
  /** The folder is the living workspace itself. */
  readonly isWorkspace: boolean;
}

type Wanted = Map<TreePath, PresentEntry>;

export async function restoreWorkspace(request: WorkspaceRestore, context: OperationContext) {
  const target = await targetOf(request, context);
  const { tree, vault, isWorkspace } = target;
  const missing: Compared["unavailable"] = [];
  const wanted = await wantedStates(request, target, missing, context);
  if (isWorkspace) await vault.remember({ paths: [...wanted.keys()] });
  const point = vault.versionHead();
  const { changes, same, foreign, unavailable } = compare(wanted, target, context);
  const answer = { from: request.from ?? "last-present", to: tree.root, unavailable: [...missing, ...unavailable] };
  if (request.dryRun || changes.length === 0) {
    if (!request.dryRun) resolveIncidents(request.workspace, new Set(same), context);
    return {
      ...answer,
      restored: changes.map(({ path }) => path),
      kept: foreign,
      snapshotBefore: null,
      dryRun: request.dryRun,
    };
  }
  if (!isWorkspace) makeFolders(context.ports.disk, tree.root, 0o755);
  const places = placesOf(tree, context.house.config, context.ports);
  const { applied, kept } = await applyElsewhere(changes, { ports: context.ports, places, vault });
  if (isWorkspace) await vault.remember({ paths: applied as TreePath[] });
  record(request, { restored: applied, kept: kept.length + foreign.length, to: tree.root }, context);
  resolveIncidents(request.workspace, new Set([...applied, ...same]), context);
  const keptPaths = [...foreign, ...kept.map(({ path }) => path)];
  return {
    ...answer,
    restored: applied,
    kept: keptPaths,
    snapshotBefore: isWorkspace ? `V${point}` : null,
    dryRun: false,
  };
}

/** The name of the workspace that somebody stands in, for verbs that are given none. */
export function workspaceHere({ located, ports }: Pick<OperationContext, "located" | "ports">): string | null {
  if (located?.standing !== "workspace") return null;
  const { root, tree } = located;
  return listWorkspaces(tree, ports).find((one) => one.root === root)?.name ?? null;
}

async function targetOf({ workspace, to, cwd }: WorkspaceRestore, context: OperationContext): Promise<Target> {
  const { house, tree, ports } = context;
  const there = listWorkspaces(tree, ports).find(({ name, isThere }) => name === workspace && isThere);
  if (there !== undefined) await meet(there, house);
  const life = house.vault.workspaces().find(({ name }) => name === workspace);
  if (life === undefined)
    throw new HoldfastError("WORKSPACE_UNKNOWN", `the vault knows no workspace ${workspace}`, { data: { workspace } });
  const root = to === undefined ? (there?.root ?? `${life.root}-restored`) : resolve(cwd, to);
  if ((ports.disk.lstat(root)?.kind ?? "dir") !== "dir")
    throw new HoldfastError("PATH_INVALID", `${root} is no folder`, { data: { path: root } });
  const isWorkspace = root === there?.root;
  if (isAtOrBelow(root, tree.root) && !isWorkspace)
    throw new HoldfastError("PATH_INVALID", `${root} is inside the tree`, {
      hint: "name a folder outside it with --to",
    });
  const own = treeAt(workspace, root, house);
  return { tree: own, vault: house.vault.workspace(workspace, own), isWorkspace };
}

async function wantedStates(
  request: WorkspaceRestore,
  target: Target,
  missing: Compared["unavailable"],
  context: OperationContext,
): Promise<Wanted> {
  const { workspace, subjects, all, from, source } = request;
  const { vault } = target;
  if (subjects.length === 0 && !all && from === undefined) return lostStates(workspace, context);
  const paths =
    all || subjects.length === 0
      ? null
      : subjects.flatMap((subject) => subjectPaths(subject, request, target, context));
  const life = vault.workspaces().find(({ name }) => name === workspace)!;
  const states = new Map<TreePath, PresentEntry>();
  const isWanted = (path: string) => paths === null || paths.some((one) => isAtOrBelow(path, one));
  if (source === "last-present" && life.until !== null) {
    for (const [path, entry] of lastStates(vault, workspace, goneSince(workspace, context)))
      if (isWanted(path)) states.set(path, entry);
  } else {
    const plan = await vault.planRestore({ paths, from: source });
    for (const { path, after } of plan.effects) if (after.kind !== "absent") states.set(path, after);
    missing.push(...plan.missing);
    if (states.size === 0 && plan.missing.length > 0) throw nothingOf(workspace, plan.missing[0]!);
  }
  if (states.size === 0 && life.until !== null)
    throw nothingOf(workspace, { path: subjects[0] ?? ".", why: "the vault has nothing of it" });
  return states;
}

function nothingOf(workspace: string, { path, why }: Compared["unavailable"][number]): HoldfastError {
  const message = `${path} of workspace ${workspace} cannot be restored: ${why}`;
  return new HoldfastError("PATH_UNKNOWN", message, { data: { workspace, path } });
}

/** What its incident says exists nowhere else: the newest one's, whether or not somebody dealt with it. */
function lostStates(workspace: string, context: OperationContext): Wanted {
  const row = incidentsOf(workspace, context)[0];
  if (row === undefined)
    throw new HoldfastError(
      "USAGE",
      `nothing that existed only in workspace ${workspace} was lost; what is to be restored?`,
      {
        hint: `holdfast restore --workspace ${workspace} <path>, or --all`,
      },
    );
  const states = new Map<TreePath, PresentEntry>();
  for (const { path, goal } of driftsOf(row, context.house)) {
    if (goal.kind !== "absent") states.set(relative(row.workspace!.root, path) as TreePath, goal);
  }
  return states;
}

function incidentsOf(workspace: string, context: OperationContext) {
  const { incidents } = writerOf(context).guard;
  return incidents.rows().filter((row) => row.workspace?.name === workspace);
}

function goneSince(workspace: string, { house }: OperationContext): number {
  for (const record of house.ledger.read({ events: ["tree.workspace-gone"], newestFirst: true })) {
    const { data } = record as LedgerRecord<"tree.workspace-gone">;
    if (data.name === workspace) return Date.parse(data.since);
  }
  // Without a record that it went, its last state is what it had.
  return Number.MAX_SAFE_INTEGER;
}

function subjectPaths(
  subject: string,
  { cwd }: WorkspaceRestore,
  { tree, isWorkspace }: Target,
  { ports, house }: OperationContext,
): TreePath[] {
  if (subject in house.config().components) return componentPaths(subject, house);
  if (!isWorkspace && !isAbsolute(subject)) return [parseTreePath(subject)];
  const { disk } = ports;
  return [treePathOf(tree, subject, isAtOrBelow(cwd, tree.root) ? { disk, cwd } : { disk })];
}

interface Compared {
  readonly changes: { path: TreePath; before: Entry; after: PresentEntry }[];
  /** As wanted already. */
  readonly same: string[];
  /** Somebody's, in a folder that is none of ours. */
  readonly foreign: string[];
  readonly unavailable: { path: string; why: string }[];
}

function compare(wanted: Wanted, { tree, vault, isWorkspace }: Target, { ports, house }: OperationContext): Compared {
  const places = placesOf(tree, house.config, ports);
  const found: Compared = { changes: [], same: [], foreign: [], unavailable: [] };
  for (const [path, after] of withFolders(wanted, tree, ports)) {
    const before = ports.disk.lstat(tree.root) === null ? ABSENT : entryAt(ports.disk, places.absolute(path));
    if (sameEntry(before, after) || (before.kind === "dir" && after.kind === "dir")) found.same.push(path);
    else if (after.kind === "file" && !vault.has(after.digest))
      found.unavailable.push({ path, why: "its bytes were pruned or forgotten" });
    else if (before.kind !== "absent" && !isWorkspace) found.foreign.push(path);
    else found.changes.push({ path, before, after });
  }
  return found;
}

const DEFAULT_FOLDER_MODE = 0o755;

/** And the folders on the way that are not there. Parents first. */
function withFolders(wanted: Wanted, { root }: Tree, { disk }: OperationContext["ports"]): [TreePath, PresentEntry][] {
  const all = new Map<TreePath, PresentEntry>(wanted);
  for (const path of wanted.keys()) {
    for (let at = path.indexOf("/"); at > 0; at = path.indexOf("/", at + 1)) {
      const folder = path.slice(0, at) as TreePath;
      if (!all.has(folder) && disk.lstat(join(root, folder)) === null)
        all.set(folder, { kind: "dir", mode: DEFAULT_FOLDER_MODE });
    }
  }
  return [...all].sort(([a], [b]) => (a < b ? -1 : 1));
}

function record(
  { workspace, from }: WorkspaceRestore,
  { restored, kept, to }: { restored: readonly string[]; kept: number; to: string },
  { house, actor }: OperationContext,
): void {
  const summary = `restored ${restored.length} paths of workspace ${workspace} into ${to}${kept > 0 ? `, kept ${kept}` : ""}`;
  const data = { from: from ?? "last-present", restored: restored.length, kept, snapshotBefore: null };
  const paths = restored.map((path) => `${to}/${path}`);
  house.store.transaction(() => house.ledger.append({ event: "snapshot.restored", actor, paths, data, summary }));
}

/** An incident is over when everything that it names stands somewhere again. */
function resolveIncidents(workspace: string, there: ReadonlySet<string>, context: OperationContext): void {
  const { house, actor } = context;
  const { incidents } = writerOf(context).guard;
  for (const row of incidentsOf(workspace, context)) {
    if (row.state !== "open") continue;
    const lost = driftsOf(row, house).map(({ path }) => relative(row.workspace!.root, path));
    if (!lost.every((path) => there.has(path))) continue;
    const summary = `${row.id} resolved: put back by ${actor.name}`;
    house.store.transaction(() =>
      incidents.record({ event: "incident.resolved", actor, incident: row.id, data: { by: "repair" }, summary }),
    );
  }
}
