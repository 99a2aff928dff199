/** The verdict as one sentence for people. Pure. */

import type { ChangeKind, Diagnosis } from "./contract.ts";
import type { Finding } from "./verdict/finding.ts";

type Judged = Pick<Diagnosis, "subject" | "verdict" | "change" | "movedTo" | "lastGood">;

export function sentenceOf(judged: Judged, { because }: Finding): string {
  const why = because === "" ? "" : ` – ${because}`;
  return `${judged.subject.component ?? judged.subject.path}: ${claimOf(judged)}${why}`;
}

function claimOf({ verdict, change, movedTo, lastGood }: Judged): string {
  switch (verdict) {
    case "healthy":
      return change === null ? "healthy" : `healthy; ${doing(change.kind)} ${when(change)}${meant(change)}`;
    case "never-existed":
      return "never existed";
    case "never-worked":
      return "never worked";
    case "never-merged":
      return "never merged";
    case "moved":
      return `moved to ${movedTo ?? "elsewhere"}${change === null ? "" : ` ${when(change)}`}`;
    case "stale-copy":
      return "not here yet: this copy is behind";
    case "unknown":
      return "unknown";
    case "worked-then-broke": {
      const since = lastGood?.at == null ? "it worked" : `it worked (last good ${day(lastGood.at)})`;
      return change === null
        ? `${since}, then broke`
        : `${since}; ${doing(change.kind)} ${when(change)}${meant(change)}`;
    }
  }
}

function meant({ intentional }: NonNullable<Diagnosis["change"]>): string {
  return intentional ? ", on purpose" : "";
}

function when({ at, by }: NonNullable<Diagnosis["change"]>): string {
  const time = at === null ? "" : ` ${day(at)}`;
  const hand = by === null ? "" : ` by ${by.what}${by.actor === null ? "" : ` (${by.actor})`}`;
  return `${time}${hand}`.trim() || "by nobody knows whom";
}

function day(at: string): string {
  return `${at.slice(0, 16).replace("T", " ")}Z`;
}

const DOING: Readonly<Record<ChangeKind, string>> = {
  deleted: "deleted",
  reverted: "put back to an older version",
  modified: "broken by an edit",
  truncated: "cut off",
  emptied: "emptied",
  "mode-changed": "made not executable",
  "type-changed": "turned into something else",
  unreadable: "made unreadable",
  untracked: "let go by git",
  renamed: "renamed",
  "service-failed": "its service failed",
};

function doing(kind: ChangeKind): string {
  return DOING[kind];
}
