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

export function openWindows({ store, ledger, ports }: WindowsWorld): Windows {
  const nowMs = () => ports.clock.now();

  function all(): Window[] {
    return store.all<Window>(
      `SELECT id, kind, reason, actor, from_ms AS fromMs, until_ms AS untilMs, pid FROM guard_window ORDER BY from_ms DESC, id DESC`,
    );
  }

  function put(window: Window): void {
    store.run(
      "INSERT OR REPLACE INTO guard_window (id, kind, reason, actor, from_ms, until_ms, pid) VALUES (?, ?, ?, ?, ?, ?, ?)",
      window.id,
      window.kind,
      window.reason,
      window.actor,
      window.fromMs,
      window.untilMs,
      window.pid,
    );
  }

  function find(id: string | null): Window {
    const window = all().find((one) => (id === null ? one.kind !== "exec" : one.id === id));
    if (window === undefined) throw new HoldfastError("WINDOW_UNKNOWN", "no window is open", { data: { id } });
    return window;
  }

  function close(window: Window, actor: Actor, how: "time" | "asked" | "accepted" | "restored"): void {
    store.transaction(() => {
      store.run("DELETE FROM guard_window WHERE id = ?", window.id);
      const summary = `${window.kind} ended (${how}): ${window.reason}`;
      ledger.append({ event: "maintenance.ended", actor, data: { window: window.id, how }, summary });
    });
  }

  return {
    begin({ kind, forMs, reason, actor, pid }) {
      if (forMs <= 0 || forMs > LIMITS.maintenanceMsMax) {
        throw new HoldfastError("USAGE", "a window lasts between a moment and 24 h", { hint: "--for 10m" });
      }
      const id = `W-${ports.random.bytes(4).toString("hex")}`;
      const fromMs = nowMs();
      const window = { id, kind, reason, actor: actor.name, fromMs, untilMs: fromMs + forMs, pid: pid ?? null };
      const until = isoTime(window.untilMs);
      store.transaction(() => {
        put(window);
        const event = kind === "pause" ? "guard.paused" : "maintenance.begun";
        const what = kind === "pause" ? "guard paused" : `${kind} begun`;
        ledger.append({
          event,
          actor,
          data: { window: id, until, reason },
          summary: `${what} until ${until}: ${reason}`,
        });
      });
      return window;
    },
    find,
    end(id, actor, how) {
      const window = find(id);
      close(window, actor, how);
      return window;
    },
    open: () => all().filter((window) => !isOver(window, ports)),
    endOverdue() {
      const over = all().filter((window) => isOver(window, ports));
      for (const window of over) close(window, GUARD, "time");
      return over;
    },
    rebuild() {
      store.transaction(() => {
        store.exec("DELETE FROM guard_window");
        for (const record of ledger.read({ events: WINDOW_EVENTS })) {
          if (record.event === "maintenance.ended") {
            store.run(
              "DELETE FROM guard_window WHERE id = ?",
              (record as LedgerRecord<"maintenance.ended">).data.window,
            );
          } else {
            put(windowOf(record as LedgerRecord<"maintenance.begun" | "guard.paused">));
          }
        }
      });
    },
  };
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
