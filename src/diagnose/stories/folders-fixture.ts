/** Folders, components, globs. Told on one line of commits. For tests. */

import { SCRIPT, type Stories } from "./story-fixture.ts";

export const FOLDERS: Stories = {
  "a folder deleted": (s) => {
    s.put("folder-gone/agent/a.sh", SCRIPT);
    const good = s.put("folder-gone/agent/b.sh", SCRIPT);
    s.remove("folder-gone/agent");
    const commit = s.put("folder-gone/o", "o\n", "feat: dashboards");
    return {
      ask: "folder-gone/agent",
      expected: { verdict: "worked-then-broke", kind: "deleted", commit, good, intentional: false },
    };
  },
  "a folder removed by name": (s) => {
    s.put("folder-named/legacy-agent/a.sh", SCRIPT);
    s.remove("folder-named/legacy-agent");
    const commit = s.put("folder-named/o", "o\n", "chore: remove legacy agent");
    return {
      ask: "folder-named/legacy-agent",
      expected: { verdict: "worked-then-broke", kind: "deleted", commit, intentional: true },
    };
  },
  "a component of which a part is gone": (s) => {
    s.put("part/agent/agent.sh", SCRIPT);
    s.put("part/agent/lib.sh", `${SCRIPT}# lib\n`);
    const good = s.put("part/agent/README.md", "# Agent\n");
    s.remove("part/agent/agent.sh");
    const commit = s.put("part/o", "o\n", "auto-commit");
    return { ask: "part/agent", expected: { verdict: "worked-then-broke", kind: "deleted", commit, good } };
  },
  "a folder that is worked on": (s) => {
    for (const name of ["a", "b", "c", "d", "e", "f"]) s.write(`busy/lib/${name}.sh`, `${SCRIPT}${name}`);
    s.commit("six");
    s.remove("busy/lib/f.sh");
    const good = s.put("busy/lib/g.sh", "another\nthing\naltogether\n", "refactor the library");
    return { ask: "busy/lib", expected: { verdict: "healthy", good } };
  },
  "a folder that moved": (s) => {
    s.write("move-dir/old/a.sh", "aaa\naaa\naaa\n");
    s.write("move-dir/old/b.sh", "bbb\nbbb\nbbb\n");
    const good = s.commit("two");
    s.git("mv", "move-dir/old", "move-dir/new");
    const commit = s.commit("tidy");
    return {
      ask: "move-dir/old",
      expected: { verdict: "moved", kind: "renamed", commit, good, movedTo: "move-dir/new" },
    };
  },
  "a glob of which everything is gone": (s) => {
    s.write("globs/rollback_a.zsh", "a\n");
    s.write("globs/rollback_b.zsh", "b\n");
    const good = s.commit("rollbacks");
    s.remove("globs/rollback_a.zsh");
    s.remove("globs/rollback_b.zsh");
    const commit = s.put("globs/o", "o\n", "auto-commit");
    return { ask: "globs/rollback_*.zsh", expected: { verdict: "worked-then-broke", kind: "deleted", commit, good } };
  },
  "a glob that never named anything": () => ({ ask: "globs/nothing_*.zsh", expected: { verdict: "never-existed" } }),
};
