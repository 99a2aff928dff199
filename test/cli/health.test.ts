/** `doctor` finds what was really broken, and says how to mend it; `slo` measures a real loss. */

import { chmodSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ended, makeTree, type TestTree, until } from "./holdfast.ts";

interface Finding {
  check: string;
  level: string;
  says: string;
  fix?: string;
}

let tree: TestTree;
let state: string;
beforeEach(() => {
  tree = makeTree();
  const [id] = readdirSync(tree.home).filter((name) => statSync(join(tree.home, name)).isDirectory());
  state = join(tree.home, id!);
});
afterEach(() => tree.end());

function doctor(): { code: number | null; found(check: string): Finding; all: Finding[] } {
  const ran = tree.run(["doctor", "--json"]);
  const { findings } = ran.json<{ findings: Finding[] }>();
  return { code: ran.code, all: findings, found: (check) => findings.find((one) => one.check === check)! };
}

it("has nothing bad to say of a tree that was just made", () => {
  const { code, all } = doctor();
  expect(all.filter(({ level }) => level === "bad")).toEqual([]);
  expect(code).toBe(0);
  expect(tree.run(["doctor"]).out).toContain("● store");
});

it("names a folder that is no tree, and goes on with the machine", () => {
  const ran = tree.run(["doctor", "--json"], { cwd: tree.base });
  const { findings } = ran.json<{ findings: Finding[] }>();
  expect(ran.code).toBe(1);
  expect(findings[0]).toMatchObject({ check: "tree", level: "bad", fix: "holdfast init" });
  expect(findings.map(({ check }) => check)).toContain("git");
});

it("finds a state folder that others may read, a configuration that does not run, and a lost component", () => {
  tree.write("tools/run.sh", "#!/bin/sh\n", 0o755);
  expect(tree.run(["protect", "tools"]).code).toBe(0);
  chmodSync(state, 0o755);
  tree.write("holdfast.yaml", `${tree.read("holdfast.yaml")}# changed\n`);
  rmSync(join(tree.root, "tools"), { recursive: true });
  const { code, found } = doctor();
  expect(code).toBe(1);
  expect(found("state folder")).toMatchObject({ level: "bad", fix: `chmod 700 ${state}` });
  expect(found("holdfast.yaml")).toMatchObject({ level: "bad", says: "was changed and does not run" });
  expect(found("components")).toMatchObject({ level: "bad", fix: "holdfast check" });
});

it("finds a pack that was cut off, and a database that is none, and still looks at the rest", () => {
  const packs = join(state, "packs");
  const [pack] = readdirSync(packs).filter((name) => statSync(join(packs, name)).size > 100);
  truncateSync(join(packs, pack!), 50);
  expect(doctor().found("vault")).toMatchObject({ level: "bad", says: `${pack}: missing or cut off` });
  writeFileSync(join(state, "holdfast.db"), "no database at all, but long enough to be looked at as one\n".repeat(200));
  for (const suffix of ["-wal", "-shm"]) rmSync(join(state, `holdfast.db${suffix}`), { force: true });
  const { code, found } = doctor();
  expect(code).toBe(1);
  expect(found("store").level).toBe("bad");
  expect(found("git").level).toBe("ok");
});

it("measures a loss that was put back: noticed, back, and the time before the daemon as not measured", async () => {
  tree.write("tools/run.sh", "#!/bin/sh\n", 0o755);
  tree.run(["protect", "tools"]);
  const daemon = await tree.up();
  rmSync(join(tree.root, "tools"), { recursive: true });
  type Slo = {
    uptime: number;
    incidents: number;
    checks: number;
    recoveryMs: { max: number | null };
    detectionMs: { max: number | null };
    components: { name: string; downMs: number }[];
    gaps: { why: string }[];
  };
  const measured = () => tree.run(["slo", "--json"]).json<Slo>();
  await until("the loss is back", () => measured().recoveryMs.max !== null);
  const slo = measured();
  expect(slo).toMatchObject({ incidents: 1, gaps: [{ why: "no daemon ran" }] });
  expect(slo.uptime).toBeLessThan(1);
  expect(slo.components.find(({ name }) => name === "tools")!.downMs).toBeGreaterThan(0);
  expect(slo.detectionMs.max).toBeGreaterThan(0);
  expect(slo.checks).toBeGreaterThan(0);
  daemon.kill("SIGTERM");
  await ended(daemon);
  expect(tree.run(["slo", "--window", "soon"]).code).toBe(2);
});
