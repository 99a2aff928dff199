/**
 * An order engine on a simulated machine: tree and state folder on the simulated disk, SQLite behind the crash store.
 *
 * Commands cannot run there: orders that have some are tested on a real disk (`steps.test.ts`).
 */

import { expect } from "vitest";
import { type Disk, digestOf, type Entry, type Ports, type TreeId, type WorkOrderId } from "../../src/base/index.ts";
import { componentMigrations, membershipOf, openBaselines } from "../../src/component/index.ts";
import { ledgerMigrations, openLedger } from "../../src/ledger/index.ts";
import { type Config, defaultConfig, PathSet, stateFolder, type Tree } from "../../src/tree/index.ts";
import { openVault, vaultMigrations } from "../../src/vault/index.ts";
import {
  Engine,
  type Operation,
  type OrderRow,
  type OrderWorld,
  openJournal,
  openOrderBook,
  orderFromOperations,
  orderMigrations,
  placesOf,
  type Stage,
  type Submission,
  type WorkOrder,
} from "../../src/workorder/index.ts";
import type { World } from "../fakes/index.ts";
import { seededRandom } from "../fakes/seeded-random.ts";

export const ROOT = "/home/me/tree";
const STATE = "/home/me/state";
/** A folder outside the tree, which nothing may ever touch. */
export const ELSEWHERE = "/home/me/elsewhere";

/** What the tree holds, path by path: `"text"`, `["text", mode]`, `{to: target}`, or `null` / a mode for a folder. */
export type Planted = Record<string, string | [string, number] | { to: string } | { folder: number }>;

export interface Machine {
  world: OrderWorld;
  engine: Engine;
  /** The stage in which each order was when the engine last told of it. */
  told: Map<string, Stage>;
}

const MIGRATIONS = [...ledgerMigrations, ...vaultMigrations, ...componentMigrations, ...orderMigrations];
let openings = 1;

/** A machine that was just set up: folders, an empty database, and a tree. */
export function plant(world: World, planted: Planted): void {
  const { disk } = world;
  const state = stateFolder(STATE, "t1" as TreeId, world.ports.process);
  for (const folder of ["/home", "/home/me", ROOT, STATE, ELSEWHERE, state.dir]) disk.mkdir(folder, 0o755);
  for (const folder of [state.packs, state.segments, state.scratch, state.projections]) disk.mkdir(folder, 0o700);
  const store = world.stores.open(state.db);
  for (const { sql } of MIGRATIONS) store.exec(sql);
  store.close();
  plantFiles(disk, ROOT, planted);
}

export function plantFiles(disk: Disk, root: string, planted: Planted): void {
  for (const [path, what] of Object.entries(planted)) {
    const place = `${root}/${path}`;
    if (typeof what === "string") writeFile(disk, place, what);
    else if (Array.isArray(what)) writeFile(disk, place, what[0], what[1]);
    else if ("to" in what) disk.symlink(what.to, place);
    else {
      disk.mkdir(place, what.folder);
      disk.chmod(place, what.folder);
    }
  }
}

export function writeFile(disk: Disk, place: string, text: string, mode = 0o644): void {
  const fd = disk.createNew(place, mode);
  disk.write(fd, Buffer.from(text), null);
  disk.fchmod(fd, mode);
  disk.close(fd);
}

/** What `init` does, and a process that starts: opens everything, recovers nothing. */
export function open({ ports, stores }: World, config: Partial<Config> = {}): Machine {
  // Ids must not come again after a reboot, as they do not in the real world.
  openings += 1;
  const own: Ports = { ...ports, random: seededRandom(openings), log: { info() {}, warn() {}, error() {} } };
  const state = stateFolder(STATE, "t1" as TreeId, own.process);
  const tree: Tree = { id: "t1" as TreeId, root: ROOT, state, git: null };
  const store = stores.open(state.db);
  const settings: Config = { ...defaultConfig(), ...config };
  const ledger = openLedger({ store, ports: own, tree: tree.id, segmentsDir: state.segments });
  const vault = openVault({ store, ports: own, tree, config: () => settings, protectedPaths: () => new PathSet() });
  const world: OrderWorld = {
    ports: own,
    tree,
    store,
    ledger,
    vault,
    baselines: openBaselines(store),
    config: () => settings,
    book: openOrderBook({ store, ledger, vault }),
    journal: openJournal(store, own.clock),
    places: placesOf(tree, () => settings, own),
    membership: () => membershipOf(settings),
    branch: () => null,
  };
  const told = new Map<string, Stage>();
  const onChange = (rows: readonly OrderRow[]) => {
    for (const { id, stage } of rows) told.set(id, stage);
  };
  // A power cut comes as an error that nobody may catch: `drained` throws it.
  return { world, engine: new Engine(world, onChange, () => undefined), told };
}

/** Lets `work` run to its end while the clock runs as fast as it can. */
export async function whileTimePasses<T>({ clock }: World, work: Promise<T>): Promise<T> {
  let over = false;
  const ended = work.then(
    (value) => () => value,
    (error: unknown) => () => {
      throw error;
    },
  );
  void ended.then(() => {
    over = true;
  });
  while (!over) await clock.advance(100);
  return (await ended)();
}

export async function submitAll(world: World, { engine }: Machine, orders: readonly Submission[]): Promise<void> {
  const receptions = engine.submit(orders);
  const drained = engine.drained();
  await whileTimePasses(world, Promise.all([receptions, drained]));
}

/** A process that starts after a crash. */
export async function restart(world: World): Promise<Machine> {
  const machine = open(world);
  await whileTimePasses(
    world,
    machine.engine.recover().then(() => machine.engine.drained()),
  );
  return machine;
}

const base64 = (text: string) => Buffer.from(text).toString("base64");

export const write = (path: string, text: string, mode: number | null = null): Operation => ({
  op: "write",
  path,
  content: base64(text),
  mode,
  sha256: null,
});
export const append = (path: string, text: string): Operation => ({
  op: "append",
  path,
  content: base64(text),
  mode: null,
});

export function order(id: string, operations: Operation[], parts: Partial<WorkOrder> = {}): Submission {
  const body = orderFromOperations({ id: id as WorkOrderId, title: id, tags: [], operations });
  const whole = { ...body, idempotent: false, ...parts };
  const raw = Buffer.from(JSON.stringify(whole));
  const from = { filename: null, agent: null, via: "cli", inboxPath: null } as const;
  return { order: whole, raw, ...from, actor: { kind: "human", name: "me" } };
}

/** The tree as text: one line a path, with mode and content. */
export function picture(disk: Disk, root: string = ROOT): string[] {
  const lines: string[] = [];
  const look = (place: string, path: string) => {
    const stat = disk.lstat(place)!;
    const mode = (stat.mode & 0o7777).toString(8);
    if (stat.kind === "link") lines.push(`${path} -> ${disk.readlink(place)}`);
    else if (stat.kind === "file") lines.push(`${path} ${mode} ${readFile(disk, place)}`);
    else if (stat.kind === "other") lines.push(`${path} other`);
    else {
      if (path !== "") lines.push(`${path}/ ${mode}`);
      const names = disk.list(place).names.map(({ name }) => name);
      for (const name of names.sort()) look(`${place}/${name}`, path === "" ? name : `${path}/${name}`);
    }
  };
  look(root, "");
  return lines;
}

export function readFile(disk: Disk, place: string): string {
  const fd = disk.openRead(place);
  try {
    const buffer = Buffer.alloc(disk.fstat(fd).sizeBytes);
    disk.read(fd, buffer, 0, buffer.length, 0);
    return buffer.toString();
  } finally {
    disk.close(fd);
  }
}

/** What must hold of any machine at rest, whatever anybody did to its tree. */
export async function expectUnhurt({ world, told }: Machine): Promise<void> {
  // A folder that somebody moved took along what lay in it.
  expect(picture(world.ports.disk).filter((line) => line.includes(".holdfast-") && !line.includes(".moved/"))).toEqual(
    [],
  );
  expect(world.journal.entries()).toEqual([]);
  expect(world.ledger.verify()).toMatchObject({ ok: true });
  expect(await world.vault.verify()).toMatchObject({ ok: true, corrupt: [], missing: [] });
  for (const [id, stage] of told) expect(stage, id).toBe(world.book.mustRow(id).stage);
}

/** What must hold besides where nobody else wrote. */
export async function expectInOrder(machine: Machine): Promise<void> {
  const { world } = machine;
  await expectUnhurt(machine);
  for (const { path, entry } of world.baselines.all())
    expect({ path, entry: at(world, path) }).toEqual({ path, entry });
}

/** How often each order was accepted. */
export function acceptances({ world }: Machine): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { wo } of world.ledger.read({ events: ["wo.accepted"] })) counts[wo!] = (counts[wo!] ?? 0) + 1;
  return counts;
}

function at({ ports: { disk } }: OrderWorld, path: string): Entry {
  const place = `${ROOT}/${path}`;
  const stat = disk.lstat(place);
  if (stat === null) return { kind: "absent" };
  if (stat.kind === "link") return { kind: "link", target: disk.readlink(place) };
  if (stat.kind === "dir") return { kind: "dir", mode: stat.mode };
  const text = Buffer.from(readFile(disk, place));
  return { kind: "file", digest: digestOf(text), sizeBytes: text.length, mode: stat.mode };
}
