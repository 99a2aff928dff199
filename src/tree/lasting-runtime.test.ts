import { execFileSync } from "node:child_process";
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { temporaryWorld, type World } from "../../test/temporary-world.ts";
import { isPassing, lastingRuntime } from "./lasting-runtime.ts";
import { installLauncherShim } from "./launcher-shim.ts";

let world: World;
beforeEach(() => {
  world = temporaryWorld();
});
afterEach(() => world.remove());

/** A package and a Node of their own, as `bin/holdfast` and a program that say which of them ran. */
function installed(folder: string) {
  world.write(`${folder}/node_modules/holdfast/bin/holdfast`, '#!/bin/sh\necho "$0 $HOLDFAST_NODE $1"\n');
  world.write(`${folder}/node_modules/holdfast/dist/main.cjs`, "// program\n");
  world.write(`${folder}/node_modules/holdfast/dist/compile-cache/v24/x.bin`, "compiled");
  world.write(`${folder}/bin/node`, "#!/bin/sh\necho node\n");
  chmodSync(world.at(folder, "node_modules/holdfast/bin/holdfast"), 0o755);
  chmodSync(world.at(folder, "bin/node"), 0o755);
  const launcher = world.at(folder, "node_modules/holdfast/bin/holdfast");
  return { ...world.ports, process: { ...world.ports.process, launcher, nodePath: world.at(folder, "bin/node") } };
}

describe("what a service is started with", () => {
  it("is named where it lies, outside of version managers", () => {
    const ports = installed("opt/holdfast");
    expect(lastingRuntime(ports)).toEqual({ launcher: ports.process.launcher, node: ports.process.nodePath });
  });

  it("outlives the version of a version manager that it was installed under", () => {
    const ports = installed(".nvm/versions/node/v24.15.0");
    const shim = installLauncherShim(ports);
    rmSync(world.at(".nvm"), { recursive: true });
    const said = execFileSync(shim, ["status"], { env: {}, encoding: "utf8" }).trim().split(" ");
    expect(said[0]).toMatch(/\/state\/runtime\/holdfast-[0-9a-f]{16}\/bin\/holdfast$/);
    expect(readFileSync(said[1]!, "utf8")).toBe("#!/bin/sh\necho node\n");
    expect(said[2]).toBe("status");
  });

  it("is copied once, without what is only a cache", () => {
    const ports = installed(".npm/_npx/0123/lib");
    const first = lastingRuntime(ports);
    expect(lastingRuntime(ports)).toEqual(first);
    expect(readdirSync(world.at("state/runtime")).toSorted()).toHaveLength(2);
    expect(readdirSync(world.at("state/runtime", first.launcher.split("/").at(-3)!, "dist"))).toEqual(["main.cjs"]);
    writeFileSync(world.at(".npm/_npx/0123/lib/node_modules/holdfast/dist/main.cjs"), "// newer\n");
    expect(lastingRuntime(ports).launcher).not.toBe(first.launcher);
  });

  it("knows the folders of version managers", () => {
    for (const path of [
      "/home/a/.nvm/versions/node/v24.15.0/bin/node",
      "/home/a/.local/share/fnm/node-versions/v24.15.0/installation/bin/node",
      "/run/user/1000/fnm_multishells/12_34/bin/node",
      "/home/a/.volta/tools/image/node/24.15.0/bin/node",
      "/home/a/.asdf/installs/nodejs/24.15.0/bin/node",
      "/home/a/.local/share/mise/installs/node/24/bin/node",
    ])
      expect([path, isPassing(path)]).toEqual([path, true]);
    for (const path of ["/usr/bin/node", "/opt/homebrew/bin/node", "/home/a/work/holdfast/bin/holdfast"])
      expect([path, isPassing(path)]).toEqual([path, false]);
  });
});
