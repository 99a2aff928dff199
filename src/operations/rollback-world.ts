/** Where going back meets the guard: its windows, and its eye for what is a loss. */

import { classifyChanges, goOnSince, rightlyElsewhere } from "../guard/index.ts";
import { openRuns, type RollbackWorld } from "../rollback/index.ts";
import type { Writer } from "./writer.ts";

export function rollbackWorld(writer: Pick<Writer, "house" | "guard" | "engine" | "rememberNow">): RollbackWorld {
  const { house, guard, engine } = writer;
  const { windows } = guard;
  return {
    ...house,
    runs: openRuns(house.store),
    rememberNow: writer.rememberNow,
    settle() {
      engine.settle();
      return engine.settled();
    },
    guard: {
      beginWindow: (window) => windows.begin({ kind: "exec", ...window }).id,
      endWindow(id, actor, how) {
        // It may have ended by its time.
        if (windows.open().some((window) => window.id === id)) windows.end(id, actor, how);
      },
      classify: (changes, discarded) => classifyChanges(changes, discarded, guard),
      goOn: (states, point) => goOnSince(states, point, guard),
      elsewhere: (paths, branchBefore) => rightlyElsewhere(paths, branchBefore, guard),
    },
  };
}
