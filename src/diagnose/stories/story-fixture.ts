/** Histories made by real git, and questions asked of them. For tests. */

import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Ports } from "../../base/index.ts";
import { realPorts } from "../../platform/index.ts";
import type { ChangeKind, Diagnosis, Verdict } from "../contract.ts";
import { diagnose } from "../diagnose.ts";

/** Stories share repositories; each keeps to paths of its own. */
export interface Story {
  readonly dir: string;
  git(...args: string[]): string;
  write(path: string, text: string, mode?: number): void;
  link(path: string, target: string): void;
  remove(path: string): void;
  /** Everything that changed; the commit's id. Dates go on by a minute each, unless `at` (Unix seconds) says otherwise. */
  commit(subject: string, options?: { at?: number; body?: string; author?: string }): string;
  /** Writes and commits. */
  put(path: string, text: string, subject?: string): string;
  ask(path: string, options?: { cwd?: string }): Promise<Diagnosis>;
  end(): void;
}

const FIRST_SECOND = 1_762_000_000;

export function openStory(
  dir = realpathSync(mkdtempSync(join(tmpdir(), "holdfast-story-"))),
  ports = storyPorts(),
): Story {
  let second = FIRST_SECOND;
  const git = (...args: string[]) => runGit(dir, args, second);
  const at = (path: string) => join(dir, path);
  const story: Story = {
    dir,
    git,
    write(path, text, mode) {
      mkdirSync(dirname(at(path)), { recursive: true });
      writeFileSync(at(path), text);
      if (mode !== undefined) chmodSync(at(path), mode);
    },
    link(path, target) {
      rmSync(at(path), { recursive: true, force: true });
      mkdirSync(dirname(at(path)), { recursive: true });
      symlinkSync(target, at(path));
    },
    remove: (path) => rmSync(at(path), { recursive: true }),
    commit(subject, options = {}) {
      second = options.at ?? second + 60;
      git("add", "--all");
      const author = options.author === undefined ? [] : [`--author=${options.author} <${options.author}@example.org>`];
      const body = options.body === undefined ? [] : ["-m", options.body];
      git("commit", "-q", "--allow-empty", ...author, "-m", subject, ...body);
      return git("rev-parse", "HEAD").trim();
    },
    put(path, text, subject = `edit ${path}`) {
      story.write(path, text);
      return story.commit(subject);
    },
    ask: (path, options = {}) =>
      diagnose({ text: path, place: { root: dir, cwd: options.cwd ?? null, components: {} } }, ports),
    end: () => rmSync(dir, { recursive: true, force: true }),
  };
  return story;
}

export function newRepository(): Story {
  const story = openStory();
  story.git("init", "-q", "-b", "main");
  story.put("README.md", "# A tree\n", "first");
  return story;
}

function storyPorts(): Ports {
  return realPorts();
}

function runGit(dir: string, args: readonly string[], second: number): string {
  const date = `${second} +0000`;
  const env = {
    PATH: process.env["PATH"],
    HOME: dir,
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_AUTHOR_NAME: "A",
    GIT_AUTHOR_EMAIL: "a@example.org",
    GIT_COMMITTER_NAME: "A",
    GIT_COMMITTER_EMAIL: "a@example.org",
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_DATE: date,
    GIT_MERGE_AUTOEDIT: "no",
    FILTER_BRANCH_SQUELCH_WARNING: "1",
  };
  return execFileSync("git", args, { cwd: dir, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

export interface Expected {
  readonly verdict: Verdict;
  readonly kind?: ChangeKind;
  readonly commit?: string | null;
  /** The commit of the last good version. */
  readonly good?: string | null;
  readonly movedTo?: string;
  readonly intentional?: boolean;
  readonly twins?: readonly string[];
}

/** What an answer says of what a story expects, in the same shape. */
export function told(answer: Diagnosis, expected: Expected): Partial<Expected> {
  const { change, lastGood } = answer;
  return {
    verdict: answer.verdict,
    kind: change?.kind,
    ...("commit" in expected ? { commit: change?.commit ?? null } : {}),
    ...("good" in expected ? { good: lastGood?.commit ?? null } : {}),
    ...("twins" in expected ? { twins: change?.equivalentCommits } : {}),
    ...("movedTo" in expected ? { movedTo: answer.movedTo ?? undefined } : {}),
    ...(change === null ? {} : { intentional: change.intentional }),
  } as Partial<Expected>;
}

/** A story's paths are its own: stories are told one after another in one repository, and asked when all are told. */
export type Stories = Readonly<Record<string, (story: Story) => Told>>;

export interface Told {
  readonly ask: string;
  readonly expected: Expected;
}

export const SCRIPT = "#!/bin/sh\necho hello\n";

export function asTold(expected: Expected): Partial<Expected> {
  return {
    kind: undefined,
    ...(expected.kind === undefined ? {} : { intentional: false }),
    ...expected,
  } as Partial<Expected>;
}
