/** For what HEAD's line never had: the tips of branches, stashes, commits that no ref reaches any more, the moves of HEAD. */

import { join } from "node:path";
import { LIMITS, type Ports } from "../../base/index.ts";
import { type ReflogLine, readReflog } from "../../cause/index.ts";
import type { Touch } from "../git-past/read-log.ts";
import { isIgnored, pathspecOf, type Repository, readFacts } from "../git-past/repository.ts";
import type { Subject } from "../subject.ts";
import type { AbsentCase, Dropped, Sighting, Tip } from "../verdict/absent-case.ts";
import { looseCommits } from "./loose-commits.ts";

export type Elsewhere = Pick<AbsentCase, "tips" | "newest" | "stash" | "dropped" | "isIgnored">;

export interface ElsewhereRequest {
  readonly repository: Repository;
  readonly subject: Subject;
  readonly others: readonly Touch[];
}

export async function lookElsewhere(
  request: ElsewhereRequest,
  ports: Pick<Ports, "disk">,
): Promise<{ found: Elsewhere; note: string | null }> {
  const { repository, others } = request;
  const reflog = readReflog(join(repository.location.gitDir, "logs/HEAD"), ports.disk);
  const [part] = request.subject.parts;
  const [tips, stash, lost, dropped, ignored] = await Promise.all([
    tipsOf(request),
    stashOf(request, ports),
    lostTouches(request, reflog, ports),
    droppedOf(request, reflog),
    part!.isGlob ? false : isIgnored(repository, part!.path),
  ]);
  const newest = newestOf(others, "on a branch that was never merged") ?? newestOf(lost.touches, LOST);
  return { found: { tips, stash, dropped, newest, isIgnored: ignored }, note: lost.note };
}

const LOST = "in commits that no branch has any more";

function newestOf(touches: readonly Touch[], where: string): Sighting | null {
  const [touch] = touches;
  if (touch === undefined) return null;
  const wentAway = [...touch.left.values()].every((state) => state === null);
  return {
    at: touch.committedMs,
    touch,
    wentAway,
    says: `it was ${where}${wentAway ? ", and was deleted there" : ""}`,
  };
}

// ------------------------------------------------------------------------------------------------------------------ tips

interface Ref {
  readonly name: string;
  readonly commit: string;
  readonly isUpstream: boolean;
}

const TRUNK = /^refs\/(?:heads|remotes\/[^/]+)\/(?:main|master|trunk)$/;

async function tipsOf({ repository, subject, others }: ElsewhereRequest): Promise<Tip[]> {
  if (others.length === 0) return [];
  const refs = await readRefs(repository);
  const [part] = subject.parts;
  const literal = subject.parts.length === 1 && !part!.isGlob ? part!.path : null;
  const having = await refsThatHave(repository, refs, literal, others);
  const tips = await Promise.all(
    having.map(async (ref) => ({
      ref: shortName(ref.name),
      touch: others.find((touch) => touch.ref === ref.name) ?? others[0] ?? null,
      isAhead: await isAhead(repository, ref),
      rank: (TRUNK.test(ref.name) ? 2 : 0) + (ref.name.startsWith("refs/heads/") ? 1 : 0),
    })),
  );
  return tips.sort((a, b) => b.rank - a.rank);
}

const TIPS_MAX = 20;

async function refsThatHave(
  repository: Repository,
  refs: readonly Ref[],
  path: string | null,
  others: readonly Touch[],
): Promise<Ref[]> {
  if (path === null) {
    const named = new Set(
      others.filter(({ left }) => [...left.values()].some((state) => state !== null)).map(({ ref }) => ref),
    );
    return refs.filter(({ name }) => named.has(name)).slice(0, TIPS_MAX);
  }
  const facts = await readFacts(
    repository,
    refs.map(({ commit }) => `${commit}:${path}`),
  );
  return refs.filter((_, index) => facts[index] !== null).slice(0, TIPS_MAX);
}

async function readRefs(repository: Repository): Promise<Ref[]> {
  const format = "%(refname)%00%(objectname)%00%(upstream)%00%(HEAD)";
  const lines = (await repository.run(["for-each-ref", `--format=${format}`])).toString("utf8").split("\n");
  const rows = lines.map((line) => line.split("\0")).filter((row) => row.length === 4);
  const upstream = rows.find(([, , , head]) => head === "*")?.[2] || null;
  return rows
    .filter(([name]) => name !== "refs/stash" && !name!.endsWith("/HEAD"))
    .map(([name, commit]) => ({ name: name!, commit: commit!, isUpstream: name === upstream }));
}

/** HEAD has only to catch up: it is an ancestor of its upstream, or on no branch of its own and an ancestor of the trunk. */
async function isAhead(repository: Repository, { name, commit, isUpstream }: Ref): Promise<boolean> {
  const { head } = repository;
  const isOffTrunk = head.branch === null || !TRUNK.test(`refs/heads/${head.branch}`);
  if (head.commit === null || !(isUpstream || (isOffTrunk && TRUNK.test(name)))) return false;
  const base = await repository.run(["rev-list", "--max-count=1", `${commit}..${head.commit}`]);
  return base.length === 0;
}

function shortName(ref: string): string {
  return ref.replace(/^refs\/(heads|remotes|tags)\//, "");
}

// ----------------------------------------------------------------------------------------------------------------- stash

async function stashOf(
  { repository, subject }: ElsewhereRequest,
  { disk }: Pick<Ports, "disk">,
): Promise<Sighting | null> {
  const lines = readReflog(join(repository.location.commonDir, "logs/refs/stash"), disk).reverse();
  const paths = subject.parts.filter(({ isGlob }) => !isGlob).map(({ path }) => path);
  if (lines.length === 0 || paths.length === 0) return null;
  const asked = lines.flatMap(({ after }, index) =>
    paths.flatMap((path) => [`${after}:${path}`, `${after}^3:${path}`].map((name) => ({ name, index, after }))),
  );
  const facts = await readFacts(
    repository,
    asked.map(({ name }) => name),
  );
  const found = facts.findIndex((one) => one !== null);
  if (found < 0) return null;
  const { index, after, name } = asked[found]!;
  const { atMs, message } = lines[index]!;
  return {
    at: atMs,
    touch: stashTouch(name.startsWith(`${after}^3`) ? `${after}^3` : after, atMs, message),
    wentAway: false,
    says: `it is in stash@{${index}} (${message}), and was never committed`,
  };
}

function stashTouch(commit: string, atMs: number, subject: string): Touch {
  const none = { parents: [], author: "", ref: "refs/stash", body: "", left: new Map() };
  return { ...none, commit: commit.replace("^3", ""), authoredMs: atMs, committedMs: atMs, subject };
}

// ------------------------------------------------------------------------------------------------------ what no ref reaches

async function lostTouches(
  { repository, subject }: ElsewhereRequest,
  reflog: readonly ReflogLine[],
  ports: Pick<Ports, "disk">,
): Promise<{ touches: Touch[]; note: string | null }> {
  const loose = await looseCommits(repository, ports);
  const commits = new Set([...reflog.flatMap(({ before, after }) => [before, after]), ...loose.commits]);
  const known = [...commits].filter((commit) => !/^0+$/.test(commit));
  if (known.length === 0) return { touches: [], note: loose.note };
  const reached = repository.head.commit === null ? ["--all"] : ["--all", "HEAD"];
  const touches = await repository.touches(
    ["--ignore-missing", "--not", ...reached],
    subject.parts.map(pathspecOf),
    `${known.join("\n")}\n`,
  );
  return { touches, note: loose.note };
}

/** The newest move of HEAD away from a commit that had it, by which commits can be thrown away. */
async function droppedOf(
  { repository, subject }: ElsewhereRequest,
  reflog: readonly ReflogLine[],
): Promise<Dropped | null> {
  const moves = reflog.slice(-LIMITS.diagnoseReflogMax).reverse();
  const paths = subject.parts.filter(({ isGlob }) => !isGlob).map(({ path }) => path);
  const [path] = paths;
  if (moves.length === 0 || path === undefined) return null;
  const facts = await readFacts(
    repository,
    moves.flatMap(({ before, after }) => [`${before}:${path}`, `${after}:${path}`]),
  );
  const index = moves.findIndex((_, at) => facts[2 * at] !== null && facts[2 * at + 1] === null);
  if (index < 0) return null;
  const { before, atMs, message } = moves[index]!;
  if (!/^(reset|rebase|commit \(amend\)|pull.*rebase|branch: Reset)/.test(message)) return null;
  return { at: atMs, commit: before, by: `\`git ${message.replace(": moving to", "")}\`` };
}
