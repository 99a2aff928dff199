/** Branches, merges, rewritten histories. Told on one main line, each with branches of its own. For tests. */

import { SCRIPT, type Stories, type Story } from "./story-fixture.ts";

function head(s: Story): string {
  return s.git("rev-parse", "HEAD").trim();
}

/** A branch from here, with what `work` does there; back on main afterwards. */
function branch(s: Story, name: string, work: () => void): void {
  s.git("checkout", "-q", "-b", name);
  work();
  s.git("checkout", "-q", "main");
}

export const BRANCHES: Stories = {
  "deleted on a side branch that was merged": (s) => {
    const good = s.put("side-del/x.sh", SCRIPT);
    let commit = "";
    branch(s, "side-del", () => {
      s.remove("side-del/x.sh");
      commit = s.put("side-del/o", "o\n", "work on a branch");
    });
    s.put("side-del/main", "m\n");
    s.git("merge", "-q", "--no-ff", "side-del");
    return {
      ask: "side-del/x.sh",
      expected: { verdict: "worked-then-broke", kind: "deleted", commit, good, intentional: false },
    };
  },
  "a merge that dropped what one side had": (s) => {
    s.put("evil/base", "b\n");
    branch(s, "evil", () => s.put("evil/o", "o\n"));
    const good = s.put("evil/x.sh", SCRIPT);
    s.git("merge", "-q", "--no-ff", "--no-commit", "evil");
    s.remove("evil/x.sh");
    const commit = s.commit("Merge branch 'evil'");
    return {
      ask: "evil/x.sh",
      expected: { verdict: "worked-then-broke", kind: "deleted", commit, good, intentional: false },
    };
  },
  "a merge that took the older of two sides": (s) => {
    s.put("older-side/run.sh", "one\n");
    branch(s, "older-side", () => s.put("older-side/o", "o\n"));
    const good = s.put("older-side/run.sh", "two\n");
    s.git("merge", "-q", "--no-ff", "--no-commit", "older-side");
    s.write("older-side/run.sh", "one\n");
    const commit = s.commit("Merge branch 'older-side'");
    return {
      ask: "older-side/run.sh",
      expected: { verdict: "worked-then-broke", kind: "reverted", commit, good, intentional: false },
    };
  },
  "a merge with everything of ours drops the newer file of theirs": (s) => {
    s.put("ours/base", "b\n");
    let good = "";
    branch(s, "ours-upstream", () => {
      good = s.put("ours/x.sh", SCRIPT);
    });
    s.put("ours/local", "l\n");
    s.git("merge", "-q", "-s", "ours", "-m", "Merge branch 'main' of github.com:me/tree", "ours-upstream");
    const commit = head(s);
    return { ask: "ours/x.sh", expected: { verdict: "worked-then-broke", kind: "deleted", commit, good } };
  },
  "a merge that put both sides together": (s) => {
    s.put("both/run.sh", "a\nb\nc\nd\ne\nf\ng\n");
    branch(s, "both", () => s.put("both/run.sh", "A\nb\nc\nd\ne\nf\ng\n"));
    s.put("both/run.sh", "a\nb\nc\nd\ne\nf\nG\n");
    s.git("merge", "-q", "--no-ff", "both");
    return { ask: "both/run.sh", expected: { verdict: "healthy", good: head(s) } };
  },
  "edited on a side branch that was merged": (s) => {
    s.put("side-edit/run.sh", "one\n");
    let good = "";
    branch(s, "side-edit", () => {
      good = s.put("side-edit/run.sh", "two\n");
    });
    s.put("side-edit/o", "o\n");
    s.git("merge", "-q", "--no-ff", "side-edit");
    return { ask: "side-edit/run.sh", expected: { verdict: "healthy", good } };
  },
  "reverted on a side branch that was merged: by that commit, not by the merge": (s) => {
    s.put("side-rev/run.sh", "one\n");
    const good = s.put("side-rev/run.sh", "two\n");
    let commit = "";
    branch(s, "side-rev", () => {
      s.write("side-rev/run.sh", "one\n");
      commit = s.put("side-rev/o", "o\n", "auto-commit on the branch");
    });
    s.put("side-rev/main", "m\n");
    s.git("merge", "-q", "--no-ff", "side-rev");
    return {
      ask: "side-rev/run.sh",
      expected: { verdict: "worked-then-broke", kind: "reverted", commit, good, intentional: false },
    };
  },
  "a squash merge that deletes": (s) => {
    const good = s.put("squash/x.sh", SCRIPT);
    branch(s, "squash", () => {
      s.remove("squash/x.sh");
      s.put("squash/o", "o\n", "work");
    });
    s.put("squash/main", "m\n");
    s.git("merge", "-q", "--squash", "squash");
    const commit = s.commit("feat: dashboards (#12)");
    return {
      ask: "squash/x.sh",
      expected: { verdict: "worked-then-broke", kind: "deleted", commit, good, intentional: false },
    };
  },
  "a merged request whose title removes it": (s) => {
    const good = s.put("titled/router.sh", SCRIPT);
    s.put("titled/keep", "k\n");
    let commit = "";
    branch(s, "titled", () => {
      s.remove("titled/router.sh");
      commit = s.commit("feat: remove router.sh");
    });
    s.git("merge", "-q", "--no-ff", "-m", "Merge pull request #7 from me/titled", "-m", "Remove router", "titled");
    return {
      ask: "titled/router.sh",
      expected: { verdict: "worked-then-broke", kind: "deleted", commit, good, intentional: true },
    };
  },
  "only on a branch that was never merged": (s) => {
    let good = "";
    branch(s, "unmerged", () => {
      good = s.put("unmerged/x.sh", SCRIPT);
    });
    return { ask: "unmerged/x.sh", expected: { verdict: "never-merged", good, commit: null } };
  },
  "a folder only on a branch that was never merged": (s) => {
    let good = "";
    branch(s, "unmerged-dir", () => {
      s.put("unmerged-dir/agent/a", "a\n");
      good = s.put("unmerged-dir/agent/b", "b\n");
    });
    return { ask: "unmerged-dir/agent", expected: { verdict: "never-merged", good } };
  },
  "made and deleted on a branch that was never merged": (s) => {
    let commit = "";
    branch(s, "unmerged-gone", () => {
      s.put("unmerged-gone/x.sh", SCRIPT);
      s.remove("unmerged-gone/x.sh");
      commit = s.put("unmerged-gone/y", "y\n", "go on");
    });
    return { ask: "unmerged-gone/x.sh", expected: { verdict: "never-merged", kind: "deleted", commit } };
  },
  "only on an orphan branch": (s) => {
    s.git("checkout", "-q", "--orphan", "pages");
    s.git("rm", "-r", "-q", "-f", "--cached", ".");
    s.git("clean", "-q", "-f", "-d", "-x");
    const good = s.put("orphan/x.html", "<p>\n", "pages");
    s.git("checkout", "-q", "-f", "main");
    return { ask: "orphan/x.html", expected: { verdict: "never-merged", good } };
  },
  "only in a stash": (s) => {
    s.write("stash/x.sh", SCRIPT);
    s.git("stash", "push", "-q", "--include-untracked");
    return { ask: "stash/x.sh", expected: { verdict: "never-merged", commit: null } };
  },
  "thrown away by git reset --hard": (s) => {
    s.put("reset/x.sh", SCRIPT);
    s.git("reset", "-q", "--hard", "HEAD~1");
    return { ask: "reset/x.sh", expected: { verdict: "worked-then-broke", kind: "deleted", commit: null } };
  },
  "on a branch that was deleted unmerged": (s) => {
    branch(s, "deleted-branch", () => s.put("deleted-branch/x.sh", SCRIPT));
    s.git("branch", "-q", "-D", "deleted-branch");
    return { ask: "deleted-branch/x.sh", expected: { verdict: "never-merged" } };
  },
  "merged, deleted, and still on the branch": (s) => {
    let good = "";
    branch(s, "still", () => {
      good = s.put("still/x.sh", SCRIPT);
    });
    s.git("merge", "-q", "--no-ff", "still");
    s.remove("still/x.sh");
    const commit = s.put("still/o", "o\n", "auto-commit");
    return { ask: "still/x.sh", expected: { verdict: "worked-then-broke", kind: "deleted", commit, good } };
  },
  "deleted on main, edited on the branch, conflict resolved as deleted": (s) => {
    s.put("conflict/x.sh", "one\n");
    branch(s, "conflict", () => s.put("conflict/x.sh", "two\n"));
    s.remove("conflict/x.sh");
    const commit = s.put("conflict/o", "o\n", "auto-commit");
    try {
      s.git("merge", "-q", "conflict");
    } catch {
      s.git("rm", "-q", "--cached", "conflict/x.sh");
      s.remove("conflict/x.sh");
      s.commit("Merge branch 'conflict'");
    }
    return { ask: "conflict/x.sh", expected: { verdict: "worked-then-broke", kind: "deleted", commit } };
  },
  "a submodule that went back": (s) => {
    s.git("update-index", "--add", "--cacheinfo", `160000,${"1".repeat(40)},vendor/lib`);
    s.git("commit", "-q", "-m", "lib 1");
    s.git("update-index", "--add", "--cacheinfo", `160000,${"2".repeat(40)},vendor/lib`);
    s.git("commit", "-q", "-m", "lib 2");
    const good = head(s);
    s.git("update-index", "--add", "--cacheinfo", `160000,${"1".repeat(40)},vendor/lib`);
    s.git("commit", "-q", "-m", "auto-commit");
    const commit = head(s);
    s.write("vendor/lib/.keep", "");
    return { ask: "vendor/lib", expected: { verdict: "worked-then-broke", kind: "reverted", commit, good } };
  },
};
