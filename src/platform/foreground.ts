/**
 * Runs a program in the foreground of this terminal, as if it had been started directly: the same standard streams, the same process
 * group, the same environment.
 *
 * What a terminal sends (Ctrl-C, Ctrl-\\) reaches the program by itself, because it is in the terminal's group; this process only stays
 * alive to see the end. What somebody sends to this process alone is handed on.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import { isatty } from "node:tty";
import type { ForegroundRequest, ForegroundResult } from "../base/index.ts";

const FROM_TERMINAL = ["SIGINT", "SIGQUIT"] as const;
const HANDED_ON = ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2"] as const;
type Caught = (typeof FROM_TERMINAL)[number] | (typeof HANDED_ON)[number];

export async function runInForeground(request: ForegroundRequest): Promise<ForegroundResult> {
  const [program, ...args] = request.command;
  const signals = new HeldSignals();
  try {
    const child = spawn(program, args, {
      cwd: request.cwd,
      env: { ...process.env, ...request.env },
      stdio: ["inherit", request.stdoutToStderr ? 2 : "inherit", "inherit"],
    });
    await started(child);
    signals.handOnTo(child);
    request.onStart?.(child.pid!);
    return await exitOf(child);
  } finally {
    signals.release();
  }
}

/** Ends this process as the signal would have: whoever waits for it sees that, and not an exit code. */
export function endBySignal(signal: string): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal as NodeJS.Signals);
}

/** Nobody else's handler runs meanwhile, and none of these signals ends this process. */
class HeldSignals {
  readonly #others = new Map<Caught, NodeJS.SignalsListener[]>();
  readonly #own = new Map<Caught, NodeJS.SignalsListener>();
  readonly #early: Caught[] = [];
  #child: ChildProcess | null = null;

  constructor() {
    const hasTerminal = [0, 1, 2].some((fd) => isatty(fd));
    for (const signal of [...FROM_TERMINAL, ...HANDED_ON]) {
      const reachesGroup = hasTerminal && (FROM_TERMINAL as readonly string[]).includes(signal);
      const listener = () => {
        if (this.#child === null) this.#early.push(signal);
        else if (!reachesGroup) this.#child.kill(signal);
      };
      this.#others.set(signal, process.listeners(signal) as NodeJS.SignalsListener[]);
      process.removeAllListeners(signal);
      process.on(signal, listener);
      this.#own.set(signal, listener);
    }
  }

  /** What came before the program was there was meant for it, too. */
  handOnTo(child: ChildProcess): void {
    this.#child = child;
    for (const signal of this.#early.splice(0)) child.kill(signal);
  }

  release(): void {
    for (const [signal, listener] of this.#own) process.removeListener(signal, listener);
    for (const [signal, listeners] of this.#others) for (const listener of listeners) process.on(signal, listener);
  }
}

function started(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
}

function exitOf(child: ChildProcess): Promise<ForegroundResult> {
  if (child.exitCode !== null || child.signalCode !== null)
    return Promise.resolve(resultOf(child.exitCode, child.signalCode));
  return new Promise((resolve) => child.once("exit", (exitCode, signal) => resolve(resultOf(exitCode, signal))));
}

function resultOf(exitCode: number | null, signal: NodeJS.Signals | null): ForegroundResult {
  return { exitCode: exitCode ?? 128 + (signal === null ? 0 : constants.signals[signal]), signal };
}
