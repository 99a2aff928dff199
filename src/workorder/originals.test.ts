import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { realPorts } from "../platform/index.ts";
import { drop } from "./inbox-fixture.ts";
import { InboxLook, type Lying } from "./inbox-look.ts";
import { moveTo, reserve } from "./originals.ts";
import { makeTestTree, type TestTree } from "./world-fixture.ts";

const INBOX = "bridge/inbox/CLC";
let tree: TestTree;
beforeEach(() => {
  tree = makeTestTree();
});
afterEach(() => tree.end());

function lying(name: string): Lying {
  const seen = new InboxLook(realPorts()).look(
    { place: tree.place("bridge/inbox"), path: "bridge/inbox" },
    () => false,
  );
  return seen.find((one) => one.name === name)!;
}

describe("a reserved name", () => {
  it("is one that neither a file nor a report has", () => {
    drop(tree, `${INBOX}/x.yaml`, "judged");
    drop(tree, "bridge/failed/CLC/x.yaml", "earlier");
    drop(tree, "bridge/failed/CLC/x.yaml.2.error.json", "a report whose file was moved away");
    expect(reserve(lying("x.yaml"), "bridge/failed/CLC", tree.open())).toBe("bridge/failed/CLC/x.yaml.3");
  });

  it("is used again when a crash left it empty", () => {
    drop(tree, `${INBOX}/x.yaml`, "judged");
    const world = tree.open();
    expect([1, 2].map(() => reserve(lying("x.yaml"), "bridge/failed/CLC", world))).toEqual([
      "bridge/failed/CLC/x.yaml",
      "bridge/failed/CLC/x.yaml",
    ]);
  });
});

describe("a newer file under the original's name", () => {
  it("is left alone when it came before the move, and nothing is left of the reservation", () => {
    drop(tree, `${INBOX}/x.yaml`, "judged");
    const judged = lying("x.yaml");
    const world = tree.open();
    const to = reserve(judged, "bridge/archive/CLC", world);
    drop(tree, `${INBOX}/x.yaml`, "newer");
    expect(moveTo(judged, to, world)).toBe(false);
    expect(tree.text(`${INBOX}/x.yaml`)).toBe("newer");
    expect(tree.names("bridge/archive/CLC")).toEqual([]);
  });

  it.each(["nothing more", "a third one"])(
    "is put back when it comes in the very moment of the move, with %s after it",
    (after) => {
      const real = realPorts().disk;
      drop(tree, `${INBOX}/x.yaml`, "judged");
      const judged = lying("x.yaml");
      const world = tree.open({
        disk: {
          ...real,
          rename(from, to) {
            if (!to.includes("/archive/")) return real.rename(from, to);
            writeFileSync(`${tree.base}/newer`, "newer");
            renameSync(`${tree.base}/newer`, from);
            real.rename(from, to);
            if (after === "a third one") writeFileSync(from, "third");
          },
        },
      });
      expect(moveTo(judged, reserve(judged, "bridge/archive/CLC", world), world)).toBe(false);
      const texts = tree.names(INBOX).map((name) => readFileSync(tree.place(`${INBOX}/${name}`), "utf8"));
      expect(texts).toEqual(after === "a third one" ? ["third", "newer"] : ["newer"]);
      expect(tree.names("bridge/archive/CLC")).toEqual([]);
    },
  );
});
