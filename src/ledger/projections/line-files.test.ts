import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Store } from "../../base/index.ts";
import { realPorts } from "../../platform/index.ts";
import type { Ledger } from "../contract.ts";
import { note, openTestLedger } from "../ledger-fixture.ts";
import { openProjector, type Projection } from "./projection.ts";
import { telemetry, telemetryLine } from "./telemetry.ts";

const ports = realPorts();
let file: string;
let store: Store;
let ledger: Ledger;

function newWorld(): Disposable {
  const folder = mkdtempSync(join(tmpdir(), "ledger-"));
  file = join(folder, "g/unified.jsonl");
  mkdirSync(dirname(file));
  ({ store, ledger } = openTestLedger(folder, ports));
  return {
    [Symbol.dispose]() {
      store.close();
      rmSync(folder, { recursive: true });
    },
  };
}
function append(count: number): void {
  store.transaction(() => {
    for (let index = 0; index < count; index += 1) ledger.append(note(`n ${index}`));
  });
}
/** As a process that just started: nothing is remembered but what is on the disk. */
function started(): { follow(): Promise<void>; projection: Projection } {
  const projection = telemetry(file, { store, disk: ports.disk, root: dirname(dirname(file)) });
  const projector = openProjector({ store, ledger, clock: ports.clock, disk: ports.disk });
  return { follow: () => projector.follow(projection), projection };
}
function ownLines(): string[] {
  return [...ledger.read()].map((record) => JSON.stringify(telemetryLine(record)));
}

type Move =
  | { do: "append"; count: number }
  | { do: "follow" | "restart" | "lose the position" | "delete" | "crash after the write" }
  | { do: "others write"; text: string }
  | { do: "cut the end" | "cut the beginning"; bytes: number };

const foreignText = fc.constantFrom(
  '{"event":"x","seq":1}\n',
  '{"event":"guard_stopped","seq":2,"ts":"2025-01-01T00:00:00.000Z"}\n',
  '{"half":',
  "}\n",
  "\n",
  "text \u00e9\n",
);
const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant("append" as const), count: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("follow" as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("others write" as const), text: foreignText }) },
  fc.record({
    do: fc.constantFrom(
      "restart" as const,
      "lose the position" as const,
      "delete" as const,
      "crash after the write" as const,
    ),
  }),
  fc.record({ do: fc.constantFrom("cut the end" as const, "cut the beginning" as const), bytes: fc.nat(400) }),
);

test("whatever happens to the file, each record ends up in it once, and no byte of others is lost", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(move, { maxLength: 16 }), async (moves) => {
      using _world = newWorld();
      let process = started();
      let foreign = "";
      const read = () => (existsSync(file) ? readFileSync(file, "utf8") : "");
      for (const step of moves) {
        if (step.do === "append") append(step.count);
        if (step.do === "follow") await process.follow();
        if (step.do === "restart") process = started();
        if (step.do === "lose the position") store.run("DELETE FROM projection_positions");
        if (step.do === "crash after the write") crashAfterWrite(process.projection);
        if (step.do === "others write") appendFileSync(file, step.text);
        if (step.do === "delete") rmSync(file, { force: true });
        if (step.do === "cut the end") writeFileSync(file, Buffer.from(read()).subarray(0, -step.bytes || undefined));
        if (step.do === "cut the beginning") writeFileSync(file, Buffer.from(read()).subarray(step.bytes));
        if (step.do === "others write") foreign += withoutNewlines(step.text);
        if (step.do === "delete" || step.do.startsWith("cut")) foreign = withoutOwn(read());
      }
      await started().follow();
      const lines = read().split("\n");
      for (const own of ownLines()) expect(lines.filter((line) => line === own)).toHaveLength(1);
      expect(withoutOwn(read())).toBe(foreign);
    }),
    { numRuns: 150 },
  );
});

function withoutNewlines(text: string): string {
  return text.replaceAll("\n", "");
}
function withoutOwn(text: string): string {
  const own = new Set(ownLines());
  return withoutNewlines(
    text
      .split("\n")
      .filter((line) => !own.has(line))
      .join("\n"),
  );
}
/** The lines are in the file, but the transaction that says so never happened. */
function crashAfterWrite(projection: Projection): void {
  const sql = "SELECT seq FROM projection_positions WHERE name = 'telemetry'";
  const known = store.get<{ seq: number }>(sql)?.seq ?? 0;
  const afterSeq = known > 0 && projection.intact() ? known : 0;
  if (afterSeq === 0) {
    store.transaction(() => {
      projection.restart();
      store.run("DELETE FROM projection_positions WHERE name = 'telemetry'");
    });
  }
  projection.fold([...ledger.read({ afterSeq, limit: 2 })]);
}
