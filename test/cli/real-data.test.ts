/** Real orders of real agents, dropped as they are: each is read and classified, none crashes, none is lost, none is called done for nothing. */

import { cpSync, existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeTree, type Ran, type TestTree } from "./holdfast.ts";
import { drop, filesIn, submit } from "./order-fixture.ts";

const DATA = resolve(import.meta.dirname, "../data/workorders");
const NAMES = readdirSync(DATA).sort();
const MALFORMED: Record<string, { content: string; code: string; line: number; column?: number }> = {
  "cut-off.yaml": {
    content: "id: WO-CUT\nsteps:\n  - name: tidy\n    run: rm -rf build",
    code: "WO_CUT_OFF",
    line: 4,
  },
  "open-quote.yaml": {
    content: 'id: WO-QUOTE\nfiles:\n  - path: a.txt\n    content: "never en',
    code: "WO_SYNTAX",
    line: 4,
  },
  "cut-off.json": { content: '{"id": "WO-CUT-J",\n "files": [{"path": "a.txt", "cont', code: "WO_SYNTAX", line: 2 },
  "twice.yaml": { content: "id: WO-TWICE\ntitle: a\ntitle: b\n", code: "WO_DUPLICATE_KEY", line: 3, column: 1 },
  "twice.json": {
    content: '{\n "id": "WO-TWICE-J",\n "id": "WO-OTHER"\n}\n',
    code: "WO_DUPLICATE_KEY",
    line: 3,
    column: 2,
  },
  "tabs.yaml": {
    content: "id: WO-TABS\nfiles:\n\t- path: a.txt\n\t  content: x\n",
    code: "WO_SYNTAX",
    line: 3,
    column: 1,
  },
  "words.yaml": { content: "id: WO-WORDS\nfiles: [}\n", code: "WO_SYNTAX", line: 2, column: 9 },
  "comma.json": { content: '{"id": "WO-COMMA",\n "files": [,]}\n', code: "WO_SYNTAX", line: 2, column: 12 },
};

interface Listed {
  id: string;
  stage: string;
  status: string;
  paths: string[];
  tests: unknown[];
}

let tree: TestTree;
let ran: Ran;
let orders: Listed[];

beforeAll(() => {
  tree = makeTree({ init: ["--orders"] });
  for (const name of NAMES) {
    if (statSync(join(DATA, name)).isDirectory())
      cpSync(join(DATA, name), join(tree.root, "bridge/inbox/CLC", name), { recursive: true });
    else drop(tree, "CLC", name, readFileSync(join(DATA, name)));
  }
  for (const [name, { content }] of Object.entries(MALFORMED)) drop(tree, "CLC", name, content);
  ran = tree.run(["up", "--once", "--json"]);
  orders = tree.run(["wo", "list", "--json"]).json<{ orders: Listed[] }>().orders;
});
afterAll(() => tree?.end());

it("answers for every file: taken, set aside, or left and named", () => {
  expect(ran.err).toBe("");
  // Some of them fail honestly: what they patch is not there.
  expect(ran.code).toBe(1);
  const { taken, setAside, left } = ran.json<{ taken: string[]; setAside: string[]; left: { message: string }[] }>();
  expect(taken.length + setAside.length + left.length).toBeGreaterThanOrEqual(NAMES.length);
  expect(taken.length).toBeGreaterThan(10);
  const lying = filesIn(tree, "bridge/inbox/CLC").filter(
    (name) => !statSync(join(tree.root, "bridge/inbox/CLC", name)).isDirectory(),
  );
  expect(lying.filter((name) => !left.some(({ message }) => message.includes(name.split("/")[0]!)))).toEqual([]);
});

it("loses none: each original's bytes lie in the archive, among the failed, or in the inbox", () => {
  const places = ["bridge/archive/CLC", "bridge/failed/CLC", "bridge/inbox/CLC"].filter((place) =>
    existsSync(join(tree.root, place)),
  );
  const kept = new Set(
    places.flatMap((place) =>
      filesIn(tree, place)
        .map((name) => join(tree.root, place, name))
        .filter((path) => statSync(path).isFile())
        .map((path) => readFileSync(path).toString("base64")),
    ),
  );
  const originals = (readdirSync(DATA, { recursive: true }) as string[])
    .map((name) => join(DATA, name))
    .filter((path) => statSync(path).isFile());
  expect(originals.length).toBeGreaterThan(40);
  expect(originals.filter((path) => !kept.has(readFileSync(path).toString("base64")))).toEqual([]);
  for (const [name, { content }] of Object.entries(MALFORMED)) {
    expect([name, kept.has(Buffer.from(content).toString("base64"))]).toEqual([name, true]);
  }
});

it("calls nothing done that had nothing to execute", () => {
  expect(orders.length).toBeGreaterThan(10);
  const done = orders.filter(({ status }) => status === "done");
  expect(
    done.filter(({ paths, tests, stage }) => paths.length === 0 && tests.length === 0 && stage !== "planned"),
  ).toEqual([]);
  for (const { id } of orders.filter(({ stage }) => stage === "routed")) {
    expect(existsSync(join(tree.root, `bridge/outbox/CLC/${id}.ack.json`))).toBe(false);
  }
  expect(orders.filter(({ stage }) => stage === "routed").length).toBeGreaterThan(3);
});

it("puts a reason or an error beside everything that it set aside", () => {
  const { setAside } = ran.json<{ setAside: string[] }>();
  for (const path of setAside) {
    const report = [".reason.json", ".error.json"]
      .map((end) => join(tree.root, `${path}${end}`))
      .find((place) => existsSync(place));
    expect([path, report !== undefined]).toEqual([path, true]);
    const said = JSON.parse(readFileSync(report!, "utf8")) as {
      code?: string;
      message?: string;
      hint?: string;
      reason?: string;
    };
    if (report!.endsWith(".error.json"))
      expect(said).toMatchObject({
        code: expect.stringMatching(/^WO_/),
        message: expect.any(String),
        hint: expect.any(String),
      });
    else expect(JSON.stringify(said)).toMatch(/"reason":\s*"[^"]+/);
  }
});

it("gives line and column of what is malformed", () => {
  for (const [name, { code, line, column }] of Object.entries(MALFORMED)) {
    const said = JSON.parse(tree.read(`bridge/failed/CLC/${name}.error.json`)) as object;
    expect({ name, ...said }).toMatchObject({ name, code, line, column: column ?? expect.any(Number) });
  }
});

it("gives the same through `submit`: exit 5 with code, line and column in one document", () => {
  const { content, line } = MALFORMED["tabs.yaml"]!;
  const refused = submit(tree, content);
  expect(refused.code).toBe(5);
  expect(refused.json()).toMatchObject({ error: { code: "WO_SYNTAX", data: { line, column: 1 } } });
  const ack = tree.run(["submit", join(DATA, "TEST_CLC.ack.json"), "--json"]);
  expect(ack.code).toBe(5);
  expect(ack.json()).toMatchObject({ error: { code: "WO_NOT_AN_ORDER" } });
});
