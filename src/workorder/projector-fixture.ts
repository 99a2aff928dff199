/** For tests of this room: an engine whose orders are shown, on a clock that a test moves. */

import { FakeClock } from "../../test/fakes/index.ts";
import type { Ports } from "../base/index.ts";
import { Engine } from "./engine.ts";
import { letPass } from "./inbox-fixture.ts";
import type { Operation } from "./order.ts";
import { orderFromOperations } from "./order-from-operations.ts";
import type { OrderRow } from "./order-row.ts";
import { openProjector, type Projector } from "./projector.ts";
import type { OrderWorld } from "./world.ts";
import type { TestTree } from "./world-fixture.ts";

export interface ShownOrders {
  world: OrderWorld;
  engine: Engine;
  projector: Projector;
  clock: FakeClock;
  /** Writes `<id>.txt` unless other operations are given; resolves when the order is at rest. */
  submit(id: string, how?: { agent?: string; via?: OrderRow["via"]; operations?: Operation[] }): Promise<OrderRow>;
}

/** As a process that starts at `nowMs`. */
export function openShown(
  tree: TestTree,
  { nowMs = Date.now(), ports = {} }: { nowMs?: number; ports?: Partial<Ports> } = {},
): ShownOrders {
  const clock = new FakeClock(nowMs);
  const world = tree.open({ clock, ...ports });
  const projector = openProjector(world);
  const engine = new Engine(world, (rows) => projector.changed(rows));
  return {
    world,
    engine,
    projector,
    clock,
    async submit(id, { agent = "CLC", via = "cli", operations = [textAt(`${id}.txt`, id)] } = {}) {
      const order = orderFromOperations({ id: id as OrderRow["id"], title: `title of ${id}`, tags: [], operations });
      const raw = Buffer.from(JSON.stringify(order));
      await engine.submit([
        { order, raw, filename: null, agent, via, inboxPath: null, actor: { kind: "human", name: "ann" } },
      ]);
      await letPass(engine.drained(), clock);
      return world.book.mustRow(id);
    },
  };
}

function textAt(path: string, content: string): Operation {
  return { op: "write", path, content: Buffer.from(content).toString("base64"), mode: null, sha256: null };
}
