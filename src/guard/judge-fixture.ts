/** A tree under git with everything that judges and repairs, over real files; the eyes are played by `settle`. For tests of this room. */

import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Ports, TreeId, TreePath } from "../base/index.ts";
import { readCommand } from "../cause/index.ts";
import { acceptPaths, componentMigrations, membershipOf, openBaselines } from "../component/index.ts";
import { ledgerMigrations, openLedger } from "../ledger/index.ts";
import { realPorts } from "../platform/index.ts";
import { type Config, headOf, parseConfig, stateFolder, type Tree } from "../tree/index.ts";
import { openVault, vaultMigrations } from "../vault/index.ts";
import { Engine, type OrderWorld, openJournal, openOrderBook, orderMigrations, placesOf } from "../workorder/index.ts";
import { type CauseFinder, type Culprit, NO_WITNESS } from "./cause-finder.ts";
import type { Settled } from "./contract.ts";
import type { IncidentRow } from "./incident-row.ts";
import { type GuardJudge, openJudge } from "./judge.ts";
import { lookedMigrations } from "./looked.ts";
import { judgementMigrations } from "./schema.ts";
import { type GuardWorld, guardWorld } from "./world.ts";

export interface JudgeWorld extends GuardWorld {
  readonly root: string;
  readonly judge: GuardJudge;
  /** Who is found to have done it, from now on; `null`: nobody. */
  blame(who: Culprit["who"] | null, command?: string, recordedBy?: string): void;
  /** What somebody does while the witnesses are asked, once. */
  meanwhile(work: () => Promise<void>): void;
  git(...args: string[]): string;
  write(path: string, text: string, mode?: number): void;
  read(path: string): string | null;
  mode(path: string): number;
  remove(path: string): void;
  /** The tree comes to rest: remembered, judged, and every repair carried out. */
  settle(how?: Partial<Pick<Settled, "by" | "blind">> & { stillSettling?: string[] }): Promise<void>;
  accept(...paths: string[]): Promise<void>;
  configure(text: string): void;
  pass(ms: number): void;
  cases(): IncidentRow[];
  events(event: string): number;
  /** As a process that starts after this one was killed: nothing in memory is left. */
  restart(): Promise<JudgeWorld>;
  close(): Promise<void>;
}

export async function judgeWorld(config = "components: { tools: { paths: [tools] } }"): Promise<JudgeWorld> {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "holdfast-judge-")));
  const root = join(base, "tree");
  mkdirSync(root);
  git(root, "init", "-q", "-b", "main");
  return open(base, root, { config: parseConfig(`v: 1\n${config}`), offsetMs: 0 });
}

interface Shared {
  config: Config;
  offsetMs: number;
}

function open(base: string, root: string, shared: Shared): JudgeWorld {
  const real = realPorts();
  const ports: Ports = { ...real, clock: { ...real.clock, now: () => real.clock.now() + shared.offsetMs } };
  const state = stateFolder(join(base, "state"), "t1" as TreeId, ports.process);
  for (const folder of [state.dir, state.packs, state.segments, state.scratch]) mkdirSync(folder, { recursive: true });
  const tree: Tree = { id: "t1" as TreeId, root, state, git: ports.git.locate(root) };
  const house = orderWorld(tree, ports, () => shared.config);
  const engine = new Engine(house, () => undefined);
  let found: Awaited<ReturnType<CauseFinder["find"]>> = { cause: null, others: [], recordedBy: null };
  let meanwhile: (() => Promise<void>) | null = null;
  const find = async () => {
    const work = meanwhile;
    meanwhile = null;
    await work?.();
    return found;
  };
  const world = guardWorld(house, { causes: { ...NO_WITNESS, find }, engine });
  const judge = openJudge(world);
  let judgedUpTo = world.vault.versionHead();
  return {
    ...world,
    root,
    judge,
    blame(who, command, recordedBy) {
      const culprit = (text: string): Culprit => ({
        what: text,
        act: text,
        who: who ?? "somebody",
        actor: who,
        pid: 1,
        session: null,
        confidence: 0.9,
        reading: readCommand(text.split(" "), { cwd: root, workTree: root }),
      });
      found = {
        cause: who === null || command === undefined ? null : culprit(command),
        others: [],
        recordedBy: recordedBy === undefined ? null : culprit(recordedBy),
      };
    },
    meanwhile: (work) => {
      meanwhile = work;
    },
    git: (...args) => git(root, ...args),
    write(path, text, mode) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
      if (mode !== undefined) chmodSync(join(root, path), mode);
    },
    read: (path) => (existsSync(join(root, path)) ? readFileSync(join(root, path), "utf8") : null),
    mode: (path) => statSync(join(root, path)).mode & 0o7777,
    remove: (path) => rmSync(join(root, path), { recursive: true, force: true }),
    async settle({ by = "event", blind = null, stillSettling = [] } = {}) {
      const sinceMs = ports.clock.now();
      for (let again = true; again; ) {
        await world.vault.remember({});
        const head = world.vault.versionHead();
        const changes = world.vault.changesBetween(judgedUpTo, head);
        judgedUpTo = head;
        await judge.judge({
          changes: changes.filter(({ path }) => !stillSettling.includes(path)),
          sinceMs,
          untilMs: ports.clock.now(),
          by,
          blind,
          skipped: [],
          stillSettling: new Set(stillSettling as TreePath[]),
        });
        await judge.idle();
        again = world.vault.versionHead() > judgedUpTo;
      }
    },
    async accept(...paths) {
      const request = {
        paths: paths as TreePath[],
        component: null,
        reason: "test",
        actor: { kind: "human", name: "me" },
      } as const;
      await acceptPaths(request, world);
      judgedUpTo = world.vault.versionHead();
    },
    configure: (text) => void Object.assign(shared, { config: parseConfig(`v: 1\n${text}`) }),
    pass: (ms) => void Object.assign(shared, { offsetMs: shared.offsetMs + ms }),
    cases: () => world.incidents.rows(),
    events: (event) => [...world.ledger.read({ events: [event as never] })].length,
    async restart() {
      await engine.stop();
      world.vault.close();
      world.store.close();
      return open(base, root, shared);
    },
    async close() {
      await judge.idle();
      await engine.stop();
      world.vault.close();
      world.store.close();
      rmSync(base, { recursive: true, force: true });
    },
  };
}

function orderWorld(tree: Tree, ports: Ports, config: () => Config): OrderWorld {
  const isNew = ports.disk.lstat(tree.state.db) === null;
  const store = ports.stores.open(tree.state.db);
  const migrations = [
    ...ledgerMigrations,
    ...vaultMigrations,
    ...componentMigrations,
    ...orderMigrations,
    ...judgementMigrations,
    ...lookedMigrations,
  ];
  if (isNew) for (const { sql } of migrations) store.exec(sql);
  const ledger = openLedger({ store, ports, tree: tree.id, segmentsDir: tree.state.segments });
  const baselines = openBaselines(store);
  const vault = openVault({ store, ports, tree, config, protectedPaths: () => baselines.named() });
  return {
    ports,
    tree,
    config,
    store,
    ledger,
    vault,
    baselines,
    book: openOrderBook({ store, ledger, vault }),
    journal: openJournal(store, ports.clock),
    places: placesOf(tree, config, ports),
    membership: () => membershipOf(config()),
    branch: () => headOf(tree, ports.git)?.branch ?? null,
  };
}

function git(cwd: string, ...args: string[]): string {
  const identity = ["-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"];
  const env = { PATH: process.env["PATH"] ?? "", HOME: cwd, GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" };
  return execFileSync("git", [...identity, ...args], { cwd, env, stdio: "pipe" }).toString();
}
