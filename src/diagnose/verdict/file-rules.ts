/**
 * What became of a path that is there, or was on HEAD's line: a table of rules, the first that finds something decides. Pure.
 *
 * What is there is judged by what it was before: content that was never seen is going on, whatever it replaced.
 */

import { shrinkOf } from "./append-only.ts";
import { type FileCase, type Link, type State, sameContents } from "./file-case.ts";
import type { FileRule, Finding } from "./finding.ts";
import { goodBefore, isEmpty, makerOfContent, returnsAt } from "./good-states.ts";

export const FILE_RULES: readonly FileRule[] = [
  { name: "cannot be read", find: unreadable },
  { name: "left out by a sparse checkout", find: leftOut },
  { name: "gone", find: gone },
  { name: "of another kind than it was", find: typeChanged },
  { name: "emptied", find: emptied },
  { name: "cut off, though it only ever grew", find: truncated },
  { name: "back at an older content", find: reverted },
  { name: "not executable any more", find: modeChanged },
  { name: "broken by an edit", find: brokenByEdit },
  { name: "broken from the start", find: neverWorked },
  { name: "it ran, and then could not any more", find: serviceFailed },
  { name: "it could never run", find: neverRan },
  { name: "there, but git was told to let go of it", find: untrackedHere },
  { name: "there, with no history to compare it with", find: withoutPast },
  { name: "there, and as it should be", find: healthy },
];

type Found = Omit<Finding, "rule"> | null;

function unreadable({ present, line, contents }: FileCase): Found {
  if (present.unreadable === null) return null;
  const good = line.find(({ to }) => to !== null && !isEmpty(to, contents)) ?? null;
  return {
    verdict: "worked-then-broke",
    kind: "unreadable",
    link: null,
    good,
    confidence: good === null ? 0.6 : 0.85,
    because: `it is there, but cannot be read (${present.unreadable})`,
  };
}

function leftOut({ present, index, line }: FileCase): Found {
  if (present.kind !== "absent" || index?.isSkipped !== true) return null;
  return {
    verdict: "healthy",
    kind: null,
    link: null,
    good: line.find(({ to }) => to !== null) ?? null,
    confidence: 0.9,
    because: "git has it; this work tree leaves it out (sparse checkout)",
  };
}

function gone({ present, line, contents, inHead }: FileCase): Found {
  if (present.kind !== "absent" || line[0] === undefined) return null;
  const [link] = line;
  return {
    verdict: "worked-then-broke",
    kind: "deleted",
    link,
    good: goodBefore(line, 0, contents),
    confidence: link.touch === null ? 0.9 : 0.97,
    because: inHead !== null ? "it is gone from the work tree, and git still has it" : "",
  };
}

function typeChanged({ line, contents }: FileCase): Found {
  for (const [index, link] of line.entries()) {
    const before = link.from ?? line.slice(index + 1).find(({ to }) => to !== null)?.to ?? null;
    if (link.to === null) return null;
    if (before !== null && before.kind !== link.to.kind) {
      return {
        ...broke("type-changed", link),
        good: goodBefore(line, index, contents),
        because: `it was ${NAMES[before.kind]} and is ${NAMES[link.to.kind]}`,
      };
    }
    // As that kind it went on.
    if (!sameContents(link.from, link.to) && !returnsAt(line, index)) return null;
  }
  return null;
}

const NAMES: Record<State["kind"], string> = {
  file: "a file",
  link: "a symbolic link",
  dir: "a folder",
  submodule: "a submodule",
  other: "a device, fifo or socket",
};

function emptied({ line, contents }: FileCase): Found {
  const now = line[0]?.to;
  if (now == null || !isEmpty(now, contents)) return null;
  const index = line.findIndex(({ from, to }) => to !== null && from !== null && !isEmpty(from, contents));
  const again = index >= 0 ? index : line.findIndex(({ to }) => to !== null && !isEmpty(to, contents)) - 1;
  if (again < 0) return null;
  return {
    ...broke("emptied", line[again]!),
    good: goodBefore(line, again, contents),
    because: "nothing is left in it",
  };
}

function truncated({ line, path, contents }: FileCase): Found {
  const shrink = shrinkOf(line, path, contents);
  if (shrink === null) return null;
  const { index, onlyGrows } = shrink;
  if (!onlyGrows && returnsAt(line, index)) return null;
  return {
    ...broke("truncated", line[index]!),
    confidence: 0.9,
    good: line.slice(index + 1).find(({ to }) => to !== null) ?? null,
    because: "its end is missing, and never came back",
  };
}

function reverted({ line, contents, present }: FileCase): Found {
  const index = makerOfContent(line);
  if (present.kind === "absent" || index < 0 || !returnsAt(line, index)) return null;
  const { to } = line[index]!;
  const returns = line.filter((link, place) => sameContents(link.to, to) && returnsAt(line, place)).length;
  return {
    ...broke("reverted", line[index]!),
    // What goes to and fro may be meant to.
    confidence: returns > 2 ? 0.6 : 0.92,
    good: goodBefore(line, index, contents),
    because: "its content is that of an older version",
  };
}

const RUNS = /\.(sh|bash|zsh|command)$/i;

function modeChanged({ line, path, present, contents }: FileCase): Found {
  const now = line[0]?.to;
  if (now?.kind !== "file" || now.isExecutable) return null;
  const index = line.findIndex(({ from, to }) => from?.kind === "file" && to?.kind === "file" && from.isExecutable);
  const isScript = RUNS.test(path) || present.head.subarray(0, 2).toString("latin1") === "#!";
  if (index < 0 || !isScript) return null;
  return {
    ...broke("mode-changed", line[index]!),
    good: goodBefore(line, index, contents),
    because: "it lost its executable bit",
  };
}

function brokenByEdit({ trouble, line }: FileCase): Found {
  if (trouble?.soundAt == null) return null;
  return {
    ...broke("modified", line.find(({ touch }) => touch === trouble.since) ?? line[0] ?? null),
    good: line.find(({ touch }) => touch === trouble.soundAt) ?? null,
    confidence: trouble.certainty,
    because: trouble.says,
  };
}

function neverWorked({ trouble }: FileCase): Found {
  if (trouble === null) return null;
  return {
    verdict: "never-worked",
    kind: null,
    link: null,
    good: null,
    confidence: trouble.certainty,
    because: trouble.says,
  };
}

/** Logs say so, and nothing was changed since: an edit after the failure may have mended it. */
function failsStill({ service, line }: FileCase): boolean {
  const changedMs = line[0]?.touch?.committedMs ?? null;
  return (
    service !== null &&
    line[0] !== undefined &&
    (service.failedAtMs === null || changedMs === null || changedMs <= service.failedAtMs)
  );
}

function serviceFailed(one: FileCase): Found {
  const { service, line } = one;
  if (!failsStill(one) || service!.workedAtMs === null) return null;
  return {
    verdict: "worked-then-broke",
    kind: "service-failed",
    link: null,
    good: line.find(({ touch }) => touch !== null && touch.committedMs <= service!.workedAtMs!) ?? null,
    confidence: 0.7,
    because: service!.says,
  };
}

function neverRan(one: FileCase): Found {
  const { service, line } = one;
  if (!failsStill(one) || service!.workedAtMs !== null) return null;
  return {
    verdict: "never-worked",
    kind: null,
    link: null,
    good: null,
    confidence: line.length > 1 ? 0.6 : 0.7,
    because: service!.says,
  };
}

function untrackedHere({ present, line, index, inHead }: FileCase): Found {
  const deletion = line.findIndex(({ to, touch }) => to === null && touch !== null);
  if (present.kind === "absent" || inHead !== null || index !== null || deletion < 0) return null;
  return {
    verdict: "healthy",
    kind: "untracked",
    link: line[deletion]!,
    good: line[deletion + 1] ?? null,
    confidence: 0.85,
    because: "it is there, but git does not keep it any more",
  };
}

function withoutPast({ present, hasPast }: FileCase): Found {
  if (present.kind === "absent" || hasPast) return null;
  return {
    verdict: "unknown",
    kind: null,
    link: null,
    good: null,
    confidence: 0.4,
    because: "it is there, and there is no history to compare it with",
  };
}

function healthy({ present, line, inHead }: FileCase): Found {
  if (present.kind === "absent") return null;
  const isNew = inHead !== null && line[0]?.touch === null;
  const asGitHasIt = inHead === null ? "it is there, as it was remembered" : "it is there, as git has it";
  return {
    verdict: "healthy",
    kind: null,
    link: null,
    good: line.find(({ to, touch }) => to !== null && touch !== null) ?? null,
    confidence: line.length === 0 ? 0.8 : 0.95,
    because:
      line.length === 0
        ? "it is there; git never kept it"
        : isNew
          ? "it is there, with changes that are not committed"
          : asGitHasIt,
  };
}

function broke(kind: NonNullable<Finding["kind"]>, link: Link | null): Omit<Finding, "rule" | "good" | "because"> {
  return { verdict: "worked-then-broke", kind, link, confidence: 0.95 };
}
