import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { check } from "./check.ts";
import { type JudgeWorld, judgeWorld } from "./judge-fixture.ts";

let world: JudgeWorld;
let interpreter: string;
beforeEach(async () => {
  world = await judgeWorld();
  interpreter = join(world.tree.state.dir, "interpreter");
  writeFileSync(interpreter, "");
  world.write("tools/run", `#!${interpreter}\n`, 0o755);
  world.write("tools/other", "other\n");
  world.write("notes", "notes\n");
  await world.accept("tools");
});
afterEach(() => world.close());

/** What it found, and whether it compared anything. */
async function checked(names: string[] | null = null, meanwhile: () => Promise<void> = async () => {}) {
  let compared = false;
  const expectations = () => {
    compared = true;
    return world.expectations();
  };
  const actor = { kind: "human", name: "me" } as const;
  const failing = () => meanwhile().then(() => world.services.failing());
  const services = { ...world.services, failing };
  const { components } = await check({ names, deep: false, actor }, { ...world, expectations, services });
  const drift = components.flatMap((one) => one.drift.map(({ path, kind }) => `${kind} ${path}`));
  return {
    ok: components.every(({ ok }) => ok),
    drift,
    unaccepted: components.flatMap((one) => one.unaccepted),
    compared,
  };
}

const HOLDS = { ok: true, drift: [], unaccepted: [] };

describe("a check after one that found that everything holds", () => {
  beforeEach(async () => {
    expect(await checked()).toEqual({ ...HOLDS, compared: true });
    expect(await checked()).toEqual({ ...HOLDS, compared: false });
  });

  it("is on record like any other", () => {
    expect(world.events("guard.checked")).toBe(2);
  });

  it("compares again after anything in the tree changed, and until it holds again", async () => {
    world.remove("tools/other");
    const gone = { ok: false, drift: ["deleted tools/other"], unaccepted: [], compared: true };
    expect(await checked()).toEqual(gone);
    expect(await checked()).toEqual(gone);
    world.write("tools/other", "other\n");
    expect(await checked()).toEqual({ ...HOLDS, compared: true });
    expect(await checked()).toEqual({ ...HOLDS, compared: false });
  });

  it("names what was never accepted, each time", async () => {
    world.write("tools/fresh", "new\n");
    expect(await checked()).toEqual({ ...HOLDS, unaccepted: ["tools/fresh"], compared: true });
    expect(await checked()).toEqual({ ...HOLDS, unaccepted: ["tools/fresh"], compared: false });
  });

  it("compares again after something was accepted", async () => {
    await world.accept("notes");
    expect(await checked()).toMatchObject({ ok: true, compared: true });
  });

  it("compares again after something was accepted while it compared", async () => {
    world.write("tools/fresh", "new\n");
    expect(await checked(null, () => world.accept("tools/fresh"))).toMatchObject({ unaccepted: [], compared: true });
    expect(await checked()).toEqual({ ...HOLDS, compared: true });
  });

  it("compares again on another branch", async () => {
    world.git("checkout", "-q", "-b", "other");
    expect(await checked()).toMatchObject({ compared: true });
  });

  it("misses an interpreter that went, though nothing in the tree changed", async () => {
    rmSync(interpreter);
    expect(await checked()).toMatchObject({ ok: false, drift: ["service-failed tools/run"] });
  });

  it("compares what is named", async () => {
    expect(await checked(["tools"])).toEqual({ ...HOLDS, compared: true });
  });
});
