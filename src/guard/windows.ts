/**
 * Announced changes: while a window is open the guard records and defers, and judges at its end.
 *
 * Kinds: `maintenance` (a person or agent said so, with a reason and an end), `pause` (a person wants quiet), `exec` (a command runs
 * under `holdfast exec`: ends with that process at the latest). A running order's steps claim their paths in the same way.
 * Crash: windows are in the store and end by their time, whoever lives.
 */

import { HoldfastError, isoTime, LIMITS, type Ports, type Store } from "../base/index.ts";
import type { Actor, EventName, Ledger, LedgerRecord } from "../ledger/index.ts";
import { isAtOrBelow } from "../tree/index.ts";
import type { OrderWorld } from "../workorder/index.ts";

export interface Window {
  readonly id: string;
  readonly kind: "maintenance" | "exec" | "pause";
  readonly reason: string;
  readonly actor: string;
  readonly fromMs: number;
  readonly untilMs: number;
  /** Of `exec`: the process that it belongs to. */
  readonly pid: number | null;
}

export interface Windows {
  begin(window: { kind: Window["kind"]; forMs: number; reason: string; actor: Actor; pid?: number }): Window;
  /** `id: null`: the newest that was begun by hand. `WINDOW_UNKNOWN`. */
  find(id: string | null): Window;
  /** As `find` finds it. */
  end(id: string | null, actor: Actor, how: "asked" | "accepted" | "restored"): Window;
  open(): Window[];
  /** Ends what is over by time, or whose process is gone; those that it ended. */
  endOverdue(): Window[];
  rebuild(): void;
}

type WindowsWorld = { store: Store; ledger: Ledger; ports: Pick<Ports, "clock" | "random" | "process"> };

const GUARD: Actor = { kind: "service", name: "guardrail" };

export function openWindows(world: WindowsWorld): Windows {
  return new StoredWindows(world);
}

class StoredWindows implements Windows {
  readonly #world: WindowsWorld;

  constructor(world: WindowsWorld) {
    this.#world = world;
  }

  begin({ kind, forMs, reason, actor, pid }: Parameters<Windows["begin"]>[0]): Window {
    const { store, ledger, ports } = this.#world;
    if (forMs <= 0 || forMs > LIMITS.maintenanceMsMax) {
      throw new HoldfastError("USAGE", "a window lasts between a moment and 24 h", { hint: "--for 10m" });
    }
    const id = `W-${ports.random.bytes(4).toString("hex")}`;
    const fromMs = ports.clock.now();
    const window = { id, kind, reason, actor: actor.name, fromMs, untilMs: fromMs + forMs, pid: pid ?? null };
    const until = isoTime(window.untilMs);
    store.transaction(() => {
      this.#put(window);
      const event = kind === "pause" ? "guard.paused" : "maintenance.begun";
      const what = kind === "pause" ? "guard paused" : `${kind} begun`;
      const data = { window: id, until, reason };
      ledger.append({ event, actor, data, summary: `${what} until ${until}: ${reason}` });
    });
    return window;
  }

  find(id: string | null): Window {
    const window = this.#all().find((one) => (id === null ? one.kind !== "exec" : one.id === id));
    if (window === undefined) throw new HoldfastError("WINDOW_UNKNOWN", "no window is open", { data: { id } });
    return window;
  }

  end(id: string | null, actor: Actor, how: Parameters<Windows["end"]>[2]): Window {
    const window = this.find(id);
    this.#close(window, actor, how);
    return window;
  }

  open(): Window[] {
    return this.#all().filter((window) => !isOver(window, this.#world.ports));
  }

  endOverdue(): Window[] {
    const over = this.#all().filter((window) => isOver(window, this.#world.ports));
    for (const window of over) this.#close(window, GUARD, "time");
    return over;
  }

  rebuild(): void {
    const { store, ledger } = this.#world;
    store.transaction(() => {
      store.exec("DELETE FROM guard_window");
      for (const record of ledger.read({ events: WINDOW_EVENTS })) {
        if (record.event === "maintenance.ended")
          this.#forget((record as LedgerRecord<"maintenance.ended">).data.window);
        else this.#put(windowOf(record as LedgerRecord<"maintenance.begun" | "guard.paused">));
      }
    });
  }

  #all(): Window[] {
    return this.#world.store.all<Window>(
      "SELECT id, kind, reason, actor, from_ms AS fromMs, until_ms AS untilMs, pid FROM guard_window ORDER BY from_ms DESC, id DESC",
    );
  }

  #put({ id, kind, reason, actor, fromMs, untilMs, pid }: Window): void {
    this.#world.store.run(
      "INSERT OR REPLACE INTO guard_window (id, kind, reason, actor, from_ms, until_ms, pid) VALUES (?, ?, ?, ?, ?, ?, ?)",
      ...[id, kind, reason, actor, fromMs, untilMs, pid],
    );
  }

  #close(window: Window, actor: Actor, how: "time" | "asked" | "accepted" | "restored"): void {
    const { store, ledger } = this.#world;
    store.transaction(() => {
      this.#forget(window.id);
      const summary = `${window.kind} ended (${how}): ${window.reason}`;
      ledger.append({ event: "maintenance.ended", actor, data: { window: window.id, how }, summary });
    });
  }

  #forget(id: string): void {
    this.#world.store.run("DELETE FROM guard_window WHERE id = ?", id);
  }
}

const WINDOW_EVENTS: readonly EventName[] = ["maintenance.begun", "guard.paused", "maintenance.ended"];

function isOver({ untilMs, pid }: Window, { clock, process }: WindowsWorld["ports"]): boolean {
  return untilMs <= clock.now() || (pid !== null && !process.isAlive(pid));
}

function windowOf({ event, data, actor, ts }: LedgerRecord<"maintenance.begun" | "guard.paused">): Window {
  return {
    id: data.window,
    kind: event === "guard.paused" ? "pause" : "maintenance",
    reason: data.reason,
    actor: actor.name,
    fromMs: Date.parse(ts),
    untilMs: Date.parse(data.until),
    pid: null,
  };
}

/** What covers a path right now, if anything; windows before claims. Asked once for many paths. */
export function covering(
  windows: Windows,
  { book, places }: Pick<OrderWorld, "book" | "places">,
): (path: string) => Window["kind"] | "step" | null {
  const [window] = windows.open();
  const claims = stepClaims({ book, places });
  return (path) =>
    window?.kind ??
    (claims.some((claim) => claim === null || claim.some((claimed) => isAtOrBelow(path, claimed))) ? "step" : null);
}

/** The paths that running orders' steps may touch; `null`: any. */
function stepClaims({ book, places }: Pick<OrderWorld, "book" | "places">): (string[] | null)[] {
  return book.rows({ statuses: ["running"] }).flatMap((row) => {
    const order = book.order(row);
    if (order.steps.length === 0) return [];
    return [order.touches === null ? null : order.touches.map((path) => places.parse(path))];
  });
}
