import { expect, test } from "vitest";
import type { Disk, TreeId } from "../../src/base/index.ts";
import {
  type Ledger,
  ledgerMigrations,
  type NewRecord,
  openLedger,
  openProjector,
  recoverFromSegments,
  telemetry,
} from "../../src/ledger/index.ts";
import { everyCrashPoint, type World } from "../fakes/index.ts";

const SEGMENTS = "/state/ledger";
const TELEMETRY = "/tree/g/telemetry/unified.jsonl";
const FOREIGN = '{"event":"router.start","seq":1}';

test("a power cut while records are appended and exported leaves a ledger that verifies and goes on", async () => {
  const operations = await everyCrashPoint({
    setup: ({ ports, stores }) => {
      ports.disk.mkdir("/state", 0o700);
      migrate(stores.open("holdfast.db"));
    },
    run: async (world) => {
      const { ledger, append } = opened(world);
      for (let round = 0; round < 3; round += 1) {
        append(4);
        await ledger.exportSegments();
      }
    },
    recover: (world) => recoverAll(world),
    check: async (world) => {
      const { ledger, append } = opened(world);
      append(1);
      await ledger.exportSegments();
      const records = ledger.head().seq;
      expect(records % 4).toBe(1);
      expect(ledger.verify()).toMatchObject({ ok: true, records, segments: [{ ok: true, records }] });
    },
  });
  expect(operations).toBeGreaterThan(10);
});

test("what an export has returned for survives the power cut and the loss of the database", async () => {
  let exported = 0;
  await everyCrashPoint({
    setup: ({ ports, stores }) => {
      ports.disk.mkdir("/state", 0o700);
      migrate(stores.open("holdfast.db"));
    },
    run: async (world) => {
      exported = 0;
      const { ledger, append } = opened(world);
      append(4);
      await ledger.exportSegments();
      exported = ledger.head().seq;
      append(4);
      append(4);
    },
    recover: () => {},
    check: (world) => {
      const store = world.stores.open("another.db");
      for (const { sql } of ledgerMigrations) store.exec(sql);
      const { imported } = recoverFromSegments({ store, disk: world.disk, segmentsDir: SEGMENTS });
      expect(imported).toBeGreaterThanOrEqual(exported);
    },
  });
});

test("a power cut while a projection is written costs no line and doubles none", async () => {
  const operations = await everyCrashPoint({
    setup: ({ ports, stores }) => {
      for (const folder of ["/state", "/tree"]) ports.disk.mkdir(folder, 0o700);
      migrate(stores.open("holdfast.db"));
    },
    run: async (world) => {
      const { append } = opened(world);
      append(2);
      await follow(world);
      others(world.disk, `${FOREIGN}\n`);
      append(12);
      await follow(world);
    },
    recover: (world) => follow(world),
    check: async (world) => {
      const { append, ledger } = opened(world);
      append(1);
      await follow(world);
      const seqs = ownSeqs(read(world.disk, TELEMETRY)).sort((a, b) => a - b);
      expect(seqs).toEqual([...ledger.read()].map(({ seq }) => seq));
    },
  });
  expect(operations).toBeGreaterThan(10);
});

function migrate(store: ReturnType<World["stores"]["open"]>): void {
  for (const { sql } of ledgerMigrations) store.exec(sql);
  store.close();
}

function opened({ ports, stores }: World): { ledger: Ledger; append(count: number): void; close(): void } {
  const store = stores.open("holdfast.db");
  const ledger = openLedger({ store, ports, tree: "T1" as TreeId, segmentsDir: SEGMENTS });
  const data = { reason: "x".repeat(1_500) };
  const record: NewRecord = { event: "guard.stopped", actor: { kind: "human", name: "ann" }, summary: "s", data };
  return {
    ledger,
    append(count) {
      store.transaction(() => {
        for (let index = 0; index < count; index += 1) ledger.append(record);
      });
    },
    close: () => store.close(),
  };
}

function recoverAll(world: World): Promise<void> {
  const store = world.stores.open("holdfast.db");
  recoverFromSegments({ store, disk: world.disk, segmentsDir: SEGMENTS });
  return opened(world).ledger.exportSegments();
}

async function follow(world: World): Promise<void> {
  const store = world.stores.open("holdfast.db");
  const { ledger } = opened(world);
  const projector = openProjector({ store, ledger, clock: world.clock, disk: world.disk });
  await projector.follow(telemetry(TELEMETRY, { store, disk: world.disk, root: "/tree" }));
}

/** Another program, which syncs nothing. */
function others(disk: Disk, text: string): void {
  const fd = disk.openAppend(TELEMETRY, 0o644);
  disk.write(fd, Buffer.from(text), null);
  disk.close(fd);
}

/** Of whole lines; what a crash left of a line is nobody's. */
function ownSeqs(text: string): number[] {
  const own = /^\{"ts":"[^"]+","agent":"guardrail",.*"seq":(\d+)\}$/gm;
  return [...text.matchAll(own)].map(([, seq]) => Number(seq));
}

function read(disk: Disk, path: string): string {
  const fd = disk.openRead(path);
  const buffer = Buffer.alloc(disk.fstat(fd).sizeBytes);
  disk.read(fd, buffer, 0, buffer.length, 0);
  disk.close(fd);
  return buffer.toString();
}
