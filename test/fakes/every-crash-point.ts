/**
 * Runs something once for each of its operations, cuts the power there, reboots into what may have survived, and checks.
 *
 * ```ts
 * await everyCrashPoint({
 *   setup: ({ ports }) => plantTree(ports.disk),          // not counted, and durable afterwards
 *   run: ({ ports }) => applyPlan(plan, ports),
 *   recover: ({ ports }) => recover(ports),               // in the rebooted world
 *   check: ({ disk }) => expect(read(disk)).toBeOneOf([before, after]),
 * });
 * ```
 */

import { join } from "node:path";
import { NO_THREADS, type Ports } from "../../src/base/index.ts";
import { realPorts } from "../../src/platform/index.ts";
import { CrashStores } from "./crash-store.ts";
import { FakeClock } from "./fake-clock.ts";
import { type Operation, OperationCounter } from "./operation-counter.ts";
import { inScratchFolder } from "./scratch-folder.ts";
import { seededRandom } from "./seeded-random.ts";
import { SimulatedDisk } from "./simulated-disk.ts";

/** A machine of its own: nothing in it but the processes that it runs is real. */
export interface World {
  readonly ports: Ports;
  readonly disk: SimulatedDisk;
  readonly stores: CrashStores;
  readonly clock: FakeClock;
  readonly counter: OperationCounter;
}

export interface CrashPoint {
  /** The operation in whose place the power went; one more than there are: it went after the end. */
  readonly number: number;
  readonly operation: Operation | null;
  readonly seed: number;
}

export interface CrashExperiment {
  setup(world: World): void | Promise<void>;
  run(world: World): unknown;
  recover(world: World, point: CrashPoint): unknown;
  check(world: World, point: CrashPoint): void | Promise<void>;
  /** How many survivals to try at each point; the first two are "nothing unsynced survived" and "everything did". Default 4. */
  seedsPerPoint?: number;
  /** Cut the power once more, somewhere in the recovery, and recover again. Default true. */
  crashInRecovery?: boolean;
}

/** Resolves with the number of operations that `run` has; throws the first failed check, naming its crash point. */
export async function everyCrashPoint(experiment: CrashExperiment): Promise<number> {
  return inScratchFolder(async (folder) => {
    const operations = await traceOf(experiment, join(folder, "trace"));
    for (let number = 1; number <= operations.length + 1; number += 1) {
      const crashed = await crash(experiment, join(folder, `${number}`), number);
      for (let seed = 0; seed < (experiment.seedsPerPoint ?? 4); seed += 1) {
        const point = { number, operation: operations[number - 1] ?? null, seed };
        await named(point, () => rebootAndCheck(experiment, crashed, join(folder, `${number}-${seed}`), point));
      }
      crashed.stores.closeAll();
    }
    return operations.length;
  });
}

/** A world as `setup` made it, durable, with nothing counted yet. */
export function newWorld(folder: string): World {
  const counter = new OperationCounter();
  return worldOf(new SimulatedDisk({ counter }), new CrashStores({ folder, counter }), counter);
}

function worldOf(disk: SimulatedDisk, stores: CrashStores, counter: OperationCounter): World {
  const clock = new FakeClock();
  const ports: Ports = { ...realPorts(), disk, stores, clock, random: seededRandom(1), threads: NO_THREADS };
  return { ports, disk, stores, clock, counter };
}

async function prepared(experiment: CrashExperiment, folder: string): Promise<World> {
  const world = newWorld(folder);
  await world.counter.outsideAsync(async () => experiment.setup(world));
  world.disk.settle();
  return world;
}

async function traceOf(experiment: CrashExperiment, folder: string): Promise<Operation[]> {
  const world = await prepared(experiment, folder);
  const operations: Operation[] = [];
  world.counter.between = (operation) => void operations.push(operation);
  await experiment.run(world);
  world.stores.closeAll();
  return operations;
}

async function crash(experiment: CrashExperiment, folder: string, number: number): Promise<World> {
  const world = await prepared(experiment, folder);
  world.counter.crashAt(number);
  try {
    await experiment.run(world);
  } catch (error) {
    if (!world.counter.crashed) throw error;
  }
  return world;
}

async function rebootAndCheck(
  experiment: CrashExperiment,
  crashed: World,
  folder: string,
  point: CrashPoint,
): Promise<void> {
  let world = rebooted(crashed, join(folder, "first"), point.seed);
  if (experiment.crashInRecovery ?? true) {
    // Anywhere in the first 20 operations, moving with the point; a recovery that is over by then is simply recovered again.
    world.counter.crashAt(1 + ((point.number * 7 + point.seed * 3) % 20));
    try {
      await experiment.recover(world, point);
    } catch (error) {
      if (!world.counter.crashed) throw error;
    }
    world = rebooted(world, join(folder, "second"), point.seed);
  }
  await experiment.recover(world, point);
  await experiment.check(world, point);
  world.stores.closeAll();
}

/** The world after a power cut: one of the disks that may have survived, and the databases. */
export function rebooted(world: World, folder: string, seed: number): World {
  const counter = new OperationCounter();
  return worldOf(world.disk.afterCrash(seed, counter), world.stores.afterCrash({ folder, counter, seed }), counter);
}

async function named(point: CrashPoint, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const what = point.operation === null ? "after the end" : `${point.operation.name} ${point.operation.path}`;
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`Power cut at operation ${point.number} (${what}), seed ${point.seed}: ${message}`, {
      cause: error,
    });
  }
}
