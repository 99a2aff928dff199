import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { applyPatch } from "./patch.ts";
import type { FileContent } from "./patched-files.ts";

const TEN = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n";

describe("what git itself writes", () => {
  let folder: string;
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "core.autocrlf=false", ...args], {
      cwd: folder,
    });

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "holdfast-patch-"));
    git("init", "-q");
    const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
    mkdirSync(join(folder, "d"));
    for (const name of ["plain", "d/ä ö", "mode", "moved", "moved and changed", "gone"]) write(name, `${name}\n${TEN}`);
    write("empty gone", "");
    write("crlf", "a\r\nb\r\n");
    write("open", "a\nb");
    git("add", "-A");
    git("commit", "-qm", "one");
    write("plain", `0\nplain\n${TEN.replace("7", "seven")}`);
    write("d/ä ö", `d\n${TEN}`);
    write('new "quoted"\tname', "x");
    write("new empty", "");
    write("new script", "#!/bin/sh\n");
    write("crlf", "a\r\nc\r\n");
    write("open", "a\nb\nc");
    chmodSync(join(folder, "mode"), 0o755);
    chmodSync(join(folder, "new script"), 0o755);
    renameSync(join(folder, "moved"), join(folder, "d/moved"));
    renameSync(join(folder, "moved and changed"), join(folder, "d/changed"));
    write("d/changed", `moved and changed\n${TEN.replace("3", "three")}`);
    rmSync(join(folder, "gone"));
    rmSync(join(folder, "empty gone"));
    git("add", "-A");
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each([["-M"], ["--no-renames"], ["-M", "--no-prefix"], ["-M", "-U0"], ["-M", "-c", "core.quotePath=false"]])(
    "applies as git would: %s %s %s",
    (...options) => {
      const config = options.includes("core.quotePath=false") ? ["-c", "core.quotePath=false"] : [];
      const text = git(
        ...config,
        "diff",
        "--cached",
        ...options.filter((option) => option.startsWith("-") && option !== "-c"),
      ).toString();
      const names = git("ls-tree", "-r", "--name-only", "-z", "HEAD").toString().split("\0").filter(Boolean);
      const files = new Map<string, FileContent>(
        names.map((name) => [name, { bytes: git("show", `HEAD:${name}`), mode: 0o644 }]),
      );
      for (const { path, bytes, mode } of applyPatch(
        { patch: text, path: null, fuzz: 0 },
        (path) => files.get(path) ?? null,
      ).changes) {
        if (bytes === null) files.delete(path);
        else files.set(path, { bytes, mode: mode ?? files.get(path)?.mode ?? 0o644 });
      }
      const expected = git("ls-files", "-z").toString().split("\0").filter(Boolean);
      expect([...files.keys()].sort()).toEqual(expected.sort());
      for (const [name, { bytes, mode }] of files) {
        expect(Buffer.from(bytes), name).toEqual(readFileSync(join(folder, name)));
        expect(mode & 0o100, name).toBe(statSync(join(folder, name)).mode & 0o100);
      }
    },
  );
});
