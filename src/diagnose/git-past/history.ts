/**
 * The commits that touched some paths as a graph, and what each of them has at a path. Pure.
 *
 * Dates are not trusted: commits come in any order, and only parents say what was before what.
 */

import { type GitState, sameContent, sameState, type Touch, twinKey } from "./read-log.ts";

export interface History {
  /** Parents before children. */
  readonly nodes: readonly Touch[];
  /** Of each node, in the order of `Touch.parents`; parents outside the log are left out. */
  readonly parents: readonly (readonly number[])[];
  /** The node where HEAD's history begins; -1 where the log is empty. */
  readonly top: number;
  /** Every path that was touched. */
  readonly paths: ReadonlySet<string>;
  /** What each node has at `path`. */
  statesOf(path: string): readonly (GitState | null)[];
  /** Marks `node` and everything before it. */
  upTo(node: number): Uint8Array;
}

/** `touches`: as the log of one starting point gave them, whose first is the nearest to it. */
export function historyOf(touches: readonly Touch[]): History {
  const nodes = parentsFirst(touches);
  const place = new Map(nodes.map(({ commit }, index) => [commit, index]));
  const parents = nodes.map((node) =>
    node.parents.flatMap((parent) => {
      const index = place.get(parent);
      return index === undefined ? [] : [index];
    }),
  );
  const paths = new Set<string>();
  for (const { left } of nodes) for (const path of left.keys()) paths.add(path);
  const states = new Map<string, (GitState | null)[]>();
  const reach = new Map<number, Uint8Array>();
  return {
    nodes,
    parents,
    paths,
    top: touches[0] === undefined ? -1 : place.get(touches[0].commit)!,
    statesOf(path) {
      const known = states.get(path) ?? statesAlong(path, nodes, parents);
      states.set(path, known);
      return known;
    },
    upTo(node) {
      const known = reach.get(node) ?? reachOf(node, parents);
      reach.set(node, known);
      return known;
    },
  };
}

/** A commit that did not touch the path has what its parents have: had they differed, it would be said of one of them. */
function statesAlong(
  path: string,
  nodes: readonly Touch[],
  parents: readonly (readonly number[])[],
): (GitState | null)[] {
  const states: (GitState | null)[] = [];
  for (const [index, { left }] of nodes.entries()) {
    const own = left.get(path);
    const first = parents[index]![0];
    states.push(own !== undefined ? own : first === undefined ? null : states[first]!);
  }
  return states;
}

function reachOf(node: number, parents: readonly (readonly number[])[]): Uint8Array {
  const seen = new Uint8Array(parents.length);
  const open = [node];
  seen[node] = 1;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const parent of parents[next]!) {
      if (seen[parent] === 1) continue;
      seen[parent] = 1;
      open.push(parent);
    }
  }
  return seen;
}

function parentsFirst(touches: readonly Touch[]): Touch[] {
  const byCommit = new Map(touches.map((touch) => [touch.commit, touch]));
  const ordered: Touch[] = [];
  const done = new Set<string>();
  for (const start of byCommit.values()) {
    const open = [{ touch: start, next: 0 }];
    while (open.length > 0) {
      const here = open.at(-1)!;
      if (done.has(here.touch.commit)) {
        open.pop();
        continue;
      }
      const parent = here.touch.parents[here.next];
      here.next += 1;
      if (parent === undefined) {
        done.add(here.touch.commit);
        ordered.push(here.touch);
        open.pop();
      } else if (!done.has(parent) && byCommit.has(parent)) open.push({ touch: byCommit.get(parent)!, next: 0 });
    }
  }
  return ordered;
}

// ------------------------------------------------------------------------------------------------------ who made a state

/** One change of a path along the line that leads to a commit. */
export interface Step {
  readonly touch: Touch;
  readonly from: GitState | null;
  readonly to: GitState | null;
  /** A merge chose it against what its sides say. */
  readonly byMerge: boolean;
}

const STEPS_MAX = 2_000;

/** Every change of `path` on the way to `node`, newest first. The newest made what `node` has. */
export function stepsTo(history: History, path: string, node = history.top): Step[] {
  const steps: Step[] = [];
  const makers = makersOf(history, path);
  const states = history.statesOf(path);
  for (let at = node; at >= 0 && steps.length < STEPS_MAX; ) {
    const made = makers(at);
    if (made === null) break;
    steps.push({
      touch: history.nodes[made.node]!,
      from: made.before < 0 ? null : states[made.before]!,
      to: states[made.node]!,
      byMerge: made.byMerge,
    });
    at = made.before;
  }
  return steps;
}

interface Made {
  readonly node: number;
  /** Where the state before it stands; -1: nowhere. */
  readonly before: number;
  readonly byMerge: boolean;
}

interface Crossing {
  readonly node: number;
  readonly taken: number;
  /** The side that has something else. */
  readonly other: number;
}

/**
 * Which node made what another one has; `null`: nobody, nothing was ever there.
 *
 * A merge that has what one side has took it from there, and the search goes on along that side – unless the other side had known that
 * state and gone on from it: then a merge of the two would have taken the newer one, and this merge went back by itself.
 */
function makersOf(history: History, path: string): (node: number) => Made | null {
  const states = history.statesOf(path);
  const everHad = everHadOf(history, states);
  const known = new Map<number, Made | null>();
  const makerOf = (start: number): Made | null => {
    const answer = known.get(start);
    if (answer !== undefined) return answer;
    const crossings: Crossing[] = [];
    let made = descend(start, history, { states, everHad }, crossings);
    // Guards against endless questions: a crossing may ask for the maker of another side.
    known.set(start, made);
    for (const crossing of crossings.reverse()) {
      if (isTakenBack(crossing, made, { history, path, makerOf }))
        made = { node: crossing.node, before: crossing.other, byMerge: true };
    }
    known.set(start, made);
    return made;
  };
  return makerOf;
}

/** Down to the node that differs from all its parents. On the way, merges that chose are noted. */
function descend(
  start: number,
  { nodes, parents }: History,
  { states, everHad }: { states: readonly (GitState | null)[]; everHad: Uint8Array },
  crossings: Crossing[],
): Made | null {
  for (let at = start; ; ) {
    const state = states[at]!;
    const before = parents[at]!;
    const alike = before.filter((parent) => sameState(states[parent]!, state));
    // A side that never had it says nothing of how it went on the other.
    const same = alike.find((parent) => everHad[parent] === 1) ?? alike[0];
    if (same === undefined) {
      if (before.length === 0) return state === null ? null : { node: at, before: -1, byMerge: false };
      const had =
        before.find((parent) => states[parent] !== null) ??
        before.find((parent) => everHad[parent] === 1) ??
        before[0]!;
      return { node: at, before: had, byMerge: nodes[at]!.parents.length > 1 || before.length > 1 };
    }
    const other = before.find((parent) => !sameState(states[parent]!, state));
    if (other !== undefined) crossings.push({ node: at, taken: same, other });
    at = same;
  }
}

/** Marks the nodes at which, or before which, something was there. */
function everHadOf({ nodes, parents }: History, states: readonly (GitState | null)[]): Uint8Array {
  const had = new Uint8Array(nodes.length);
  for (let node = 0; node < nodes.length; node += 1) {
    if (states[node] !== null || parents[node]!.some((parent) => had[parent] === 1)) had[node] = 1;
  }
  return had;
}

function isTakenBack(
  { taken, other }: Crossing,
  made: Made | null,
  { history, path, makerOf }: { history: History; path: string; makerOf: (node: number) => Made | null },
): boolean {
  const states = history.statesOf(path);
  // The side that was taken never had it: it cannot have removed it.
  if (made === null) return true;
  const state = states[taken]!;
  if (isBefore(made.node, other, history, path)) return true;
  if (state === null) return false;
  const reach = history.upTo(other);
  const wasThere = history.nodes.some((_, index) => reach[index] === 1 && sameContent(states[index]!, state));
  if (!wasThere) return false;
  const others = makerOf(other);
  return others !== null && !isBefore(others.node, taken, history, path);
}

/** True when `node`, or a rewritten twin of it, is before `later` or is it. */
function isBefore(node: number, later: number, history: History, path: string): boolean {
  const reach = history.upTo(later);
  if (reach[node] === 1) return true;
  const touch = history.nodes[node]!;
  const key = twinKey(touch);
  const left = touch.left.get(path);
  if (left === undefined) return false;
  return history.nodes.some((other, index) => {
    if (reach[index] !== 1 || twinKey(other) !== key) return false;
    const there = other.left.get(path);
    return there !== undefined && sameState(there, left);
  });
}
