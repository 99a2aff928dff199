import { execFileSync } from "node:child_process";
import { chmodSync, lstatSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { temporaryWorld, type World } from "../../test/temporary-world.ts";
import type { TreeId } from "../base/index.ts";
import { holdfastHome, makeStateFolder, stateFolder } from "./state-folder.ts";

let world: World;
beforeEach(() => {
  world = temporaryWorld();
});
afterEach(() => world.remove());

describe("Holdfast's home", () => {
  const home = (env: Record<string, string>, platform: "linux" | "darwin" = "linux") =>
    holdfastHome({
      disk: { realpath: (path) => path },
      process: { env: (name) => env[name], home: () => "/home/me", platform },
    });

  it("is where the environment, else the platform says", () => {
    expect(home({})).toBe("/home/me/.local/state/holdfast");
    expect(home({}, "darwin")).toBe("/home/me/Library/Application Support/holdfast");
    expect(home({ XDG_STATE_HOME: "/xdg" })).toBe("/xdg/holdfast");
    expect(home({ XDG_STATE_HOME: "relative" })).toBe("/home/me/.local/state/holdfast");
    expect(home({ XDG_STATE_HOME: "/xdg", HOLDFAST_HOME: "/mine" })).toBe("/mine");
    expect(() => home({ HOLDFAST_HOME: "mine" })).toThrow(/no absolute path/);
  });

  it("has a socket path that the kernel takes, however deep it lies", () => {
    const id = "0123456789abcdef" as TreeId;
    const of = (place: string, uid: number) => stateFolder(place, id, { uid, platform: "linux" }).socket;
    expect(of("/home/me/.local/state/holdfast", 1_000)).toBe(`/home/me/.local/state/holdfast/${id}/daemon.sock`);
    expect(of("/Users/someone/Library/Application Support/holdfast", 501)).toContain("daemon.sock");
    for (const uid of [0, 1_000, 4_294_967_294]) {
      for (let length = 1; length < 300; length += 7) {
        expect(Buffer.byteLength(of(`/${"ü".repeat(length)}`, uid))).toBeLessThan(100);
      }
    }
    expect(of(`/${"x".repeat(90)}`, 1_000)).toBe(`/tmp/holdfast-1000/${id}.sock`);
    expect(of(`/${"x".repeat(90)}`, 0)).toBe(`/run/holdfast/${id}.sock`);
  });

  it("does not share the socket's folder with a stranger", () => {
    const id = "0123456789abcdef" as TreeId;
    const state = { ...stateFolder(world.at("state"), id, world.ports.process), socket: world.at("shared/x.sock") };
    makeStateFolder(state, world.ports.disk);
    expect(lstatSync(world.at("shared")).mode & 0o777).toBe(0o700);
    chmodSync(world.at("shared"), 0o777);
    makeStateFolder(state, world.ports.disk);
    expect(lstatSync(world.at("shared")).mode & 0o777).toBe(0o700);
    const foreign = {
      ...world.ports.disk,
      chmod: (path: string, mode: number) => {
        if (path === world.at("shared")) throw Object.assign(new Error("EPERM"), { code: "EPERM" });
        world.ports.disk.chmod(path, mode);
      },
    };
    expect(() => makeStateFolder(state, foreign)).toThrow(/belongs to somebody else/);
    rmSync(world.at("shared"), { recursive: true });
    mkdirSync(world.at("trap"));
    symlinkSync(world.at("trap"), world.at("shared"));
    expect(() => makeStateFolder(state, world.ports.disk)).toThrow(/it is a link/);
  });

  it.runIf(process.getuid?.() === 0)("knows a stranger by the kernel's word", () => {
    const folder = world.folder("theirs");
    chmodSync(world.dir, 0o755);
    chmodSync(folder, 0o777);
    const script = `require("node:fs").chmodSync(${JSON.stringify(folder)}, 0o700)`;
    expect(() =>
      execFileSync("setpriv", ["--reuid=65534", "--clear-groups", process.execPath, "-e", script], { stdio: "pipe" }),
    ).toThrow(/EPERM/);
  });
});
