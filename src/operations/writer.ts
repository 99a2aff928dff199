/**
 * Writing to a tree: whoever holds the lock, and nobody else. The daemon holds it as long as it runs, a command for its own time.
 *
 * The lock is a database under `BEGIN EXCLUSIVE`: it ends with the process, however that ends. The holder file beside it only tells
 * people who it is.
 */

import { HoldfastError, LIMITS, type Ports } from "../base/index.ts";
import { membershipOf } from "../component/index.ts";
import {
  type CauseFinder,
  type EyesState,
  type GuardWorld,
  guardWorld,
  NO_WITNESS,
  rememberWorkspaces,
} from "../guard/index.ts";
import { recoverFromSegments } from "../ledger/index.ts";
import { AbandonedRuns } from "../rollback/index.ts";
import type { Tree } from "../tree/index.ts";
import { Engine, type OrderWorld, openProjector, type Projector } from "../workorder/index.ts";
import { readHolder, writeHolder } from "./holder.ts";
import { type House, openHouse } from "./house.ts";
import { rebuildLost } from "./rebuild.ts";
import { rollbackWorld } from "./rollback-world.ts";
import { serviceEyes } from "./service-eyes.ts";

const LOCK_POLL_MS_MIN = 2;
const LOCK_POLL_MS_MAX = 50;

export type WritableHouse = House & OrderWorld;

export interface Watching {
  readonly startedAt: string;
  trouble(): { code: string; message: string; hint: string }[];
  eyes(): EyesState;
  workspaces(): { name: string; root: string }[];
}

export interface Writer {
  house: WritableHouse;
  engine: Engine;
  projector: Projector;
  /** What checks, judges and repairs; without a daemon nobody is found to have done anything. */
  guard: GuardWorld;
  /** In the process of a daemon: what only that knows. `null` in a command's own. */
  watching: Watching | null;
  /** Everything is in the vault as it stands, at rest or not. In the daemon, which sees what changes, it costs what changed. */
  rememberNow(): Promise<void>;
  /** Everything settled, projected and exported; then the lock is free. */
  close(): Promise<void>;
}

/** Takes the lock, recovers, and hands over everything that writes. `LOCK_BUSY` names the holder after `LIMITS.lockWaitMsMax`. */
export async function openWriter(
  tree: Tree,
  ports: Ports,
  {
    command,
    waitMs = LIMITS.lockWaitMsMax,
    causes = NO_WITNESS,
  }: { command: string; waitMs?: number; causes?: CauseFinder },
): Promise<Writer> {
  const lock = await waitForLock(tree, ports, waitMs);
  try {
    writeHolder(tree, ports, command);
    await rebuildLost(tree, ports);
    const opened = await openHouse(tree, ports, { readOnly: false });
    const house = { ...opened, membership: () => membershipOf(opened.config()) };
    recoverFromSegments({ store: house.store, disk: ports.disk, segmentsDir: tree.state.segments });
    const projector = openProjector(house);
    const engine = new Engine(house, (rows) => projector.changed(rows));
    await engine.recover();
    const writer: Writer = {
      house,
      engine,
      projector,
      guard: guardWorld(house, { causes, engine, services: serviceEyes(house) }),
      watching: null,
      async rememberNow() {
        await house.vault.remember({});
        await rememberWorkspaces(house);
      },
      async close() {
        await engine.stop();
        projector.recorded();
        await projector.flush();
        await house.ledger.exportSegments();
        house.close();
        lock.release();
      },
    };
    await new AbandonedRuns(rollbackWorld(writer)).end();
    return writer;
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function waitForLock(tree: Tree, ports: Ports, waitMs: number): Promise<{ release(): void }> {
  const untilMs = ports.clock.monotonicMs() + waitMs;
  for (let pollMs = LOCK_POLL_MS_MIN; ; pollMs = Math.min(LOCK_POLL_MS_MAX, pollMs * 1.5)) {
    const lock = ports.stores.tryLock(tree.state.lock);
    if (lock !== null) return lock;
    if (ports.clock.monotonicMs() >= untilMs) throw busy(tree, ports);
    // Many waiters must not knock in step.
    await ports.clock.sleep(pollMs * (0.5 + ports.random.bytes(1)[0]! / 256));
  }
}

function busy(tree: Tree, ports: Ports): HoldfastError {
  const holder = readHolder(tree, ports);
  const who = holder ? `${holder.command} (pid ${holder.pid}, since ${holder.since})` : "another process";
  return new HoldfastError("LOCK_BUSY", `${who} is writing to this tree`, { data: { holder } });
}
