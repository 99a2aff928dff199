import { describe, expect, it } from "vitest";
import type { TreeId } from "../base/index.ts";
import { checkComponents } from "./config-rules.ts";
import { configForInit } from "./init-text.ts";
import { layoutPaths, orderPlaces, projectionPlaces } from "./layout.ts";
import { defaultConfig, parseConfig } from "./parse-config.ts";
import { stateFolder } from "./state-folder.ts";
import type { Tree } from "./tree.ts";

const id = "0123456789abcdef" as TreeId;
const treeWith = (home: string): Tree => ({
  id,
  root: "/mono",
  state: stateFolder(home, id, { uid: 1, platform: "linux" }),
  git: null,
});
const tree = treeWith("/state");

describe("where orders and projections live", () => {
  it("is outside the tree without a layout, and there is no inbox", () => {
    const places = projectionPlaces(tree, defaultConfig());
    for (const place of Object.values(places)) expect(place.startsWith(`/state/${id}/projections/`)).toBe(true);
    expect(new Set(Object.values(places)).size).toBe(6);
    expect(orderPlaces(tree, defaultConfig())).toBeNull();
    expect(layoutPaths(defaultConfig())).toEqual([]);
  });

  it("is where formats.md says with init --orders", () => {
    const config = parseConfig(configForInit({ orders: true }));
    expect(projectionPlaces(tree, config)).toEqual({
      state: "/mono/g/followup/state",
      dashboard: "/mono/apps/dashboard/data/followup.json",
      telemetry: "/mono/g/telemetry/unified.jsonl",
      mls: "/mono/mls/ledger",
      reports: "/mono/g/reports",
      logs: "/mono/logs",
    });
    expect(orderPlaces(tree, config)).toEqual({
      inbox: "/mono/bridge/inbox",
      outbox: "/mono/bridge/outbox",
      archive: "/mono/bridge/archive",
      failed: "/mono/bridge/failed",
    });
    expect(layoutPaths(config)).toHaveLength(10);
  });

  it("fills the gaps of a partial layout", () => {
    expect(parseConfig("layout: { inbox: in/ }").layout).toMatchObject({ inbox: "in", outbox: "bridge/outbox" });
  });
});

describe("components in a tree whose state folder lies inside it", () => {
  it("may not cover the state folder", () => {
    const inside = treeWith("/mono/var/holdfast");
    for (const pattern of ["var", "var/*", "var/holdfast/x", "**/holdfast"]) {
      const config = parseConfig(`components: { mine: { paths: ["${pattern}"] } }`);
      expect(() => checkComponents(inside, config)).toThrow(/component mine: ".*" covers var\/holdfast/);
      expect(() => checkComponents(tree, config)).not.toThrow();
    }
    expect(() => checkComponents(inside, parseConfig("components: { mine: { paths: [var/other] } }"))).not.toThrow();
  });
});
