/** What the command line writes to: results to stdout, everything else to stderr. */

import colors from "picocolors";
import type { Style } from "../../operations/index.ts";

export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  /** `NO_COLOR`, or `TERM=dumb`. */
  readonly plain: boolean;
  onInterrupt(handler: () => void): void;
}

export function styleFor(isTerminal: boolean, plain: boolean): Style {
  const { bold, dim, green, yellow, red, cyan } = colors.createColors(isTerminal && !plain);
  return { bold, dim, good: green, warn: yellow, bad: red, accent: cyan };
}

const SHOW_AFTER_MS = 1_000;
const REDRAW_MS = 100;

/** A line that is redrawn on a terminal, for what takes longer than a second. Elsewhere: nothing. */
export function progressLine(
  terminal: Terminal,
  nowMs: () => number,
): { report(what: string, done: number, total: number | null): void; end(): void } {
  const beganMs = nowMs();
  let drawnMs = 0;
  return {
    report(what, done, total) {
      const now = nowMs();
      if (!terminal.errIsTerminal || now - beganMs < SHOW_AFTER_MS || now - drawnMs < REDRAW_MS) return;
      drawnMs = now;
      const share =
        total === null || total === 0
          ? ""
          : ` of ${total.toLocaleString("en")} (${Math.floor((done / total) * 100)} %)`;
      terminal.err(`\r\x1b[2K${what}: ${done.toLocaleString("en")}${share}`);
    },
    end() {
      if (drawnMs > 0) terminal.err("\r\x1b[2K");
    },
  };
}
