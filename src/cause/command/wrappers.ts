/** Programs that only start another one: `sudo`, `env`, `nice`, `timeout` … are taken off until the real one stands first. */

import { resolvePath } from "./operands.ts";
import type { Place } from "./reading.ts";

interface Unwrapped {
  readonly words: readonly string[];
  readonly place: Place;
  /** One of the layers was `holdfast exec`. */
  readonly isGuarded?: true;
}

interface Wrapper {
  /** Options whose value is the next word. */
  readonly withValue?: readonly string[];
  /** Operands before the command: `timeout 5 cmd`. */
  readonly operands?: number;
  /** `NAME=value` may stand before the command. */
  readonly assignments?: true;
  /** The option that names another folder for the command. */
  readonly folder?: readonly string[];
}

const WRAPPERS: Readonly<Record<string, Wrapper>> = {
  env: { withValue: ["-u", "--unset", "-C", "--chdir", "-P"], assignments: true, folder: ["-C", "--chdir"] },
  sudo: {
    withValue: ["-u", "-g", "-h", "-p", "-C", "-D", "-r", "-t", "-U", "-T", "--user", "--group"],
    assignments: true,
    folder: ["-D"],
  },
  doas: { withValue: ["-u", "-C"] },
  nice: { withValue: ["-n", "--adjustment"] },
  ionice: { withValue: ["-c", "-n", "--class", "--classdata"] },
  chrt: { operands: 1 },
  taskset: { operands: 1 },
  nohup: {},
  setsid: {},
  command: {},
  builtin: {},
  exec: { withValue: ["-a"] },
  time: { withValue: ["-f", "-o"] },
  timeout: { withValue: ["-s", "-k", "--signal", "--kill-after"], operands: 1 },
  gtimeout: { withValue: ["-s", "-k"], operands: 1 },
  stdbuf: { withValue: ["-i", "-o", "-e"] },
  caffeinate: { withValue: ["-t", "-w"] },
  unbuffer: {},
  strace: { withValue: ["-e", "-o", "-p", "-s"] },
  flock: { withValue: ["-w", "-E", "--timeout", "--wait"], operands: 1 },
  busybox: {},
  noglob: {},
  watch: { withValue: ["-n", "--interval"] },
  chronic: {},
};

const LAYERS_MAX = 16;

export function unwrap(words: readonly string[], place: Place): Unwrapped {
  let current: Unwrapped = { words, place };
  for (let layer = 0; layer < LAYERS_MAX; layer += 1) {
    const inner = takeOff(current);
    if (inner === null) return current;
    current = current.isGuarded ? { ...inner, isGuarded: true } : inner;
  }
  return current;
}

function takeOff({ words, place }: Unwrapped): Unwrapped | null {
  const name = (words[0] ?? "").replace(/^.*\//, "");
  if (name === "holdfast" && words[1] === "exec") return afterDashes(words, place);
  const wrapper = Object.hasOwn(WRAPPERS, name) ? WRAPPERS[name]! : undefined;
  if (wrapper === undefined) return null;
  // `command -v x` asks, and runs nothing.
  if (name === "command" && /^-[vV]$/.test(words[1] ?? "")) return { words: [], place };
  return strip(words, place, wrapper);
}

function strip(words: readonly string[], place: Place, wrapper: Wrapper): Unwrapped {
  let here = place;
  let index = 1;
  for (; index < words.length; index += 1) {
    const word = words[index]!;
    if (word === "--") {
      index += 1;
      break;
    }
    if (wrapper.assignments && /^[A-Za-z_]\w*=/.test(word)) {
      if (word.startsWith("GIT_WORK_TREE="))
        here = { ...here, workTree: resolvePath(word.slice("GIT_WORK_TREE=".length), here.cwd) };
      continue;
    }
    if (!word.startsWith("-") || word === "-") break;
    const equals = word.indexOf("=");
    const option = equals < 0 ? word : word.slice(0, equals);
    const value =
      equals >= 0 ? word.slice(equals + 1) : wrapper.withValue?.includes(word) ? (words[++index] ?? "") : null;
    if (value !== null && wrapper.folder?.includes(option))
      here = { ...here, cwd: resolvePath(value, here.cwd), workTree: null };
  }
  return { words: words.slice(index + (wrapper.operands ?? 0)), place: here };
}

function afterDashes(words: readonly string[], place: Place): Unwrapped {
  const dashes = words.indexOf("--");
  return { words: dashes < 0 ? [] : words.slice(dashes + 1), place, isGuarded: true };
}
