import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts", "bench/**/*.test.ts"],
    pool: "forks",
    // Most of them wait, for processes and disks: more of them at a time than there are cores.
    maxWorkers: 4,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    setupFiles: ["test/setup.ts"],
    // Real daemons, disks and clocks share a machine that may stand still for a second. A test that was retried is named in the output.
    retry: process.env["CI"] === undefined ? 0 : 1,
    reporters: ["default"],
  },
});
