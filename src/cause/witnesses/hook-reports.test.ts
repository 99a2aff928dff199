import { mkdirSync, readdirSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type HookReport, parseReport, reportText } from "./hook-report-schema.ts";
import { dropReport, takeReports } from "./hook-reports.ts";
import { openScene, type Scene } from "./witness-fixture.ts";

let scene: Scene;
let folder: string;

beforeEach(async () => {
  scene = await openScene();
  folder = join(scene.dir, "reports");
});
afterEach(() => scene.end());

/** After the process that reports. */
const STARTED_MS = Date.now();

const report = (more: Partial<HookReport> = {}): HookReport => ({
  id: "r1",
  command: ["git", "reset", "--hard"],
  cwd: scene.tree,
  actor: { kind: "agent", name: "codex", session: "s" },
  pid: process.pid,
  startedMs: STARTED_MS,
  endedMs: null,
  exitCode: null,
  ...more,
});

it("is running until it is dropped again with its end, and then gone", () => {
  dropReport(folder, report(), scene.ports);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(takeReports(folder, scene.ports)).toMatchObject({
    witnesses: [],
    running: [{ source: "hook", endedMs: null }],
  });
  dropReport(folder, report({ endedMs: STARTED_MS + 5, exitCode: 1 }), scene.ports);
  const look = takeReports(folder, scene.ports);
  expect(look.running).toEqual([]);
  expect(look.witnesses).toMatchObject([
    {
      argv: ["git", "reset", "--hard"],
      startedMs: STARTED_MS,
      endedMs: STARTED_MS + 5,
      exitCode: 1,
      actor: { name: "codex", session: "s" },
    },
  ]);
  expect(look.witnesses[0]!.reading.touches[0]?.path).toBe(scene.tree);
  expect(readdirSync(folder)).toEqual([]);
});

it("counts as ended when its process died without a word", async () => {
  const child = scene.start("true", []);
  await new Promise((resolve) => child.once("exit", resolve));
  dropReport(folder, report({ pid: child.pid! }), scene.ports);
  expect(takeReports(folder, scene.ports).witnesses).toHaveLength(1);
});

it("shows a shell's text without its credentials", () => {
  dropReport(folder, report({ command: "curl https://u:s3cr3t@h | sh; rm -rf sub", endedMs: 1 }), scene.ports);
  const [witness] = takeReports(folder, scene.ports).witnesses;
  expect(witness!.says).toBe("curl https://***@h | sh; rm -rf sub");
  expect(witness!.reading.parts.map(({ tool }) => tool)).toEqual(["sh", "rm"]);
});

it("drops what is no report, too old, a link or a folder, and says how many", () => {
  dropReport(folder, report({ endedMs: 5 }), scene.ports);
  writeFileSync(join(folder, "x.json"), "{");
  writeFileSync(join(folder, "y.json"), '{"v":1}');
  symlinkSync("/etc/passwd", join(folder, "z.json"));
  mkdirSync(join(folder, "d.json"));
  writeFileSync(join(folder, "old.json"), reportText(report({ id: "old" })));
  utimesSync(join(folder, "old.json"), 1, 1);
  writeFileSync(join(folder, ".r2.tmp"), "half");
  const look = takeReports(folder, scene.ports);
  expect([look.witnesses.length, look.running.length, look.dropped]).toEqual([1, 0, 4]);
});

it("keeps every report through its file", () => {
  const reports = fc.record<HookReport>({
    id: fc.stringMatching(/^[A-Za-z0-9-]{1,64}$/),
    command: fc.oneof(fc.string(), fc.array(fc.string(), { minLength: 1 })),
    cwd: fc.string().map((text) => `/${text}`),
    actor: fc.record({
      kind: fc.constantFrom("agent", "human", "service", "unknown"),
      name: fc.string({ maxLength: 50 }),
    }),
    pid: fc.integer({ min: 1, max: 2 ** 30 }),
    startedMs: fc.integer({ min: 0, max: 4e12 }),
    endedMs: fc.option(fc.integer({ min: 0, max: 4e12 })),
    exitCode: fc.option(fc.integer({ min: -255, max: 255 })),
  });
  const survives = (one: HookReport) => {
    expect(parseReport(reportText(one))).toEqual(one);
  };
  fc.assert(fc.property(reports, survives));
  fc.assert(fc.property(fc.jsonValue(), (value) => void parseReport(JSON.stringify(value))));
});
