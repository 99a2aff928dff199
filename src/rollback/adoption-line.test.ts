/** The line in real shells, with a stand-in for Holdfast that says how it was started. */

import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { adoptionLine, withLine, withoutLine } from "./adoption-line.ts";

let base: string;
beforeAll(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "holdfast 'line' ")));
  put("holdfast", '#!/bin/sh\necho "held: $* shell=$HOLDFAST_SHELL"\n');
});
afterAll(() => rmSync(base, { recursive: true }));

function put(name: string, text: string | Buffer): string {
  const path = join(base, name);
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}

const script = (head: string, shim = join(base, "holdfast")) =>
  withLine(Buffer.from(`${head}echo "bare $*"\n`), adoptionLine(shim));
const run = (command: readonly string[], options: { env?: NodeJS.ProcessEnv; cwd?: string; input?: string } = {}) => {
  const [program, ...args] = command as [string, ...string[]];
  const env = options.env ?? { PATH: "/usr/bin:/bin" };
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: base, encoding: "utf8", ...options, env });
  return { code: status, out: stdout, err: stderr };
};

const SHELLS: [name: string, head: string, shell: string][] = [
  ["sh", "#!/bin/sh -eu\n", ""],
  ["bash", "#!/bin/bash\nset -euo pipefail\n", "bash"],
  ["zsh", "#!/usr/bin/env zsh\nsetopt nounset errexit\n", "zsh"],
  ["dash", "#!/usr/bin/dash\n", ""],
];

describe.each(SHELLS)("a script for %s", (name, head, shell) => {
  it("starts itself under Holdfast, with its arguments, from anywhere, with an empty environment", () => {
    const path = put(`roll.${name}`, script(head));
    const held = { code: 0, out: `held: rollback ${path} -- a b c shell=${shell}\n`, err: "" };
    expect(run([path, "a", "b c"])).toEqual(held);
    expect(run([path, "a", "b c"], { cwd: "/", env: {} })).toEqual(held);
    expect(run([name, `roll.${name}`]).out).toContain(`held: rollback roll.${name} --`);
  });

  it("runs bare when Holdfast is its parent, and only then", () => {
    const path = put(`roll.${name}`, script(head));
    expect(run([path, "a"], { env: { PATH: "/usr/bin:/bin", HOLDFAST_RUN: String(process.pid) } }).out).toBe(
      "bare a\n",
    );
    expect(run([path, "a"], { env: { PATH: "/usr/bin:/bin", HOLDFAST_RUN: "1" } }).out).toContain("held:");
  });

  it("runs nothing where no Holdfast is, and says what to do", () => {
    const ran = run([put(`gone.${name}`, script(head, join(base, "none")))]);
    expect([ran.code, ran.out]).toEqual([3, ""]);
    expect(ran.err).toContain("Holdfast protects this script and is not here; nothing was run.");
    const found = run([join(base, `gone.${name}`), "x"], { env: { PATH: `${base}:/usr/bin:/bin` } });
    expect(found.out).toContain("held: rollback");
  });

  it("leaves a shell alone that only reads it in", () => {
    put(`roll.${name}`, script(head));
    const dot = name === "bash" || name === "zsh" ? [name, "-c", `. ./roll.${name}; echo "still here $?"`] : null;
    if (dot !== null) expect(run(dot)).toMatchObject({ code: 0, out: "still here 3\n" });
  });
});

it("is put in once, behind the interpreter, and taken out again byte for byte", () => {
  const line = adoptionLine("/home/o'brien/bin/holdfast");
  expect(line).not.toContain("\n");
  const texts = fc.oneof(
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc
      .tuple(fc.constantFrom("", "#!/bin/sh", "#!/bin/sh\n", "#!/usr/bin/env zsh\n", "\n"), fc.string())
      .map(([head, rest]) => Buffer.from(head + rest)),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const adopted = withLine(text, line);
      expect(withoutLine(adopted)).toEqual(text);
      expect(withLine(adopted, line)).toEqual(adopted);
      expect(withoutLine(withLine(adopted, adoptionLine("/elsewhere")))).toEqual(text);
      if (text.toString("latin1").startsWith("#!"))
        expect(adopted.toString("latin1").split("\n")[0]).toBe(text.toString("latin1").split("\n")[0]);
    }),
    { numRuns: 500 },
  );
});
