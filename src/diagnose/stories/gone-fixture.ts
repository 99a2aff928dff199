/** What is gone: deleted, renamed, let go. Told on one line of commits. For tests. */

import { SCRIPT, type Stories } from "./story-fixture.ts";

const TOOL = "#!/bin/sh\n# A tool of which there is only one in the whole world.\nexec true\n";

export const GONE: Stories = {
  "deleted by a commit about something else": (s) => {
    const good = s.put("deleted/a.sh", SCRIPT);
    s.remove("deleted/a.sh");
    const commit = s.put("deleted/other.txt", "x\n", "feat: dashboards");
    return {
      ask: "deleted/a.sh",
      expected: { verdict: "worked-then-broke", kind: "deleted", commit, good, intentional: false },
    };
  },
  "deleted on purpose, by name": (s) => {
    const good = s.put("purpose/old-router.sh", SCRIPT);
    s.remove("purpose/old-router.sh");
    const commit = s.put("purpose/other.txt", "x\n", "chore: remove old router");
    return {
      ask: "purpose/old-router.sh",
      expected: { verdict: "worked-then-broke", kind: "deleted", commit, good, intentional: true },
    };
  },
  "a removal of something else is no announcement": (s) => {
    const good = s.put("else/sync.sh", SCRIPT);
    s.remove("else/sync.sh");
    const commit = s.put("else/locks.txt", "x\n", "chore: remove stale locks");
    return {
      ask: "else/sync.sh",
      expected: { verdict: "worked-then-broke", kind: "deleted", commit, good, intentional: false },
    };
  },
  "a commit that removes nothing else announces it by its verb": (s) => {
    const good = s.put("verb/x.sh", SCRIPT);
    s.remove("verb/x.sh");
    const commit = s.commit("remove what nobody uses");
    return {
      ask: "verb/x.sh",
      expected: { verdict: "worked-then-broke", kind: "deleted", commit, good, intentional: true },
    };
  },
  "a stale tree that never knew the file deletes it": (s) => {
    s.put("never-knew/a", "1\n");
    const good = s.put("never-knew/new.sh", SCRIPT);
    s.remove("never-knew/new.sh");
    const commit = s.put("never-knew/a", "0\n", "auto-commit");
    return {
      ask: "never-knew/new.sh",
      expected: { verdict: "worked-then-broke", kind: "deleted", commit, good, intentional: false },
    };
  },
  "deleted by git revert of the commit that made it": (s) => {
    const good = s.put("unmade/run.sh", "one\n", "feat: make it");
    s.git("revert", "--no-edit", "HEAD");
    const commit = s.git("rev-parse", "HEAD").trim();
    return {
      ask: "unmade/run.sh",
      expected: { verdict: "worked-then-broke", kind: "deleted", commit, good, intentional: true },
    };
  },
  "deleted and added again": (s) => {
    s.put("back/x.sh", SCRIPT);
    s.remove("back/x.sh");
    s.commit("auto-commit");
    const good = s.put("back/x.sh", SCRIPT, "add it again");
    return { ask: "back/x.sh", expected: { verdict: "healthy", good } };
  },
  "deleted, and an older version added again": (s) => {
    s.put("older-back/x.sh", "one\n");
    const good = s.put("older-back/x.sh", "two\n");
    s.remove("older-back/x.sh");
    s.commit("auto-commit a");
    const commit = s.put("older-back/x.sh", "one\n", "auto-commit b");
    return {
      ask: "older-back/x.sh",
      expected: { verdict: "worked-then-broke", kind: "reverted", commit, good, intentional: false },
    };
  },
  "deleted twice: the last time counts": (s) => {
    s.put("twice/x.sh", "one\n");
    s.remove("twice/x.sh");
    s.commit("auto-commit");
    const good = s.put("twice/x.sh", "two\n");
    s.remove("twice/x.sh");
    const commit = s.put("twice/y", "y\n", "auto-commit");
    return { ask: "twice/x.sh", expected: { verdict: "worked-then-broke", kind: "deleted", commit, good } };
  },
  renamed: (s) => {
    const good = s.put("renamed/old.sh", SCRIPT);
    s.git("mv", "renamed/old.sh", "renamed/new.sh");
    const commit = s.commit("tidy");
    return {
      ask: "renamed/old.sh",
      expected: { verdict: "moved", kind: "renamed", commit, good, movedTo: "renamed/new.sh" },
    };
  },
  "renamed with edits": (s) => {
    const text = Array.from({ length: 20 }, (_, n) => `line ${n} of the script\n`).join("");
    const good = s.put("edited/old.sh", text);
    s.git("mv", "edited/old.sh", "edited/new.sh");
    s.write("edited/new.sh", text.replace("line 3 of", "LINE 3 IN"));
    const commit = s.commit("work");
    return {
      ask: "edited/old.sh",
      expected: { verdict: "moved", kind: "renamed", commit, good, movedTo: "edited/new.sh" },
    };
  },
  "renamed twice: followed to where it is": (s) => {
    const good = s.put("hops/a.sh", "hop\nhop\nhop\n");
    s.git("mv", "hops/a.sh", "hops/b.sh");
    const commit = s.commit("first hop");
    s.git("mv", "hops/b.sh", "hops/c.sh");
    s.commit("second hop");
    return { ask: "hops/a.sh", expected: { verdict: "moved", kind: "renamed", commit, good, movedTo: "hops/c.sh" } };
  },
  "renamed, and deleted there": (s) => {
    const good = s.put("lost-hop/a.sh", "away\naway\naway\n");
    s.git("mv", "lost-hop/a.sh", "lost-hop/b.sh");
    s.commit("hop");
    s.remove("lost-hop/b.sh");
    const commit = s.put("lost-hop/z", "z\n", "auto-commit");
    return { ask: "lost-hop/a.sh", expected: { verdict: "worked-then-broke", kind: "deleted", commit, good } };
  },
  "renamed by name, announced": (s) => {
    s.put("named/fetch.sh", "fetch\nfetch\n");
    s.git("mv", "named/fetch.sh", "named/pull.sh");
    const commit = s.commit("refactor: rename fetch.sh to pull.sh");
    return {
      ask: "named/fetch.sh",
      expected: { verdict: "moved", kind: "renamed", commit, movedTo: "named/pull.sh", intentional: true },
    };
  },
  "let go by git rm --cached and an ignore rule, and gone": (s) => {
    const good = s.put("let-go/cache.json", "{}\n");
    s.git("rm", "-q", "--cached", "let-go/cache.json");
    s.write("let-go/.gitignore", "cache.json\n");
    const commit = s.commit("chore: housekeeping");
    s.remove("let-go/cache.json");
    return { ask: "let-go/cache.json", expected: { verdict: "worked-then-broke", kind: "untracked", commit, good } };
  },
  "let go by git, and still there": (s) => {
    s.put("kept/cache.json", "{}\n");
    s.git("rm", "-q", "--cached", "kept/cache.json");
    s.write("kept/.gitignore", "cache.json\n");
    const commit = s.commit("chore: ignore cache.json");
    return { ask: "kept/cache.json", expected: { verdict: "healthy", kind: "untracked", commit, intentional: true } };
  },
  "mentioned by a document, a plist and a script, and never there": (s) => {
    s.put("decoys/guide.md", "run tools/ghost.sh, created yesterday\n", "docs: tools/ghost.sh");
    s.put("decoys/com.me.ghost.plist", "<plist><string>tools/ghost.sh</string></plist>\n");
    s.put("decoys/rollback.sh", "git checkout HEAD~3 -- tools/ghost.sh\n");
    return { ask: "tools/ghost.sh", expected: { verdict: "never-existed", commit: null, good: null } };
  },
  "a name with a newline, an escape and a quote": (s) => {
    const path = "hostile/a\n\u001b[31mb'c\".sh";
    const good = s.put(path, SCRIPT, "hostile \u001b[31mred\u001b[0m");
    s.remove(path);
    const commit = s.put("hostile/o", "o\n", "auto \u001b]0;title\u0007");
    return { ask: path, expected: { verdict: "worked-then-broke", kind: "deleted", commit, good } };
  },
  "moved by a robot in two commits": (s) => {
    const good = s.put("steps/old/tool.sh", TOOL);
    s.put("steps/new/tool.sh", TOOL, "auto-commit a");
    s.remove("steps/old/tool.sh");
    const commit = s.put("steps/o", "o\n", "auto-commit b");
    return {
      ask: "steps/old/tool.sh",
      expected: { verdict: "moved", kind: "renamed", commit, good, movedTo: "steps/new/tool.sh" },
    };
  },
  "one of two copies deleted": (s) => {
    const good = s.put("copies/a/tool.sh", "copied\nlong ago\n");
    s.write("copies/b/tool.sh", "copied\nlong ago\n");
    s.commit("a copy", { at: 1_764_000_000 });
    s.remove("copies/a/tool.sh");
    s.write("copies/o", "o\n");
    const commit = s.commit("auto-commit", { at: 1_764_900_000 });
    return {
      ask: "copies/a/tool.sh",
      expected: { verdict: "worked-then-broke", kind: "deleted", commit, good, intentional: false },
    };
  },
};
