/** Stories that need a repository of their own: how it was cloned, where HEAD stands, what the work tree did. For tests. */

import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newRepository, openStory, SCRIPT, type Story, type Told } from "./story-fixture.ts";

export interface Alone extends Told {
  /** Where it is asked. */
  readonly story: Story;
}

function temporary(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), "holdfast-story-")));
}

function cloned(origin: Story, ...options: string[]): Story {
  const dir = join(temporary(), "clone");
  mkdirSync(dir);
  origin.git("clone", "-q", ...options, `file://${origin.dir}`, dir);
  return openStory(dir);
}

/** The same commits again under other names: as `git filter-branch` leaves them, old ones kept by a branch. */
function rewritten(s: Story): void {
  s.git("branch", "old-history");
  s.git("filter-branch", "-f", "--msg-filter", "cat && echo && echo rewritten", "--", "main");
}

export const ALONE: Readonly<Record<string, () => Alone>> = {
  "a rewritten history beside the old one": () => {
    const story = newRepository();
    story.put("x.sh", SCRIPT);
    story.remove("x.sh");
    story.put("o", "o\n", "auto-commit");
    rewritten(story);
    const [commit, good] = story.git("log", "--format=%H", "-n", "2").trim().split("\n");
    return {
      story,
      ask: "x.sh",
      expected: {
        verdict: "worked-then-broke",
        kind: "deleted",
        commit: commit!,
        good: good!,
        twins: [story.git("rev-parse", "old-history").trim()],
      },
    };
  },
  "a rewritten history merged with the old one": () => {
    const story = newRepository();
    story.put("run.sh", "one\n");
    story.put("run.sh", "two\n");
    story.put("run.sh", "one\n", "auto-commit");
    rewritten(story);
    const [commit, good] = story.git("log", "--format=%H", "-n", "2").trim().split("\n");
    const twin = story.git("rev-parse", "old-history").trim();
    story.git("merge", "-q", "--allow-unrelated-histories", "-m", "merge the old history", "old-history");
    return {
      story,
      ask: "run.sh",
      expected: { verdict: "worked-then-broke", kind: "reverted", commit: commit!, good: good!, twins: [twin] },
    };
  },
  "a merge with the old history brings back an older version": () => {
    const story = newRepository();
    story.put("run.sh", "one\n");
    rewritten(story);
    const good = story.put("run.sh", "two\n");
    story.git("merge", "-q", "--no-commit", "-s", "ours", "--allow-unrelated-histories", "old-history");
    story.write("run.sh", "one\n");
    const commit = story.commit("merge the old history");
    return { story, ask: "run.sh", expected: { verdict: "worked-then-broke", kind: "reverted", commit, good } };
  },
  "a shallow clone: what came before is not known": () => {
    const origin = newRepository();
    origin.put("x.sh", SCRIPT);
    origin.remove("x.sh");
    for (const name of ["a", "b", "c"]) origin.put(name, name);
    const story = cloned(origin, "--depth=1");
    origin.end();
    return { story, ask: "x.sh", expected: { verdict: "unknown" } };
  },
  "a shallow clone that still has the deletion": () => {
    const origin = newRepository();
    const good = origin.put("x.sh", SCRIPT);
    origin.remove("x.sh");
    const commit = origin.put("a", "a", "auto-commit");
    const story = cloned(origin, "--depth=2");
    origin.end();
    return { story, ask: "x.sh", expected: { verdict: "worked-then-broke", kind: "deleted", commit, good } };
  },
  "a shallow clone, and the file is there": () => {
    const origin = newRepository();
    origin.put("x.sh", SCRIPT);
    origin.put("a", "a");
    const story = cloned(origin, "--depth=1");
    origin.end();
    return { story, ask: "x.sh", expected: { verdict: "healthy" } };
  },
  "a detached HEAD": () => {
    const story = newRepository();
    const good = story.put("x.sh", SCRIPT);
    story.remove("x.sh");
    const commit = story.put("o", "o\n", "auto-commit");
    story.git("checkout", "-q", "--detach", "HEAD");
    return { story, ask: "x.sh", expected: { verdict: "worked-then-broke", kind: "deleted", commit, good } };
  },
  "a detached HEAD before the file was made": () => {
    const story = newRepository();
    const good = story.put("x.sh", SCRIPT);
    story.git("checkout", "-q", "--detach", "HEAD~1");
    return { story, ask: "x.sh", expected: { verdict: "stale-copy", good } };
  },
  "a branch that is behind its upstream": () => {
    const origin = newRepository();
    const story = cloned(origin);
    const good = origin.put("x.sh", SCRIPT);
    story.git("fetch", "-q");
    origin.end();
    return { story, ask: "x.sh", expected: { verdict: "stale-copy", good } };
  },
  "a worktree on an older branch": () => {
    const main = newRepository();
    main.git("branch", "older");
    const good = main.put("x.sh", SCRIPT);
    const dir = join(temporary(), "work");
    main.git("worktree", "add", "-q", dir, "older");
    const story = openStory(dir);
    return { story, ask: "x.sh", expected: { verdict: "stale-copy", good } };
  },
  "a worktree where a commit deleted it": () => {
    const main = newRepository();
    const good = main.put("x.sh", SCRIPT);
    const dir = join(temporary(), "work");
    main.git("worktree", "add", "-q", "-b", "side", dir);
    const story = openStory(dir);
    story.remove("x.sh");
    const commit = story.put("o", "o\n", "auto-commit");
    return { story, ask: "x.sh", expected: { verdict: "worked-then-broke", kind: "deleted", commit, good } };
  },
  "gone from the work tree, still in git": () => {
    const story = newRepository();
    const good = story.put("x.sh", SCRIPT);
    story.remove("x.sh");
    return { story, ask: "x.sh", expected: { verdict: "worked-then-broke", kind: "deleted", commit: null, good } };
  },
  "a folder gone from the work tree, still in git": () => {
    const story = newRepository();
    story.put("agent/a", "a\n");
    const good = story.put("agent/b", "b\n");
    story.remove("agent");
    return { story, ask: "agent", expected: { verdict: "worked-then-broke", kind: "deleted", commit: null, good } };
  },
  "back at an older version in the work tree": () => {
    const story = newRepository();
    story.put("x.sh", "one\n");
    const good = story.put("x.sh", "two\n");
    story.write("x.sh", "one\n");
    return { story, ask: "x.sh", expected: { verdict: "worked-then-broke", kind: "reverted", commit: null, good } };
  },
  "new work that is not committed": () => {
    const story = newRepository();
    story.put("x.sh", "one\n");
    const good = story.put("x.sh", "two\n");
    story.write("x.sh", "three\n");
    return { story, ask: "x.sh", expected: { verdict: "healthy", good } };
  },
  "emptied in the work tree": () => {
    const story = newRepository();
    const good = story.put("x.sh", "one\n");
    story.write("x.sh", "");
    return { story, ask: "x.sh", expected: { verdict: "worked-then-broke", kind: "emptied", commit: null, good } };
  },
  "made not executable in the work tree": () => {
    const story = newRepository();
    story.write("x.sh", SCRIPT, 0o755);
    const good = story.commit("x");
    story.write("x.sh", SCRIPT, 0o644);
    return { story, ask: "x.sh", expected: { verdict: "worked-then-broke", kind: "mode-changed", commit: null, good } };
  },
  "a file system that keeps no executable bits": () => {
    const story = newRepository();
    story.write("x.sh", SCRIPT, 0o755);
    const good = story.commit("x");
    story.git("config", "core.fileMode", "false");
    story.write("x.sh", SCRIPT, 0o644);
    return { story, ask: "x.sh", expected: { verdict: "healthy", good } };
  },
  "a link in the work tree where git has a file": () => {
    const story = newRepository();
    const good = story.put("x.sh", SCRIPT);
    story.link("x.sh", "README.md");
    return { story, ask: "x.sh", expected: { verdict: "worked-then-broke", kind: "type-changed", commit: null, good } };
  },
  "line ends as the work tree wants them": () => {
    const story = newRepository();
    story.put("x.sh", "one\n");
    const good = story.put("x.sh", "two\ntwo\n");
    story.write("x.sh", "two\r\ntwo\r\n");
    return { story, ask: "x.sh", expected: { verdict: "healthy", good } };
  },
  "left out by a sparse checkout": () => {
    const story = newRepository();
    story.put("in/a", "a\n");
    const good = story.put("out/b", "b\n");
    story.git("sparse-checkout", "set", "in");
    return { story, ask: "out/b", expected: { verdict: "healthy", good } };
  },
  "never in git, ignored, and gone: nobody can know": () => {
    const story = newRepository();
    story.put(".gitignore", ".env\n");
    return { story, ask: ".env", expected: { verdict: "unknown" } };
  },
  "never in git, and there": () => {
    const story = newRepository();
    story.write("notes.txt", "n\n");
    return { story, ask: "notes.txt", expected: { verdict: "healthy", good: null } };
  },
  "no commit yet": () => {
    const story = openStory();
    story.git("init", "-q", "-b", "main");
    return { story, ask: "x.sh", expected: { verdict: "never-existed" } };
  },
  "no git, and nothing there": () => {
    const story = openStory();
    return { story, ask: "x.sh", expected: { verdict: "unknown" } };
  },
  "no git, and a file there": () => {
    const story = openStory();
    story.write("x.sh", SCRIPT);
    return { story, ask: "x.sh", expected: { verdict: "unknown" } };
  },
  "a broken repository is not known, and nothing else": () => {
    const story = newRepository();
    story.put("x.sh", SCRIPT);
    story.remove("x.sh");
    story.commit("auto-commit");
    rmSync(join(story.dir, ".git/objects"), { recursive: true });
    mkdirSync(join(story.dir, ".git/objects"));
    return { story, ask: "x.sh", expected: { verdict: "unknown" } };
  },
  "a path inside a submodule": () => {
    const library = newRepository();
    const good = library.put("x.sh", SCRIPT);
    library.remove("x.sh");
    const commit = library.put("o", "o\n", "auto-commit");
    const story = newRepository();
    story.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", library.dir, "vendor/lib");
    story.commit("lib");
    library.end();
    return { story, ask: "vendor/lib/x.sh", expected: { verdict: "worked-then-broke", kind: "deleted", commit, good } };
  },
};
