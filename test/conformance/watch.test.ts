/** One suite for the real watches and the polling ones: the same changes are hinted. On a Mac it has not been run so far. */

import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Watch, WatchPort } from "../../src/base/index.ts";
import { realPorts } from "../../src/platform/index.ts";
import { PollingWatch } from "../fakes/index.ts";

let dir: string;
let watches: Watch[];
let hints: Set<string | null>;

beforeEach(() => {
  dir = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), "holdfast-watch-")));
  watches = [];
  hints = new Set();
});
afterEach(() => {
  for (const watch of watches) watch.close();
  fs.rmSync(dir, { recursive: true, force: true });
});

const at = (name: string) => join(dir, name);
const codeOf = (call: () => unknown) => {
  try {
    call();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
  return "no error";
};

describe.each([
  { name: "the real watches", make: (): WatchPort => realPorts().watch },
  { name: "the polling watches", make: (): WatchPort => new PollingWatch() },
])("$name", ({ make }) => {
  let port: WatchPort;
  beforeEach(() => {
    port = make();
  });

  function watchFolder(path: string): Watch {
    const watch = port.watchFolder(
      path,
      (name) => void hints.add(name),
      (error) => {
        throw error;
      },
    );
    watches.push(watch);
    return watch;
  }
  function watchFile(path: string): void {
    watches.push(
      port.watchFile(
        path,
        () => void hints.add("the file"),
        () => undefined,
      ),
    );
  }
  async function hinted(name: string): Promise<void> {
    for (const endMs = Date.now() + 5_000; !hints.has(name); ) {
      if (Date.now() > endMs) throw new Error(`no hint of ${name}, but of ${[...hints].join(", ")}`);
      if (port instanceof PollingWatch) port.poll();
      await new Promise((again) => setTimeout(again, 2));
    }
    hints.clear();
  }

  it("hint what is made, written, renamed, linked, removed, and loses its mode", async () => {
    watchFolder(dir);
    fs.writeFileSync(at("file"), "one");
    await hinted("file");
    fs.appendFileSync(at("file"), "two");
    await hinted("file");
    fs.chmodSync(at("file"), 0o600);
    await hinted("file");
    fs.linkSync(at("file"), at("twin"));
    await hinted("twin");
    fs.symlinkSync("file", at("link"));
    await hinted("link");
    fs.renameSync(at("file"), at("other"));
    await hinted("other");
    fs.rmSync(at("other"));
    await hinted("other");
    fs.mkdirSync(at("folder"));
    await hinted("folder");
    fs.rmdirSync(at("folder"));
    await hinted("folder");
  });

  it("tell names as they are", async () => {
    watchFolder(dir);
    for (const name of ["new\nline", "ümlaut", " blank "]) {
      fs.writeFileSync(at(name), "");
      await hinted(name);
    }
  });

  it("follow a folder that is moved, and do not see the one that takes its place", async () => {
    fs.mkdirSync(at("one"));
    watchFolder(at("one"));
    fs.renameSync(at("one"), at("two"));
    fs.mkdirSync(at("one"));
    fs.writeFileSync(at("one/new"), "");
    fs.writeFileSync(at("two/old"), "");
    await hinted("old");
    fs.writeFileSync(at("two/last"), "");
    const seen = new Set(hints);
    await hinted("last");
    expect(seen.has("new")).toBe(false);
  });

  it("hint a removed folder by its own name", async () => {
    fs.mkdirSync(at("one"));
    watchFolder(at("one"));
    fs.rmdirSync(at("one"));
    await hinted("one");
  });

  it("see a file through whichever of its names it is written", async () => {
    fs.mkdirSync(at("a"));
    fs.mkdirSync(at("b"));
    fs.writeFileSync(at("a/file"), "one");
    fs.linkSync(at("a/file"), at("b/twin"));
    watchFile(at("a/file"));
    fs.appendFileSync(at("b/twin"), "two");
    await hinted("the file");
  });

  it("say nothing after they were closed", async () => {
    const silent = watchFolder(dir);
    silent.close();
    fs.mkdirSync(at("folder"));
    watchFolder(at("folder"));
    fs.writeFileSync(at("unseen"), "");
    fs.writeFileSync(at("folder/seen"), "");
    await hinted("seen");
    expect(hints.has("unseen")).toBe(false);
  });

  it("refuse what is no folder, or not there", () => {
    fs.writeFileSync(at("file"), "");
    fs.symlinkSync(".", at("link"));
    expect(codeOf(() => watchFolder(at("none")))).toBe("ENOENT");
    expect(codeOf(() => watchFolder(at("file")))).toBe("ENOTDIR");
    expect(codeOf(() => watchFolder(at("link")))).toBe("ENOTDIR");
    expect(codeOf(() => watchFile(at("none")))).toBe("ENOENT");
  });
});
