import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Actor } from "../ledger/index.ts";
import { attribute } from "./attribute.ts";
import { readCommand } from "./command/read-command.ts";
import type { DriftedPath } from "./drift-kind.ts";
import type { Witness, WitnessSource } from "./witnesses/witness.ts";

const TREE = { cwd: "/t", workTree: "/t" };
const CODEX: Actor = { kind: "agent", name: "codex", session: "s" };
const ME: Actor = { kind: "human", name: "me" };
const GONE: DriftedPath[] = [{ path: "/t/a", kind: "deleted" }];
const WINDOW = { fromMs: 100_000, toMs: 100_200 };

/** `line`: words between spaces, or a shell's text behind `sh -c `. */
function saw(source: WitnessSource, line: string, more: Partial<Witness> = {}): Witness {
  const argv = line.startsWith("sh -c ") ? ["sh", "-c", line.slice(6)] : line.split(" ");
  return {
    source,
    argv,
    reading: readCommand(argv, TREE),
    cwd: "/t",
    startedMs: 100_010,
    endedMs: 100_020,
    seenMs: 100_020,
    exitCode: source === "process" ? null : 0,
    pid: null,
    startKey: null,
    actor: { kind: "unknown", name: "" },
    parents: [],
    ...more,
  };
}

const said = (witnesses: readonly Witness[], drift = GONE) => {
  const { cause, others } = attribute(drift, witnesses, WINDOW);
  return [cause, ...others].map((one) => (one === null ? null : `${one.what} ${one.confidence}`));
};

describe("a single witness", () => {
  it.each<[WitnessSource, string, number]>([
    ["hook", "git clean -fd", 0.99],
    ["trace", "git clean -fd", 0.95],
    ["process", "rm -rf a", 0.85],
    ["reflog", "git reset --hard", 0.6],
    ["process", "node build.js", 0.3],
    ["trace", "git checkout nowhere/else b", 0],
  ])("%s of %s: %f", (source, line, confidence) => {
    const { cause } = attribute(GONE, [saw(source, line)], WINDOW);
    expect(cause?.confidence ?? 0).toBe(confidence);
  });

  it("counts inside the window only", () => {
    const before = { startedMs: 90_000, endedMs: 90_100, seenMs: 90_100 };
    const after = { startedMs: 101_000, endedMs: 101_100, seenMs: 101_100 };
    expect(said([saw("trace", "git clean -fd", before), saw("trace", "git reset --hard", after)])).toEqual([null]);
    const across = { startedMs: 90_000, endedMs: null, seenMs: 100_050 };
    expect(said([saw("process", "rm -rf a", across)])).toEqual(["rm -rf a 0.85"]);
  });

  it("counts less when it had ended before", () => {
    const earlier = { startedMs: 99_600, endedMs: 99_700, seenMs: 99_700 };
    expect(said([saw("trace", "git clean -fd", earlier)])).toEqual(["git clean -fd 0.38"]);
    const gone = { startedMs: 99_600, endedMs: 100_100, seenMs: 99_700 };
    expect(said([saw("process", "rm -rf a", gone)])).toEqual(["rm -rf a 0.34"]);
  });

  it("counts less when git leaves such paths alone", () => {
    const tracked = (known: boolean) => [{ ...GONE[0]!, tracked: known }];
    expect(said([saw("trace", "git reset --hard")], tracked(false))).toEqual(["git reset --hard 0.6"]);
    expect(said([saw("trace", "git clean -fd")], tracked(true))).toEqual(["git clean -fd 0.6"]);
    const both = [saw("trace", "git stash", { pid: 1 }), saw("trace", "git clean -fd", { pid: 2 })];
    expect(said(both, tracked(false))[0]).toMatch(/^git clean/);
    expect(said([saw("trace", "git stash -u")], tracked(false))).toEqual(["git stash -u 0.95"]);
  });

  it("is no cause when it could not have done it", () => {
    expect(said([saw("hook", "git status"), saw("trace", "git commit -am x"), saw("process", "rm b")])).toEqual([null]);
  });

  it("counts less when it failed, and when it ran long before and nothing is known of it", () => {
    expect(said([saw("trace", "git clean -fd", { exitCode: 1 })])).toEqual(["git clean -fd 0.76"]);
    const { cause } = attribute(GONE, [saw("process", "node server.js", { startedMs: 1_000, endedMs: null })], WINDOW);
    expect(cause).toBeNull();
  });
});

describe("several witnesses of one act", () => {
  it("are one cause, surer than each: trace, process table and reflog", () => {
    const trace = saw("trace", "git reset --hard", { pid: 7 });
    const process = saw("process", "git reset --hard", { pid: 7, actor: ME, startedMs: 100_000 });
    const reflog = saw("reflog", "git reset --hard", { says: "git reset: moving to HEAD" });
    const { cause, others } = attribute(GONE, [reflog, process, trace], WINDOW);
    expect(others).toEqual([]);
    expect(cause).toMatchObject({ what: "git reset --hard", pid: 7, actor: ME, source: "trace", confidence: 0.98 });
  });

  it("are no surer for one that could not have done it", () => {
    const shell = saw("process", "sh -c rm $x; git commit -am x", { pid: 1 });
    const commit = saw("trace", "git commit -am x", {
      pid: 2,
      parents: [{ pid: 1, name: "sh", argv: [], startedMs: null }],
    });
    expect(said([shell, commit])).toEqual(["sh -c 'rm $x; git commit -am x' 0.5"]);
  });

  it("are no cause when the surer one says that it had ended", () => {
    const trace = saw("trace", "git reset --hard", { startedMs: 99_000, endedMs: 99_100, seenMs: 99_100 });
    const reflog = saw("reflog", "git reset --hard", { startedMs: 99_000, endedMs: 99_999, seenMs: 100_200 });
    expect(said([trace, reflog])).toEqual([null]);
    expect(said([reflog])).toEqual(["git reset --hard 0.6"]);
  });

  it("are known by the whole that they are a part of, whichever part was seen", () => {
    const shell = saw("process", "sh -c rm a; git clean -fd", { pid: 5 });
    const parents = [{ pid: 5, name: "sh", argv: shell.argv, startedMs: shell.startedMs }];
    const acts = ["rm a", "git clean -fd"].map((line) => {
      const { cause } = attribute(GONE, [shell, saw("process", line, { pid: 6, parents })], WINDOW);
      return [cause?.what, cause?.act];
    });
    expect(acts).toEqual([
      ["rm a", "sh -c 'rm a; git clean -fd'"],
      ["git clean -fd", "sh -c 'rm a; git clean -fd'"],
    ]);
  });

  it("end at the border of a session: who started the work is no part of it", () => {
    const above = { pid: 5, name: "node", argv: ["node", "agent/run.js"], startedMs: 99_900, isOutside: true } as const;
    expect(said([saw("process", "rm -rf a", { pid: 6, parents: [above] })])).toEqual(["rm -rf a 0.85"]);
  });

  it("name a script with the commands that it ran", () => {
    const parents = [{ pid: 5, name: "zsh", argv: ["zsh", "tools/rollback_x.zsh"], startedMs: 1 }];
    const script = saw("process", "zsh tools/rollback_x.zsh", { pid: 5, actor: CODEX });
    const remove = saw("process", "rm -rf a", { pid: 6, parents });
    const clean = saw("trace", "git clean -fd", {
      pid: 8,
      parents: [{ pid: null, name: "zsh", argv: [], startedMs: null }],
    });
    const { cause, others } = attribute(GONE, [script, remove, clean], WINDOW);
    expect(others).toEqual([]);
    expect(cause).toMatchObject({ what: "zsh tools/rollback_x.zsh (git clean -fd; rm -rf a)", actor: CODEX, pid: 8 });
    expect(said([remove])).toEqual(["zsh tools/rollback_x.zsh (rm -rf a) 0.85"]);
  });

  it("name a script in another language when it began just before", () => {
    const above = { pid: 5, name: "python3", argv: ["python3", "tools/undo.py"], startedMs: 99_000 };
    const inSession = saw("process", "rm -rf a", {
      pid: 6,
      parents: [{ pid: 7, name: "sh", argv: ["sh", "-c", "rm -rf a"], startedMs: 1 }, above],
    });
    expect(said([inSession])).toEqual(["python3 tools/undo.py (rm -rf a) 0.85"]);
  });

  it("name what a hook reported, with the command inside", () => {
    const hook = saw("hook", "npm run reset", { startedMs: 100_000, endedMs: 100_500, actor: CODEX, pid: 3 });
    const inner = saw("trace", "git clean -fdx", { pid: 9 });
    const { cause, others } = attribute(GONE, [inner, hook], WINDOW);
    expect(others).toEqual([]);
    expect(cause).toMatchObject({ what: "npm run reset (git clean -fdx)", actor: CODEX, source: "hook", pid: 9 });
    const text = saw("hook", "sh -c cd /t && git clean -fd", { says: "cd /t && git clean -fd", startedMs: 100_000 });
    expect(said([text, saw("trace", "git clean -fd", { pid: 9 })])).toEqual(["cd /t && git clean -fd 0.99"]);
  });

  it("do not make a person's shell or an agent a part of each command", () => {
    const shell = { pid: 2, name: "zsh", argv: ["-zsh"], startedMs: 2_000 };
    for (const line of ["claude", "node /opt/agent/cli.js"]) {
      const above = { pid: 4, name: "claude", argv: line.split(" "), startedMs: 99_900 };
      const agent = saw("process", line, { pid: 4, startedMs: 99_900, endedMs: null });
      const remove = saw("process", "rm -rf a", { pid: 6, parents: [shell, above] });
      expect(said([agent, remove])[0]).toBe("rm -rf a 0.85");
    }
  });
});

describe("several acts", () => {
  it("that could both have done it are both named, each less sure", () => {
    const both = [saw("process", "rm -rf a", { pid: 1 }), saw("process", "rsync -a --delete /old/ /t/", { pid: 2 })];
    expect(said(both)).toEqual(["rm -rf a 0.51", "rsync -a --delete /old/ /t/ 0.51"]);
  });

  it("do not take from each other when one is far likelier", () => {
    const both = [saw("trace", "git clean -fd", { pid: 1 }), saw("process", "node build.js", { pid: 2 })];
    expect(said(both)).toEqual(["git clean -fd 0.95", "node build.js 0.3"]);
  });

  it("that are all unlikely leave the cause unknown, and are told", () => {
    const three = ["node a.js", "make", "python3 b.py"].map((line, index) => saw("process", line, { pid: index + 1 }));
    const { cause, others } = attribute(GONE, three, WINDOW);
    expect(cause).toBeNull();
    expect(others).toHaveLength(3);
  });
});

it("tells what git recorded meanwhile, though it touched no file", () => {
  const { cause, recordedBy } = attribute(GONE, [saw("trace", "git commit -am nightly", { actor: CODEX })], WINDOW);
  expect(cause).toBeNull();
  expect(recordedBy).toMatchObject({ what: "git commit -am nightly", actor: CODEX });
});

it("takes no commit that had been made before for the one that recorded it", () => {
  const before = { startedMs: 99_700, endedMs: 99_800, seenMs: 99_800 };
  const shell = saw("process", "sh -c git commit -am x; sleep 9", { pid: 1, startedMs: 99_690, endedMs: null });
  const commit = saw("trace", "git commit -am x", { ...before, pid: 2, parents: [{ ...shell, name: "sh", pid: 1 }] });
  expect(attribute(GONE, [shell, commit], WINDOW).recordedBy).toBeNull();
});

it("a commit that came before the reset in the reflog recorded nothing of what the reset did, though both are of one second", () => {
  const second = { startedMs: 100_000, endedMs: 100_999, seenMs: 101_000 };
  const commit = saw("reflog", "git commit", { ...second, line: 4 });
  const reset = saw("reflog", "git reset --hard", { ...second, endedMs: 100_190, line: 5 });
  const seen = saw("process", "git reset -q --hard", { pid: 7, seenMs: 100_100, endedMs: null });
  expect(attribute(GONE, [commit, reset, seen], WINDOW)).toMatchObject({
    cause: { what: "git reset -q --hard" },
    recordedBy: null,
  });
  const after = { ...commit, line: 6 };
  expect(attribute(GONE, [after, reset, seen], WINDOW).recordedBy).not.toBeNull();
});

it("shows no credential, whoever saw it", () => {
  const witnesses = (["hook", "trace", "process"] as const).map((source, index) =>
    saw(source, "rsync -a --password=s3cr3t rsync://me:s3cr3t@host/x /t", { pid: index }),
  );
  expect(JSON.stringify(said(witnesses, [{ path: "/t/a", kind: "modified" }]))).not.toContain("s3cr3t");
});

it("answers for any witnesses: ordered, between 0 and 1, each act once", () => {
  const lines = [
    "git reset --hard",
    "rm -rf a",
    "git status",
    "node x.js",
    "sh -c rm -rf a",
    "zsh r.zsh",
    "git stash",
    "cp -r /o/. /t",
  ];
  const anyWitness = fc
    .record({
      source: fc.constantFrom<WitnessSource>("hook", "trace", "process", "reflog"),
      line: fc.constantFrom(...lines),
      startedMs: fc.integer({ min: 99_000, max: 101_000 }),
      lengthMs: fc.option(fc.integer({ min: 0, max: 2_000 })),
      pid: fc.option(fc.integer({ min: 1, max: 5 })),
      parent: fc.integer({ min: 1, max: 5 }),
    })
    .map(({ source, line, startedMs, lengthMs, pid, parent }) =>
      saw(source, line, {
        startedMs,
        endedMs: lengthMs === null ? null : startedMs + lengthMs,
        seenMs: startedMs + (lengthMs ?? 10),
        pid,
        parents: [{ pid: parent, name: "zsh", argv: ["zsh", "r.zsh"], startedMs: null }],
      }),
    );
  fc.assert(
    fc.property(fc.array(anyWitness, { maxLength: 12 }), (witnesses) => {
      const { cause, others } = attribute(GONE, witnesses, WINDOW);
      const all = [...(cause === null ? [] : [cause]), ...others].map(({ confidence }) => confidence);
      expect(all.every((confidence) => confidence > 0 && confidence <= 1)).toBe(true);
      expect(all).toEqual([...all].sort((a, b) => b - a));
      if (cause !== null) expect(witnesses.some(({ reading }) => !reading.harmless)).toBe(true);
    }),
  );
});
