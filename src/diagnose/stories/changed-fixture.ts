/** What is there, and is not what it was: or is, and should be. Told on one line of commits. For tests. */

import { SCRIPT, type Stories } from "./story-fixture.ts";

export const CHANGED: Stories = {
  "a stale tree committed by a robot: back at an older version": (s) => {
    s.put("stale/run.sh", "one\n");
    const good = s.put("stale/run.sh", "two\n");
    s.write("stale/state.json", "{}\n");
    const commit = s.put("stale/run.sh", "one\n", "auto: sync 2025-11-13T22:43");
    s.put("stale/other.txt", "y\n");
    return {
      ask: "stale/run.sh",
      expected: { verdict: "worked-then-broke", kind: "reverted", commit, good, intentional: false },
    };
  },
  "reverted, and edited normally afterwards": (s) => {
    s.put("after/run.sh", "one\n");
    s.put("after/run.sh", "two\n");
    s.put("after/run.sh", "one\n", "auto-commit");
    const good = s.put("after/run.sh", "three\n");
    return { ask: "after/run.sh", expected: { verdict: "healthy", good } };
  },
  "reverted on purpose by git revert": (s) => {
    s.put("revert/run.sh", "one\n");
    s.put("revert/run.sh", "two\n", "feat: two");
    s.git("revert", "--no-edit", "HEAD");
    const commit = s.git("rev-parse", "HEAD").trim();
    return { ask: "revert/run.sh", expected: { verdict: "healthy", kind: "reverted", commit, intentional: true } };
  },
  "a revert of a revert": (s) => {
    s.put("again/run.sh", "one\n");
    s.put("again/run.sh", "two\n", "feat: two again");
    s.git("revert", "--no-edit", "HEAD");
    s.git("revert", "--no-edit", "HEAD");
    const commit = s.git("rev-parse", "HEAD").trim();
    return { ask: "again/run.sh", expected: { verdict: "healthy", kind: "reverted", commit, intentional: true } };
  },
  "restored by name after a stale tree": (s) => {
    s.put("restored/save.sh", "one\n");
    s.put("restored/save.sh", "two\n");
    s.put("restored/save.sh", "one\n", "auto-commit");
    const commit = s.put("restored/save.sh", "two\n", "fix: restore save.sh");
    return { ask: "restored/save.sh", expected: { verdict: "healthy", kind: "reverted", commit, intentional: true } };
  },
  "a file that became a link": (s) => {
    const good = s.put("swap/tool.sh", SCRIPT);
    s.link("swap/tool.sh", "../README.md");
    const commit = s.put("swap/o", "o\n", "auto-commit");
    return {
      ask: "swap/tool.sh",
      expected: { verdict: "worked-then-broke", kind: "type-changed", commit, good, intentional: false },
    };
  },
  "a link that became a file": (s) => {
    s.link("unswap/tool", "../README.md");
    const good = s.commit("a link");
    s.remove("unswap/tool");
    const commit = s.put("unswap/tool", "../README.md", "sync");
    return { ask: "unswap/tool", expected: { verdict: "worked-then-broke", kind: "type-changed", commit, good } };
  },
  "a file that became a folder": (s) => {
    const good = s.put("kind/conf", "a=1\n");
    s.remove("kind/conf");
    const commit = s.put("kind/conf/a", "1\n", "work");
    return { ask: "kind/conf", expected: { verdict: "worked-then-broke", kind: "type-changed", commit, good } };
  },
  "a folder that became a file": (s) => {
    s.put("unkind/conf/a", "1\n");
    s.remove("unkind/conf");
    const commit = s.put("unkind/conf", "a=1\n", "work");
    return { ask: "unkind/conf", expected: { verdict: "worked-then-broke", kind: "type-changed", commit } };
  },
  "the executable bit lost": (s) => {
    s.write("mode/run.sh", SCRIPT, 0o755);
    const good = s.commit("run.sh");
    s.write("mode/run.sh", SCRIPT, 0o644);
    const commit = s.put("mode/o", "o\n", "sync from the cloud");
    return { ask: "mode/run.sh", expected: { verdict: "worked-then-broke", kind: "mode-changed", commit, good } };
  },
  "the executable bit lost, and the content edited later": (s) => {
    s.write("mode-edit/run.sh", SCRIPT, 0o755);
    const good = s.commit("run");
    s.write("mode-edit/run.sh", SCRIPT, 0o644);
    const commit = s.put("mode-edit/o", "o\n", "sync from the cloud");
    s.put("mode-edit/run.sh", `${SCRIPT}echo more\n`);
    return { ask: "mode-edit/run.sh", expected: { verdict: "worked-then-broke", kind: "mode-changed", commit, good } };
  },
  "the executable bit of a document is nobody's loss": (s) => {
    s.write("mode-doc/guide.md", "# Guide\n", 0o755);
    s.commit("guide");
    s.write("mode-doc/guide.md", "# Guide\n", 0o644);
    s.put("mode-doc/o", "o\n", "sync from the cloud");
    return { ask: "mode-doc/guide.md", expected: { verdict: "healthy" } };
  },
  "a ledger that only grew, cut off": (s) => {
    s.put("grow/day.jsonl", '{"a":1}\n');
    s.put("grow/day.jsonl", '{"a":1}\n{"a":2}\n');
    const good = s.put("grow/day.jsonl", '{"a":1}\n{"a":2}\n{"a":3}\n');
    const commit = s.put("grow/day.jsonl", '{"a":1}\n', "auto-commit");
    return { ask: "grow/day.jsonl", expected: { verdict: "worked-then-broke", kind: "truncated", commit, good } };
  },
  "a ledger cut off that goes on growing": (s) => {
    s.put("grow-on/day.jsonl", '{"a":1}\n');
    const good = s.put("grow-on/day.jsonl", '{"a":1}\n{"a":2}\n');
    const commit = s.put("grow-on/day.jsonl", '{"b":0}\n', "rewrite");
    s.put("grow-on/day.jsonl", '{"b":0}\n{"b":1}\n');
    return { ask: "grow-on/day.jsonl", expected: { verdict: "worked-then-broke", kind: "truncated", commit, good } };
  },
  "a ledger cut off and given back": (s) => {
    s.put("grow-back/day.jsonl", '{"a":1}\n');
    s.put("grow-back/day.jsonl", '{"a":1}\n{"a":2}\n');
    s.put("grow-back/day.jsonl", '{"a":1}\n', "auto-commit");
    const good = s.put("grow-back/day.jsonl", '{"a":1}\n{"a":2}\n{"a":3}\n', "merge the two");
    return { ask: "grow-back/day.jsonl", expected: { verdict: "healthy", good } };
  },
  emptied: (s) => {
    const good = s.put("emptied/conf.yaml", "a: 1\n");
    const commit = s.put("emptied/conf.yaml", "", "auto-commit");
    return { ask: "emptied/conf.yaml", expected: { verdict: "worked-then-broke", kind: "emptied", commit, good } };
  },
  "always empty": (s) => {
    const good = s.put("empty/.gitkeep", "");
    return { ask: "empty/.gitkeep", expected: { verdict: "healthy", good } };
  },
  "torn in the middle of a line": (s) => {
    const good = s.put("torn/a.md", "first line\nsecond line\nthird line\n");
    const commit = s.put("torn/a.md", "first line\nsecond l", "auto-commit");
    return { ask: "torn/a.md", expected: { verdict: "worked-then-broke", kind: "truncated", commit, good } };
  },
  "edited, shorter than before": (s) => {
    s.put("shorter/a.md", "first line\nsecond line\nthird line\n");
    const good = s.put("shorter/a.md", "another line\n");
    return { ask: "shorter/a.md", expected: { verdict: "healthy", good } };
  },
  "commit dates that run backwards": (s) => {
    s.write("dates/run.sh", "one\n");
    s.commit("one", { at: 1_770_000_000 });
    s.write("dates/run.sh", "two\n");
    const good = s.commit("two", { at: 1_760_000_000 });
    s.write("dates/run.sh", "one\n");
    const commit = s.commit("auto-commit", { at: 1_765_000_000 });
    return { ask: "dates/run.sh", expected: { verdict: "worked-then-broke", kind: "reverted", commit, good } };
  },
};
