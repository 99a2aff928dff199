/** For tests of this room: an inbox with its engine, and files dropped into it. */

import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { FakeClock } from "../../test/fakes/index.ts";
import type { Clock, Ports } from "../base/index.ts";
import { Engine } from "./engine.ts";
import { type Inbox, openInbox, type Scanned } from "./inbox.ts";
import type { OrderWorld } from "./world.ts";
import type { TestTree } from "./world-fixture.ts";

export interface Intake {
  world: OrderWorld;
  engine: Engine;
  inbox: Inbox;
  /** Scans until nothing waits and every order is at rest. */
  drain(): Promise<Scanned>;
}

/** A daemon's part that takes orders in, as it is after a start. */
export async function openIntake(tree: TestTree, ports: Partial<Ports> = {}): Promise<Intake> {
  const world = tree.open(ports);
  const engine = new Engine(world, () => undefined);
  await engine.recover();
  const inbox = openInbox(world, engine);
  return {
    world,
    engine,
    inbox,
    async drain() {
      const all: Scanned = { taken: [], setAside: [], waiting: 1 };
      while (all.waiting > 0) {
        const { taken, setAside, waiting } = await inbox.scan();
        all.taken.push(...taken);
        all.setAside.push(...setAside);
        all.waiting = waiting;
        if (waiting > 0) await pass(world.ports.clock, inbox.settleMs());
      }
      await letPass(engine.drained(), world.ports.clock);
      return all;
    },
  };
}

/** A fake clock is moved, the real one waited for. */
export async function pass(clock: Clock, ms: number): Promise<void> {
  await (clock instanceof FakeClock ? clock.advance(ms) : clock.sleep(ms));
}

/** Moves a fake clock until `work` is done. */
export async function letPass<T>(work: Promise<T>, clock: Clock): Promise<T> {
  let isDone = false;
  const done = work.finally(() => {
    isDone = true;
  });
  while (!isDone && clock instanceof FakeClock) await (clock.sleepers > 0 ? clock.advance(10) : clock.breathe());
  return done;
}

/** Appears whole, as `mv` makes it. */
export function drop(tree: TestTree, path: string, content: string | Uint8Array): string {
  const place = tree.place(path);
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(`${dirname(place)}/.dropping`, content);
  renameSync(`${dirname(place)}/.dropping`, place);
  return place;
}

export function orderText(id: string, path: string, content: string): string {
  return `wo_id: ${id}\ntitle: writes ${path}\nfiles:\n  - path: ${path}\n    content: ${JSON.stringify(content)}\n`;
}
