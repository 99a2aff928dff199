/** What to do, as exact commands, best first. Pure. */

import type { Diagnosis, Proposal } from "./contract.ts";
import type { Described } from "./describe.ts";

type Judged = Pick<Diagnosis, "subject" | "verdict" | "change" | "movedTo" | "lastGood" | "state">;

export function proposalsFor(judged: Judged, _described: Described): Proposal[] {
  const { verdict, change, lastGood, subject, movedTo } = judged;
  const path = quoted(subject.path);
  const commit = lastGood?.commit ?? null;
  switch (verdict) {
    case "worked-then-broke":
      if (change?.kind === "mode-changed")
        return [{ title: "make it executable again", command: `chmod +x ${path}`, risk: "low" }];
      return commit === null ? [] : fromCommit(commit, subject.path);
    case "never-merged":
      return commit === null ? [] : fromCommit(commit, subject.path);
    case "moved":
      return movedTo === null
        ? []
        : [{ title: "use it where it is now", command: `holdfast diagnose ${quoted(movedTo)}`, risk: "none" }];
    case "stale-copy":
      return [{ title: "catch up", command: "git pull --ff-only", risk: "low" }];
    default:
      return [];
  }
}

function fromCommit(commit: string, path: string): Proposal[] {
  return [
    {
      title: "look at the last good version",
      command: `git show ${quoted(`${commit.slice(0, 12)}:${path}`)}`,
      risk: "none",
    },
    { title: "put it back", command: `git restore --source=${commit.slice(0, 12)} -- ${quoted(path)}`, risk: "low" },
  ];
}

export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
