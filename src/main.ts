/**
 * The composition root: the only place that wires real ports, and the only exit.
 *
 * Starts lean: the version is answered before anything is loaded, and a verb's own code only when it is called.
 */

import { fstatSync, mkdirSync, statSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isatty } from "node:tty";
import type { Ports } from "./base/index.ts";
import type { OpenPage } from "./daemon/index.ts";

const EXIT_GRACE_MS = 5_000;
let endsThoughUnread = false;

declare const HOLDFAST_VERSION: string | undefined;
const VERSION = typeof HOLDFAST_VERSION === "string" ? HOLDFAST_VERSION : "0.0.0-source";

const argv = process.argv.slice(2);
if (argv[0] === "--version" || argv[0] === "-V") {
  outputTo(1)(`${VERSION}\n`);
} else {
  // No top-level await: what is built is CommonJS.
  void main().then((code) => {
    process.exitCode = code;
    // Everything is done and closed: lines of a daemon that nobody reads must not hold it for as long as their reader lives.
    if (endsThoughUnread) setTimeout(() => process.kill(process.pid, "SIGKILL"), EXIT_GRACE_MS).unref();
  });
}

async function main(): Promise<number> {
  const [{ realPorts }, { runCommandLine }] = await Promise.all([
    import("./platform/index.ts"),
    import("./surfaces/index.ts"),
  ]);
  const ports = realPorts();
  let say = outputTo(1);
  return runCommandLine({
    argv,
    ports,
    version: VERSION,
    terminal: {
      out: (text) => say(text),
      err: outputTo(2),
      outIsTerminal: isTerminal(1),
      errIsTerminal: isTerminal(2),
      plain: (process.env["NO_COLOR"] ?? "") !== "" || process.env["TERM"] === "dumb",
      onInterrupt: onSignals,
    },
    startDaemon: async (tree, page) => {
      const [{ startDaemon }, { backgroundOutput, openFileLog }] = await Promise.all([
        import("./daemon/index.ts"),
        import("./platform/index.ts"),
      ]);
      // Nobody who stops a terminal stops the guard with it.
      say = backgroundOutput(1);
      endsThoughUnread = true;
      const logging = { ...ports, log: await openFileLog(tree.state.log) };
      const openPage = page === null ? null : pageOpener(logging, page.port);
      return startDaemon({ tree, ports: logging, version: VERSION, openPage });
    },
    reportDefect,
  });
}

/** The page's port when nobody asked for one; a second tree on this machine takes any that is free. */
const PAGE_PORT = 4410;

function pageOpener(ports: Ports, wanted: number | null): OpenPage {
  return async (behind) => {
    const { servePage } = await import("./surfaces/index.ts");
    const options = { ...behind, ports, version: VERSION, files: join(import.meta.dirname, "page") };
    try {
      return await servePage({ ...options, port: wanted ?? PAGE_PORT });
    } catch (error) {
      if (wanted !== null || (error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
      return servePage({ ...options, port: 0 });
    }
  };
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

/**
 * Written by the system call: Node's streams load its network code first, which takes as long as a short verb. Only for a pipe that is
 * full and that somebody made non-blocking it needs the stream, which waits.
 */
function outputTo(fd: 1 | 2): (text: string) => void {
  let stream: NodeJS.WriteStream | null = null;
  return (text) => {
    const rest = stream === null ? writeNow(fd, Buffer.from(text)) : text;
    if (rest.length === 0) return;
    if (stream === null) {
      stream = fd === 1 ? process.stdout : process.stderr;
      stream.on("error", (error) => ended(fd, error));
    }
    stream.write(rest);
  };
}

/** Returns what could not be written without waiting. */
function writeNow(fd: 1 | 2, bytes: Buffer): Buffer {
  let done = 0;
  try {
    while (done < bytes.length) done += writeSync(fd, bytes, done);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EAGAIN") ended(fd, error as NodeJS.ErrnoException);
    else return bytes.subarray(done);
  }
  return bytes.subarray(bytes.length);
}

/** `holdfast history | head`: the reader has seen enough. Nobody reads what is said beside: that ends nothing. */
function ended(fd: 1 | 2, error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
  if (fd === 1) process.exit(0);
}

/** Asked only of what may be one, and `/dev/null` is none: `node:tty` takes a millisecond to load. */
function isTerminal(fd: 1 | 2): boolean {
  const file = fstatSync(fd);
  return file.isCharacterDevice() && file.rdev !== statSync("/dev/null").rdev && isatty(fd);
}
