/**
 * The canary: a tiny order that goes the whole way, end to end, and cleans up after itself.
 *
 * Every step is looked at from outside: the file on disk, the state file, the telemetry line, the ledger record.
 */

import { digestOf, type HoldfastError, isoTime, type TreePath, type WorkOrderId } from "../base/index.ts";
import type { Actor } from "../ledger/index.ts";
import { projectionPlaces } from "../tree/index.ts";
import {
  bytesAt,
  type Engine,
  entryAt,
  type OrderWorld,
  orderFromOperations,
  type Projector,
  type Submission,
} from "../workorder/index.ts";

export interface CanaryResult {
  ok: boolean;
  id: string;
  steps: { name: string; ok: boolean; ms: number; why?: string }[];
}

const CANARY: Actor = { kind: "service", name: "canary" };

export async function runCanary(
  world: OrderWorld,
  { engine, projector }: { engine: Engine; projector: Projector },
): Promise<CanaryResult> {
  const { ports, config, book, tree } = world;
  const id = canaryId(world);
  const path = (config().layout === null ? ".holdfast-canary.txt" : "tmp/canary_test.txt") as TreePath;
  const content = Buffer.from(`Pipeline working at ${isoTime(ports.clock.now())}\n`);
  const steps: CanaryResult["steps"] = [];
  let ok = true;
  const step = async (name: string, work: () => Promise<string | null> | string | null) => {
    if (!ok) return;
    const beganMs = ports.clock.monotonicMs();
    const why = await work();
    ok = why === null;
    steps.push({ name, ok, ms: Math.round(ports.clock.monotonicMs() - beganMs), ...(why === null ? {} : { why }) });
  };

  await step("submitted", () =>
    submit(
      engine,
      submissionOf(id, [{ op: "write", path, content: content.toString("base64"), mode: null, sha256: null }]),
    ),
  );
  await step("accepted", async () => {
    const row = await engine.finished(id);
    return row.stage === "accepted" ? null : `it ended ${row.stage}: ${row.error?.message ?? ""}`;
  });
  await step("written", () => {
    const entry = entryAt(ports.disk, world.places.absolute(path));
    return entry.kind === "file" && entry.digest === digestOf(content)
      ? null
      : `${path} does not hold what the order wrote`;
  });
  await step("projected", async () => {
    await projector.flush();
    return lookAtProjections(id, world);
  });
  await step("cleaned", async () => {
    const end = `${id}-END` as WorkOrderId;
    const why = await submit(engine, submissionOf(end, [{ op: "delete", path }]));
    if (why !== null) return why;
    const row = await engine.finished(end);
    return row.stage === "accepted" && ports.disk.lstat(`${tree.root}/${path}`) === null
      ? null
      : `${path} could not be removed`;
  });
  record({ ok, id, steps }, world);
  return { ok: ok && book.row(id)?.stage === "accepted", id, steps };
}

function canaryId({ ports }: OrderWorld): WorkOrderId {
  const stamp = isoTime(ports.clock.now())
    .replace(/[-:]|\.\d+Z$/g, "")
    .replace("T", "-");
  return `WO-CANARY-${stamp}-${ports.random.bytes(3).toString("hex")}` as WorkOrderId;
}

function submissionOf(
  id: WorkOrderId,
  operations: Parameters<typeof orderFromOperations>[0]["operations"],
): Submission {
  const order = orderFromOperations({ id, title: "Pipeline Test", tags: ["canary"], operations });
  return {
    order,
    raw: Buffer.from(JSON.stringify(order)),
    filename: null,
    agent: null,
    via: "canary",
    inboxPath: null,
    actor: CANARY,
  };
}

async function submit(engine: Engine, submission: Submission): Promise<string | null> {
  const [reception] = await engine.submit([submission]);
  return reception !== undefined && "taken" in reception ? null : ((reception as HoldfastError).message ?? "not taken");
}

function lookAtProjections(id: WorkOrderId, { ports, tree, config }: OrderWorld): string | null {
  const places = projectionPlaces(tree, config());
  const state = `${places.state}/${id}.json`;
  if (ports.disk.lstat(state)?.kind !== "file") return "its state file was not written";
  if (!bytesAt(ports.disk, state).toString().includes('"done"')) return "its state file does not say done";
  if (ports.disk.lstat(places.telemetry)?.kind !== "file") return "there is no telemetry";
  return tailHas(places.telemetry, id, ports.disk) ? null : "telemetry has no line of it";
}

const TAIL_BYTES = 256 * 1024;

function tailHas(path: string, text: string, disk: OrderWorld["ports"]["disk"]): boolean {
  const fd = disk.openRead(path);
  try {
    const size = disk.fstat(fd).sizeBytes;
    const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
    const count = disk.read(fd, tail, 0, tail.length, size - tail.length);
    return tail.subarray(0, count).includes(text);
  } finally {
    disk.close(fd);
  }
}

function record({ ok, id, steps }: CanaryResult, { store, ledger }: OrderWorld): void {
  const ms = steps.reduce((sum, step) => sum + step.ms, 0);
  const failed = steps.find((step) => !step.ok);
  store.transaction(() => {
    if (ok || !failed) {
      ledger.append({
        event: "canary.ok",
        actor: CANARY,
        data: { ms },
        summary: `${id} went the whole way in ${ms} ms`,
      });
    } else {
      ledger.append({
        event: "canary.failed",
        actor: CANARY,
        ok: false,
        data: { step: failed.name, message: failed.why ?? "" },
        summary: `${id} failed at "${failed.name}": ${failed.why}`,
      });
    }
  });
}
