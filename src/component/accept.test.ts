import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { TreePath } from "../base/index.ts";
import type { Actor } from "../ledger/index.ts";
import { acceptPaths } from "./accept.ts";
import { type ComponentWorld, temporaryComponents } from "./component-fixture.ts";
import { ACCEPTED } from "./implicit.ts";

const PERSON: Actor = { kind: "human", name: "me" };
const AGENT: Actor = { kind: "agent", name: "codex" };
const path = (text: string) => text as TreePath;

let world: ComponentWorld;
beforeEach(() => {
  world = temporaryComponents();
  writeFileSync(join(world.root, "f"), "one");
});
afterEach(() => world.close());

const accept = (actor: Actor, ...paths: string[]) =>
  acceptPaths({ paths: paths.map(path), component: null, reason: "test", actor }, world);

it("makes what is there the baseline, with its bytes in the vault, and says so in the ledger", async () => {
  expect(await accept(PERSON, "f")).toEqual({ accepted: ["f"], removed: [] });
  const [entry] = world.baselines.all();
  expect(entry).toMatchObject({ path: "f", component: ACCEPTED, branch: null, entry: { kind: "file", sizeBytes: 3 } });
  if (entry?.entry.kind === "file") expect(world.vault.read(entry.entry.digest).toString()).toBe("one");
  expect([...world.ledger.read({ path: "f" })].map(({ event, seq }) => [event, seq])).toEqual([
    ["component.accepted", entry?.seq],
  ]);
});

it("moves to new content, and forgets the path when its absence is accepted", async () => {
  await accept(PERSON, "f");
  writeFileSync(join(world.root, "f"), "two!");
  chmodSync(join(world.root, "f"), 0o755);
  await accept(AGENT, "f");
  expect(world.baselines.at("f", null)?.entry).toMatchObject({ sizeBytes: 4, mode: 0o755 });
  rmSync(join(world.root, "f"));
  expect(await accept(PERSON, "f")).toEqual({ accepted: [], removed: ["f"] });
  expect(world.baselines.all()).toEqual([]);
});

it.each([
  ["a deletion", () => rmSync(join(world.root, "f"))],
  ["an emptied file", () => writeFileSync(join(world.root, "f"), "")],
  ["older content", () => writeFileSync(join(world.root, "f"), "one")],
])("refuses an agent that would accept %s; a person may", async (_, lose) => {
  await accept(PERSON, "f");
  writeFileSync(join(world.root, "f"), "two");
  await accept(PERSON, "f");
  lose();
  await expect(accept(AGENT, "f")).rejects.toMatchObject({ code: "REFUSED_FOR_AGENT" });
  expect(world.baselines.at("f", null)?.entry).toMatchObject({ sizeBytes: 3 });
  await accept(PERSON, "f");
});
