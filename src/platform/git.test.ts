import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { realGit } from "./git.ts";

const port = realGit();
let dir: string;
let repository: string;

const git = (...args: string[]) =>
  execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t", "-c", "init.defaultBranch=main", ...args], {
    cwd: repository,
  })
    .toString()
    .trim();

beforeEach(() => {
  dir = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), "holdfast-git-")));
  repository = join(dir, "repository");
  fs.mkdirSync(join(repository, "deep/er"), { recursive: true });
  git("init", "-q");
});
afterEach(() => fs.rmSync(dir, { recursive: true, force: true }));

const commit = (name = "file") => {
  fs.writeFileSync(join(repository, name), name);
  git("add", name);
  git("commit", "-qm", name);
  return git("rev-parse", "HEAD");
};

describe("where a repository is", () => {
  it("is found from any folder inside", () => {
    const gitDir = join(repository, ".git");
    expect(port.locate(join(repository, "deep/er"))).toEqual({ workTree: repository, gitDir, commonDir: gitDir });
    expect(port.locate(dir)).toBeNull();
  });

  it("is told apart for a worktree, which shares the common folder", () => {
    const id = commit();
    git("worktree", "add", "-q", "-b", "side", "../side");
    const found = port.locate(join(dir, "side"))!;
    expect(found).toEqual({
      workTree: join(dir, "side"),
      gitDir: join(repository, ".git/worktrees/side"),
      commonDir: join(repository, ".git"),
    });
    expect(port.head(found)).toEqual({ branch: "side", commit: id });
  });

  it("is not taken from a .git that is none", () => {
    fs.mkdirSync(join(repository, "deep/.git"));
    fs.writeFileSync(join(repository, "deep/er/.git"), "gitdir: /no/such/folder\n");
    expect(port.locate(join(repository, "deep/er"))?.workTree).toBe(repository);
  });
});

describe("what is checked out", () => {
  const head = () => port.head(port.locate(repository)!);

  it("is a branch without a commit at first", () => {
    expect(head()).toEqual({ branch: "main", commit: null });
  });

  it("is a branch, loose or packed, or a commit", () => {
    const first = commit();
    expect(head()).toEqual({ branch: "main", commit: first });
    git("checkout", "-q", "-b", "topic/one");
    const second = commit("other");
    git("pack-refs", "--all");
    expect(fs.existsSync(join(repository, ".git/refs/heads/topic/one"))).toBe(false);
    expect(head()).toEqual({ branch: "topic/one", commit: second });
    const third = commit("third");
    expect(head()).toEqual({ branch: "topic/one", commit: third });
    git("checkout", "-q", "--detach", first);
    expect(head()).toEqual({ branch: null, commit: first });
  });

  it("is followed through a symbolic ref, and not out of the repository", () => {
    const id = commit();
    git("symbolic-ref", "refs/heads/alias", "refs/heads/main");
    git("symbolic-ref", "HEAD", "refs/heads/alias");
    expect(head()).toEqual({ branch: "alias", commit: id });
    fs.writeFileSync(join(repository, ".git/HEAD"), "ref: refs/../../../secret\n");
    expect(head()).toEqual({ branch: null, commit: null });
  });
});

describe("running git", () => {
  it("returns what git says, and throws when it fails", async () => {
    const id = commit();
    expect((await port.run(repository, ["rev-parse", "HEAD"])).toString()).toBe(`${id}\n`);
    expect((await port.run(repository, ["hash-object", "--stdin"], { stdin: "x" })).toString()).toHaveLength(41);
    await expect(port.run(repository, ["rev-parse", "--verify", "none"])).rejects.toThrow(/Needed a single revision/);
  });

  it("looks where it is told to, whatever the environment says", async () => {
    process.env["GIT_DIR"] = join(dir, "elsewhere");
    try {
      expect((await port.run(repository, ["rev-parse", "--git-dir"])).toString()).toBe(".git\n");
    } finally {
      delete process.env["GIT_DIR"];
    }
  });

  it("runs nothing that the repository configures, and does not write its index", async () => {
    fs.writeFileSync(join(repository, ".gitattributes"), "* filter=evil diff=evil\n");
    commit();
    const trap = join(dir, "trap.sh");
    fs.writeFileSync(trap, `#!/bin/sh\necho "$0 $*" >> ${dir}/sprung\ncat\n`, { mode: 0o755 });
    for (const key of [
      "core.fsmonitor",
      "core.sshCommand",
      "core.pager",
      "diff.external",
      "diff.evil.command",
      "diff.evil.textconv",
      "filter.evil.clean",
      "filter.evil.smudge",
      "filter.a=b.process",
      "gpg.program",
    ]) {
      git("config", key, trap);
    }
    git("config", "log.showSignature", "true");
    git("config", "filter.evil.required", "true");
    fs.mkdirSync(join(repository, ".git/hooks"), { recursive: true });
    fs.copyFileSync(trap, join(repository, ".git/hooks/post-index-change"));
    // Same size, other time: git has to read, and so to clean, the file.
    fs.writeFileSync(join(repository, "file"), "ELIF");
    const signer = join(dir, "signer.sh");
    fs.writeFileSync(signer, '#!/bin/sh\ncat >/dev/null\necho "[GNUPG:] SIG_CREATED " >&2\necho signature\n', {
      mode: 0o755,
    });
    git(
      "-c",
      `gpg.program=${signer}`,
      "-c",
      "core.fsmonitor=false",
      "commit",
      "-qS",
      "--allow-empty",
      "--no-verify",
      "-m",
      "signed",
    );
    fs.rmSync(join(dir, "sprung"), { force: true });
    const index = fs.readFileSync(join(repository, ".git/index"));

    expect((await port.run(repository, ["status", "--porcelain"])).toString()).toBe(" M file\n?? .gitattributes\n");
    expect((await port.run(repository, ["diff"])).toString()).toContain("+ELIF");
    expect((await port.run(repository, ["log", "-p"])).toString()).toContain("+file");
    expect(fs.existsSync(join(dir, "sprung"))).toBe(false);
    expect(fs.readFileSync(join(repository, ".git/index")).equals(index)).toBe(true);

    // The trap works: an unguarded git does spring it.
    execFileSync("git", ["diff"], { cwd: repository });
    expect(fs.existsSync(join(dir, "sprung"))).toBe(true);
  });

  it("does not write its index where only a file's times moved", async () => {
    commit();
    const index = join(repository, ".git/index");
    const before = { bytes: fs.readFileSync(index), ino: fs.statSync(index).ino };
    fs.utimesSync(join(repository, "file"), new Date(0), new Date(0));
    await port.run(repository, ["status", "--porcelain"]);
    await port.run(repository, ["diff", "HEAD"]);
    await port.run(repository, ["hash-object", "--", "file"]);
    expect(fs.statSync(index).ino).toBe(before.ino);
    expect(fs.readFileSync(index).equals(before.bytes)).toBe(true);
  });
});

it("a command may be given what is left of a time, which is seldom a whole number", async () => {
  commit();
  expect((await port.run(repository, ["rev-list", "--count", "HEAD"], { timeoutMs: 4999.5 })).toString()).toBe("1\n");
});
