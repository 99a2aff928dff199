/** What to do, as exact commands, best first. Pure. Where Holdfast guards the tree, everything goes through it; nothing is ever checked out in place. */

import type { Launcher } from "./collectors/launchers.ts";
import type { Diagnosis, Proposal } from "./contract.ts";

type Judged = Pick<Diagnosis, "subject" | "verdict" | "change" | "movedTo" | "lastGood" | "state">;

export interface ProposalFacts {
  /** Holdfast guards this tree. */
  readonly hasMemory: boolean;
  readonly launchers: readonly Launcher[];
  /** Branches that have it, the likeliest first. */
  readonly branches: readonly string[];
  readonly mentions: readonly string[];
  /** Files of its name in other folders. */
  readonly namesakes: readonly string[];
}

export function proposalsFor(judged: Judged, facts: ProposalFacts): Proposal[] {
  const { verdict, change } = judged;
  if (change?.intentional === true && verdict !== "moved") return undoing(judged, facts);
  switch (verdict) {
    case "worked-then-broke":
      return [...backAgain(judged, facts), ...accepting(judged, facts)];
    case "never-worked":
      return mending(judged);
    case "never-merged":
      return [...merging(facts), ...fromCommit(judged, facts)];
    case "moved":
      return followed(judged, facts);
    case "stale-copy":
      return [{ title: "catch up", command: "git pull --ff-only", risk: "low" }];
    case "never-existed":
      return missing(judged, facts);
    case "healthy":
    case "unknown":
      return [];
  }
}

function backAgain(judged: Judged, facts: ProposalFacts): Proposal[] {
  const path = quoted(judged.subject.path);
  switch (judged.change?.kind) {
    case "mode-changed":
      return [{ title: "make it executable again", command: `chmod +x ${path}`, risk: "low" }];
    case "unreadable":
      return [{ title: "let yourself read it", command: `chmod u+r ${path}`, risk: "low" }];
    default:
      return [...fromVault(judged, facts), ...fromCommit(judged, facts)];
  }
}

function fromVault({ subject, lastGood }: Judged, { hasMemory }: ProposalFacts): Proposal[] {
  if (!hasMemory || lastGood?.source !== "vault") return [];
  const command = `holdfast restore ${quoted(subject.path)}${lastGood.snapshot === null ? "" : ` --from ${lastGood.snapshot}`}`;
  return [{ title: "put back the last good version", command, risk: "low" }];
}

/** Into a work order where one can run: then what is there is remembered first, and the result is accepted. */
function fromCommit({ subject, lastGood, state }: Judged, { hasMemory }: ProposalFacts): Proposal[] {
  if (lastGood?.commit == null || subject.component !== null) return [];
  const commit = lastGood.commit.slice(0, 12);
  const path = quoted(subject.path);
  const look = {
    title: "look at that version",
    command: `git show ${quoted(`${commit}:${subject.path}`)}`,
    risk: "none",
  } as const;
  const restore = `git restore --source=${commit} --worktree -- ${path}`;
  if (!hasMemory) {
    const note = state.exists ? "put that version back; what is there is replaced" : "put that version back";
    return [look, { title: note, command: restore, risk: state.exists ? "high" : "low" }];
  }
  const order = JSON.stringify({
    title: `restore ${subject.path} from ${commit}`,
    touches: [subject.path],
    steps: [{ name: "restore", run: restore }],
  });
  const command = `printf %s ${quoted(order)} | holdfast submit - --wait`;
  return [{ title: "put that version back, as a work order", command, risk: "low" }, look];
}

function accepting({ subject, change }: Judged, { hasMemory }: ProposalFacts): Proposal[] {
  if (!hasMemory || change === null) return [];
  const command = `holdfast accept ${quoted(subject.component ?? subject.path)}`;
  return [{ title: "or accept it as it is now", command, risk: "low" }];
}

function undoing(judged: Judged, facts: ProposalFacts): Proposal[] {
  return [...fromVault(judged, facts), ...fromCommit(judged, facts)].slice(0, 1);
}

function mending({ subject }: Judged): Proposal[] {
  return [{ title: "look at what it says", command: `head -n 20 ${quoted(subject.path)}`, risk: "none" }];
}

function merging({ branches }: ProposalFacts): Proposal[] {
  const [branch] = branches;
  if (branch === undefined) return [];
  return [
    { title: "see what the branch would bring", command: `git diff --stat HEAD...${quoted(branch)}`, risk: "none" },
    { title: "merge the branch", command: `git merge ${quoted(branch)}`, risk: "high" },
  ];
}

function followed({ movedTo }: Judged, { launchers }: ProposalFacts): Proposal[] {
  if (movedTo === null) return [];
  return [
    { title: "look at it where it is now", command: `holdfast diagnose ${quoted(movedTo)}`, risk: "none" },
    ...launchers.slice(0, 1).map(({ file, name }) => ({
      title: `point ${name} at ${movedTo}`,
      command: `"\${EDITOR:-vi}" ${quoted(file)}`,
      risk: "low" as const,
    })),
  ];
}

function missing({ subject }: Judged, { mentions, launchers, namesakes }: ProposalFacts): Proposal[] {
  const path = quoted(subject.path);
  const meant = namesakes.slice(0, 2).map((one) => ({
    title: "if that one is meant",
    command: `holdfast diagnose ${quoted(one)}`,
    risk: "none" as const,
  }));
  const [first] = [...launchers.map(({ file }) => file), ...mentions];
  const who =
    first === undefined
      ? []
      : [{ title: "see what counts on it", command: `grep -n -F ${path} ${quoted(first)}`, risk: "none" as const }];
  return [
    ...meant,
    ...who,
    { title: "make it: it has to be written", command: `"\${EDITOR:-vi}" ${path}`, risk: "low" },
  ];
}

/** As one word of a shell. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) && !text.startsWith("-") ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
