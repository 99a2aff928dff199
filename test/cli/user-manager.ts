/** A real systemd user manager of its own for one test, where the machine can have one: root, in a mount namespace. */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { ended, type TestTree, until } from "./holdfast.ts";

const SYSTEMD = "/lib/systemd/systemd";
export const hasUserManager = process.getuid?.() === 0 && existsSync(SYSTEMD) && existsSync("/usr/bin/unshare");

export interface UserManager {
  readonly env: NodeJS.ProcessEnv;
  systemctl(...words: string[]): string;
  /** Every unit ends with it. */
  end(): Promise<void>;
}

/** It reads the units of the tree's user. What `/run/systemd/system` says is seen by it alone. */
export async function startUserManager(tree: TestTree): Promise<UserManager> {
  const runtime = join(tree.base, "run");
  mkdirSync(runtime);
  chmodSync(runtime, 0o700);
  const env = { ...tree.environment, XDG_RUNTIME_DIR: runtime };
  const booted = "mkdir -p /run/systemd; mount -t tmpfs none /run/systemd; mkdir /run/systemd/system";
  const child: ChildProcess = spawn(
    "unshare",
    ["-m", "sh", "-c", `${booted}; exec ${SYSTEMD} --user --log-target=null`],
    { env, stdio: "ignore" },
  );
  const ask = (words: string[]) => spawnSync("systemctl", ["--user", ...words], { env, encoding: "utf8" });
  await until("systemd answers", () => ask(["list-units"]).status === 0);
  return {
    env: { XDG_RUNTIME_DIR: runtime },
    systemctl: (...words) => ask(words).stdout,
    async end() {
      child.kill("SIGTERM");
      await ended(child);
    },
  };
}
