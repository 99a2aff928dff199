/**
 * The composition root: the only place that wires real ports, and the only exit.
 *
 * Starts lean: the version is answered before anything is loaded, and a verb's own code only when it is called.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

declare const HOLDFAST_VERSION: string | undefined;
const VERSION = typeof HOLDFAST_VERSION === "string" ? HOLDFAST_VERSION : "0.0.0-source";

const argv = process.argv.slice(2);
if (argv[0] === "--version" || argv[0] === "-V") {
  process.stdout.write(`${VERSION}\n`);
} else {
  // No top-level await: what is built is CommonJS.
  void main().then((code) => {
    process.exitCode = code;
  });
}

async function main(): Promise<number> {
  const [{ realPorts }, { runCommandLine }] = await Promise.all([
    import("./platform/index.ts"),
    import("./surfaces/index.ts"),
  ]);
  const ports = realPorts();
  return runCommandLine({
    argv,
    ports,
    version: VERSION,
    terminal: {
      out: (text) => void process.stdout.write(text),
      err: (text) => void process.stderr.write(text),
      outIsTerminal: process.stdout.isTTY === true,
      errIsTerminal: process.stderr.isTTY === true,
      plain: (process.env["NO_COLOR"] ?? "") !== "" || process.env["TERM"] === "dumb",
      onInterrupt: onSignals,
    },
    startDaemon: async (tree) => {
      const [{ startDaemon }, { openFileLog }] = await Promise.all([
        import("./daemon/index.ts"),
        import("./platform/index.ts"),
      ]);
      return startDaemon({ tree, ports: { ...ports, log: await openFileLog(tree.state.log) }, version: VERSION });
    },
    reportDefect,
  });
}

/** The first Ctrl-C ends in good order, the second at once. */
function onSignals(handler: () => void): void {
  let asked = false;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (asked) process.exit(130);
      asked = true;
      handler();
    });
  }
}

function reportDefect(error: unknown): string {
  const folder = join(tmpdir(), "holdfast-reports");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `defect-${new Date().toISOString().replace(/[:.]/g, "-")}-${process.pid}.txt`);
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
  writeFileSync(
    file,
    `holdfast ${VERSION}, node ${process.version}, ${process.platform}\nholdfast ${argv[0] ?? ""}\n\n${trace}\n`,
    { mode: 0o600 },
  );
  return file;
}

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // `holdfast history | head`: the reader has seen enough.
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});
