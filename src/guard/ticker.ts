/** Once a second: what raises no event. A gap in time, a clock that jumped, a changed mount table. */

import { LIMITS, type Ports } from "../base/index.ts";
import { isAtOrBelow } from "../tree/index.ts";
import type { Blind } from "./contract.ts";

export interface Tick {
  /** Nobody looked, for longer than a tick takes: the process or the machine was stopped. */
  readonly gap: Blind | null;
  /** Milliseconds by which the wall clock went on or back by itself. */
  readonly clockJumpMs: number;
  readonly mountsChanged: boolean;
}

export class Ticker {
  readonly #ports: Pick<Ports, "clock" | "watch">;
  #wallMs: number;
  #monotonicMs: number;
  #mounts: string;

  readonly #root: string;

  constructor(root: string, ports: Pick<Ports, "clock" | "watch">) {
    this.#root = root;
    this.#ports = ports;
    this.#wallMs = ports.clock.now();
    this.#monotonicMs = ports.clock.monotonicMs();
    this.#mounts = this.#mountsHere();
  }

  tick(): Tick {
    const { clock } = this.#ports;
    const wallMs = clock.now();
    const monotonicMs = clock.monotonicMs();
    const passedMs = monotonicMs - this.#monotonicMs;
    // The monotonic clock may stand still while the machine sleeps.
    const wallPassedMs = wallMs - this.#wallMs;
    const isGap = Math.max(passedMs, wallPassedMs) > LIMITS.guardTickMs + LIMITS.guardGapMs;
    const clockJumpMs = Math.abs(wallPassedMs - passedMs) > LIMITS.guardGapMs ? wallPassedMs - passedMs : 0;
    const fromMs = Math.min(this.#wallMs, wallMs);
    const mounts = this.#mountsHere();
    const mountsChanged = mounts !== this.#mounts;
    this.#wallMs = wallMs;
    this.#monotonicMs = monotonicMs;
    this.#mounts = mounts;
    return {
      gap: isGap ? { fromMs, toMs: wallMs, why: "this process or the machine stood still" } : null,
      clockJumpMs,
      mountsChanged,
    };
  }

  /** The lines of what is mounted on the way to the tree and in it: what others mount elsewhere is no business of ours. */
  #mountsHere(): string {
    const isHere = (line: string) => {
      const place = unescaped(line.split(" ")[4] ?? "");
      return isAtOrBelow(this.#root, place) || isAtOrBelow(place, this.#root);
    };
    return this.#ports.watch.mountTable().split("\n").filter(isHere).join("\n");
  }
}

/** Blanks and backslashes in a mount point are written in octal (proc(5)). */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
