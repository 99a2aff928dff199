/** When a path has come to rest. No disk, no clock: looks and times only. */

import { describe, expect, it } from "vitest";
import { LIMITS, type Stat, type TreePath } from "../base/index.ts";
import type { Glimpse } from "../vault/index.ts";
import { Settling } from "./settling.ts";

const file = (mtimeMs: number, more: Partial<Stat> = {}): Stat => ({
  kind: "file",
  sizeBytes: 3,
  mode: 0o644,
  mtimeMs,
  ctimeMs: mtimeMs,
  ino: 1,
  dev: 1,
  nlink: 1,
  ...more,
});
const path = (name: string) => name as TreePath;

/** A settling and its time; a look at a path is a glimpse at the present moment. */
function world() {
  const settling = new Settling();
  let nowMs = 0;
  return {
    settling,
    at(ms: number) {
      nowMs = ms;
    },
    hint: (name: string) => settling.hint(path(name), { sinceMs: 1_000_000 + nowMs, atMs: nowMs }),
    look(
      name: string,
      kind: Glimpse["kind"],
      stat: Stat | null,
      more: { notBeforeMs?: number; isHeld?: boolean; restedMs?: number } = {},
    ) {
      settling.looked({ path: path(name), kind, stat }, { nowMs, restedMs: 0, notBeforeMs: 0, isHeld: false, ...more });
    },
    due: () => settling.toLook(nowMs),
    ready: () => settling.takeReady(nowMs).map((one) => one.path),
  };
}

describe("settling", () => {
  it("takes content when it looks the same after its time, counted from the hint", () => {
    const { settling, at, hint, look, due, ready } = world();
    hint("f");
    expect(due()).toEqual(["f"]);
    at(20);
    look("f", "content", file(0));
    expect([due(), ready(), settling.dueMs()]).toEqual([[], [], LIMITS.settleContentMs]);
    at(LIMITS.settleContentMs);
    expect(due()).toEqual(["f"]);
    look("f", "content", file(0));
    expect(ready()).toEqual(["f"]);
    expect([settling.size, settling.dueMs()]).toEqual([0, Number.POSITIVE_INFINITY]);
  });

  it("waits again when it was written meanwhile", () => {
    const { at, hint, look, due, ready } = world();
    hint("f");
    look("f", "content", file(0));
    at(300);
    look("f", "content", file(250));
    expect(ready()).toEqual([]);
    at(599);
    expect(due()).toEqual([]);
    at(600);
    look("f", "content", file(250));
    expect(ready()).toEqual(["f"]);
  });

  it("takes what never rests after the longest wait, as it stands", () => {
    const { at, hint, look, ready } = world();
    hint("log");
    let takenMs = 0;
    for (let ms = 0; takenMs === 0; ms += LIMITS.settleContentMs) {
      at(ms);
      look("log", "content", file(ms));
      if (ready().length > 0) takenMs = ms;
    }
    expect(takenMs).toBeGreaterThanOrEqual(LIMITS.settleWaitMsMax);
    expect(takenMs).toBeLessThan(LIMITS.settleWaitMsMax + 2 * LIMITS.settleContentMs);
  });

  it("takes modes, kinds, links and folders at once, what is missing after its time", () => {
    const { at, hint, look, ready } = world();
    for (const name of ["mode", "kind", "link", "folder", "gone"]) hint(name);
    look("mode", "mode", file(0));
    look("kind", "type", file(0));
    look("link", "new", file(0, { kind: "link" }));
    look("folder", "new", file(0, { kind: "dir" }));
    look("gone", "gone", null);
    expect(ready()).toEqual(["mode", "kind", "link", "folder"]);
    at(LIMITS.settleMissingMs);
    look("gone", "gone", null);
    expect(ready()).toEqual(["gone"]);
  });

  it("forgets what looks as remembered, unless it is held back", () => {
    const { settling, at, hint, look, ready } = world();
    hint("same");
    hint("held");
    look("same", "same", file(0));
    look("held", "same", file(0), { isHeld: true });
    expect(settling.size).toBe(1);
    at(300);
    look("held", "same", file(0), { isHeld: true });
    expect(ready()).toEqual(["held"]);
  });

  it("takes at once what has long rested when it is first looked at", () => {
    const { hint, look, ready } = world();
    hint("moved-here");
    look("moved-here", "new", file(0), { restedMs: 5_000 });
    expect(ready()).toEqual(["moved-here"]);
  });

  it("waits for git to end, a second more, and not for ever", () => {
    const { at, hint, look, due, ready } = world();
    hint("f");
    look("f", "content", file(0), { notBeforeMs: 1_500 });
    at(1_499);
    expect(due()).toEqual([]);
    at(1_500);
    look("f", "content", file(0), { notBeforeMs: 2_500 });
    expect(ready()).toEqual([]);
    at(LIMITS.settleWaitMsMax);
    look("f", "content", file(0), { notBeforeMs: 1e9 });
    expect(ready()).toEqual(["f"]);
  });

  it("takes a burst together, if that delays none for long", () => {
    const { at, hint, look, ready } = world();
    hint("first");
    look("first", "gone", null);
    at(60);
    hint("second");
    look("second", "gone", null);
    at(100);
    look("first", "gone", null);
    expect(ready()).toEqual([]);
    at(160);
    look("second", "gone", null);
    expect(ready()).toEqual(["first", "second"]);
  });

  it("lets one file that is written again and again delay no other", () => {
    const { at, hint, look, ready } = world();
    for (const name of ["log", "f"]) hint(name);
    look("log", "content", file(0));
    look("f", "content", file(0));
    at(300);
    look("log", "content", file(299));
    look("f", "content", file(0));
    expect(ready()).toEqual(["f"]);
  });

  it("gives at most one commit's worth at a time", () => {
    const { hint, look, ready } = world();
    for (let index = 0; index < LIMITS.rememberPathsMax + 5; index += 1) {
      hint(`f${index}`);
      look(`f${index}`, "mode", file(0));
    }
    expect(ready()).toHaveLength(LIMITS.rememberPathsMax);
    expect(ready()).toHaveLength(5);
  });

  it("tells a time to look again for everything that it keeps", () => {
    const { settling, at, hint, look } = world();
    hint("a");
    expect([settling.isHinted, settling.dueMs()]).toEqual([true, Number.POSITIVE_INFINITY]);
    look("a", "gone", null);
    expect([settling.isHinted, settling.dueMs()]).toEqual([false, LIMITS.settleMissingMs]);
    at(100);
    settling.giveBack([{ path: path("b"), sinceMs: 0 }], 100);
    expect(settling.toLook(100 + LIMITS.guardTickMs)).toContain("b");
  });
});
