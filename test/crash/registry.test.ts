import { describe, expect, it } from "vitest";
import { type Digest, digestOf, type Ports } from "../../src/base/index.ts";
import {
  loadRegistry,
  makeStateFolder,
  noteAcceptedConfig,
  register,
  stateFolder,
  unregister,
} from "../../src/tree/index.ts";
import { everyCrashPoint, type World } from "../fakes/index.ts";

const HOME = "/deep/state/holdfast";

/** No process, no git: the trees are plain folders of the simulated disk. */
function portsOf(world: World): Ports {
  const { process, git } = world.ports;
  return {
    ...world.ports,
    process: { ...process, env: (name) => (name === "HOLDFAST_HOME" ? HOME : undefined), home: () => "/home" },
    git: { ...git, locate: () => null },
  };
}

async function treesOf(world: World): Promise<{ root: string; configDigest: Digest | null }[]> {
  const { entries } = await loadRegistry(portsOf(world));
  return entries.map(({ root, configDigest }) => ({ root, configDigest }));
}

describe("the registry, when the power goes", () => {
  it("holds after each step what it held before or after it, never less", async () => {
    const accepted = digestOf("configuration");
    const finished = { root: "/trees/b", configDigest: accepted };
    const steps = [
      [{ root: "/trees/a", configDigest: null }],
      [
        { root: "/trees/a", configDigest: null },
        { root: "/trees/b", configDigest: null },
      ],
      [{ root: "/trees/a", configDigest: null }, finished],
      [finished],
    ];
    const operations = await everyCrashPoint({
      setup: async (world) => {
        for (const folder of ["/home", "/trees", "/trees/a", "/trees/b"]) world.disk.mkdir(folder, 0o755);
        await register("/trees/a", portsOf(world));
      },
      run: async (world) => {
        const ports = portsOf(world);
        const [first] = (await loadRegistry(ports)).entries;
        const tree = await register("/trees/b", ports);
        await noteAcceptedConfig(tree.id, accepted, ports);
        await unregister(first!.id, ports);
      },
      recover: async (world) => void (await loadRegistry(portsOf(world))),
      check: async (world, point) => {
        const trees = await treesOf(world);
        expect(steps).toContainEqual(trees);
        if (point.operation === null) expect(trees).toEqual([finished]);
        for (const { id } of (await loadRegistry(portsOf(world))).entries) {
          expect(world.disk.lstat(`${HOME}/${id}/packs`)?.kind).toBe("dir");
        }
        // And it can go on from there.
        await register("/trees/b", portsOf(world));
        expect((await treesOf(world)).map(({ root }) => root)).toContain("/trees/b");
      },
    });
    expect(operations).toBeGreaterThan(20);
  });

  it("keeps a first tree that was registered, with every folder on the way to it", async () => {
    await everyCrashPoint({
      setup: (world) => {
        for (const folder of ["/home", "/trees", "/trees/a"]) world.disk.mkdir(folder, 0o755);
      },
      run: (world) => register("/trees/a", portsOf(world)),
      recover: async (world) => void (await loadRegistry(portsOf(world))),
      check: async (world, point) => {
        const trees = await treesOf(world);
        if (point.operation === null) expect(trees).toEqual([{ root: "/trees/a", configDigest: null }]);
        const tree = await register("/trees/a", portsOf(world));
        makeStateFolder(stateFolder(HOME, tree.id, world.ports.process), world.disk);
        expect((await treesOf(world)).length).toBe(1);
      },
    });
  });

  it("does not hang on a folder that a killed process made and did not sync", async () => {
    await everyCrashPoint({
      setup: (world) => {
        for (const folder of ["/home", "/trees", "/trees/a", "/deep", "/deep/state"]) world.disk.mkdir(folder, 0o755);
      },
      run: (world) => {
        world.disk.mkdir(HOME, 0o700);
        return register("/trees/a", portsOf(world));
      },
      recover: async (world) => void (await loadRegistry(portsOf(world))),
      check: async (world, point) => {
        if (point.operation === null) expect(await treesOf(world)).toEqual([{ root: "/trees/a", configDigest: null }]);
      },
    });
  });
});
